"""The section of predictions against the actual figures."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest

from analytics.models import PerformancePrediction
from analytics.querysets.predictions import WITH_ACTUAL, WITHOUT_ACTUAL
from synapse.foundation.text.visible import visible
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, Unit, list_link

_MAX_SHOWN: Final = 8
_POINTS: Final = 100
_WAITING: Final = "no actual figure yet: it is missing from the averages"


def predictions_section(request: HttpRequest, time_range: TimeRange) -> Section:
    """Return how the predictions made in the range fared."""
    before = time_range.previous_range()
    current = _Record(request, time_range.as_lookups("created_at"))
    former = None if before is None else _Record(request, before.as_lookups("created_at"))
    words = {
        "predictions": ("Predictions", ""),
        "with_actual": ("With an actual rate", ""),
        "waiting": ("Still without one", _WAITING),
        "mean_miss": ("Average miss", "points of engagement rate, above or below"),
        "within_bounds": ("Within their bounds", "actual rate between the predicted lower and upper bound"),
        "mean_accuracy": ("Average accuracy", "as stored with the predictions"),
        "predicted_requests": ("Requests predicted", "for the posts with an actual rate"),
        "actual_requests": ("Requests that came", "to the same posts"),
    }
    figures = tuple(
        Figure(label, current.numbers[name], None if former is None else former.numbers[name], note)
        for name, (label, note) in words.items()
    )
    return Section(
        title="Predictions against actuals",
        figures=figures,
        charts=(_latest_predictions_chart(request, time_range),),
        note="By the day a prediction was made. The averages are of the predictions whose post has an actual rate.",
    )


class _Record:
    """The numbers of a range's predictions, each with its list."""

    def __init__(self, request: HttpRequest, lookups: Mapping[str, Any]) -> None:
        record = PerformancePrediction.objects.filter(**lookups).track_record()
        known = list_link(request, PerformancePrediction, **lookups, **WITH_ACTUAL)
        self.numbers = {
            "predictions": Number(record.predictions, link=list_link(request, PerformancePrediction, **lookups)),
            "with_actual": Number(record.with_actual, link=known),
            "waiting": Number(
                record.predictions - record.with_actual,
                link=list_link(request, PerformancePrediction, **lookups, **WITHOUT_ACTUAL),
            ),
            "mean_miss": Number(record.mean_miss, Unit.SHARE, known),
            "within_bounds": Number(record.within_bounds, Unit.SHARE, known),
            "mean_accuracy": Number(record.mean_accuracy, Unit.SHARE, known),
            "predicted_requests": Number(record.predicted_requests, link=known, of="predicted_consultation_requests"),
            "actual_requests": Number(record.actual_requests, link=known, of="actual_consultation_requests"),
        }


def _latest_predictions_chart(request: HttpRequest, time_range: TimeRange) -> Chart:
    rows = PerformancePrediction.objects.filter(**time_range.as_lookups("created_at")).with_prediction_error()
    bars = tuple(bar for row in rows.latest_predictions(_MAX_SHOWN) for bar in _prediction_bars(request, row))
    return Chart(
        title="The latest predictions, each beside what came",
        kind=ChartKind.BARS,
        label_heading="Post",
        headings=("Engagement rate", "Consultation requests"),
        bars=bars,
        empty="No prediction was made in this range. The performance files bring them: import those on the page "
        "Sources, or choose a longer range.",
        note=f"The last {_MAX_SHOWN} made; the upper bar of a pair is the prediction.",
    )


def _prediction_bars(request: HttpRequest, row: Any) -> Iterator[Bar]:
    """Yield the bar of the predicted figures and the one of the actual figures."""
    link = list_link(request, PerformancePrediction, prediction_id__exact=row.pk)
    post = visible(row.post_id)
    bounds = f"expected between {_format_rate(row.confidence_lower)} and {_format_rate(row.confidence_upper)}"
    for kind, note in (("predicted", bounds), ("actual", _describe_prediction_error(row.prediction_error))):
        requests = f"{kind}_consultation_requests"
        rate = Number(getattr(row, f"{kind}_engagement_rate"), Unit.SHARE, link)
        yield Bar(f"{post}, {kind}", (rate, Number(getattr(row, requests), Unit.COUNT, link, of=requests)), note)


def _describe_prediction_error(miss: Decimal | None) -> str:
    if miss is None:
        return "not known yet"
    if not miss:
        return "as predicted"
    return f"{abs(miss) * _POINTS:.1f} points {'above' if miss > 0 else 'below'} the prediction"


def _format_rate(rate: Decimal) -> str:
    return f"{rate * _POINTS:.1f}%"
