"""Opportunities: what they may be worth, by segment beside the view, by score and by status."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum
from django.http import HttpRequest

from revenue.models import RevenueOpportunity, RevenuePipelineSummary
from revenue.querysets.dashboard_figures import ACTIVE, Band, compare_segments_with_view, group_in_bands
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, Unit, list_link
from synapse.kit.dashboard.grouping import Group, largest_groups

_VALUE: Final = "revenue_potential"
_SCORES: Final = (
    Band("more than 10", 11, None),
    Band("9 to 10", 9, 11),
    Band("7 to 8", 7, 9),
    Band("4 to 6", 4, 7),
    Band("0 to 3", 0, 4),
    Band("less than 0", None, 0),
)
_CONFIDENCES: Final = (
    Band("85% or more", Decimal("0.85"), None),
    Band("70% to under 85%", Decimal("0.7"), Decimal("0.85")),
    Band("50% to under 70%", Decimal("0.5"), Decimal("0.7")),
    Band("under 50%", None, Decimal("0.5")),
)
_EMPTY: Final = (
    "No opportunity was recorded in this range. The revenue file brings them: import it on the page Sources, add one "
    "by hand, or choose a longer range."
)


def opportunities_section(request: HttpRequest, time_range: TimeRange, _: datetime) -> Section:
    """Return the opportunities recorded in the range."""
    lookups = time_range.as_lookups("created_at")
    rows = RevenueOpportunity.objects.filter(**lookups)
    by_score = _bands_with_rows(group_in_bands(rows, "qualification_score", _SCORES, sums=[_VALUE]))
    by_confidence = _bands_with_rows(group_in_bands(rows, "confidence_score", _CONFIDENCES, sums=[_VALUE]))
    by_status = largest_groups(rows, "status", sums=[_VALUE])
    before = time_range.previous_range()
    now = _opportunity_numbers(request, lookups)
    former = _opportunity_numbers(request, before.as_lookups("created_at")) if before else [None] * len(now)
    labels = ("Opportunities", "Revenue potential", "Active opportunities", "Active potential")
    figures = tuple(Figure(label, number, earlier) for label, number, earlier in zip(labels, now, former, strict=True))
    return Section(
        title="Opportunities",
        figures=figures,
        charts=(
            _group_chart(request, lookups, by_score, title="By qualification score", heading="Score"),
            _group_chart(request, lookups, by_confidence, title="By confidence", heading="Confidence"),
            _group_chart(request, lookups, by_status, title="By status", heading="Status"),
        ),
        note="By the day an opportunity was recorded.",
    )


def segments_section(request: HttpRequest, _range: TimeRange, _now: datetime) -> Section:
    """Return the active opportunities by segment as they are now, beside the view of them."""
    bars = []
    for segment in compare_segments_with_view():
        live = segment.live
        now = list_link(request, RevenueOpportunity, **ACTIVE, **live.lookups)
        view = list_link(request, RevenuePipelineSummary, **live.lookups)
        numbers = (
            Number(live.sums[_VALUE], Unit.MONEY, now, of=_VALUE),
            Number(live.rows, link=now),
            Number(segment.view_value, Unit.MONEY, view, of="total_pipeline_value"),
            Number(segment.view_rows, link=view, of="total_opportunities"),
        )
        bars.append(Bar(live.label, numbers, "the view is behind: refresh it" if segment.differs_from_view else ""))
    return Section(
        title="Segments",
        charts=(
            Chart(
                title="Active opportunities by segment, beside the view",
                kind=ChartKind.BARS,
                label_heading="Segment",
                headings=("Potential now", "Opportunities now", "Potential in the view", "Opportunities in the view"),
                bars=tuple(bars),
                empty="No opportunity is active. The revenue file brings some: import it on the page Sources.",
            ),
        ),
        note="As it is today, whatever the time range: now is counted from the opportunities, the view is "
        "revenue_pipeline_summary as of its last refresh.",
    )


def _opportunity_numbers(request: HttpRequest, lookups: Mapping[str, Any]) -> list[Number]:
    found = []
    for narrowed in (lookups, {**lookups, **ACTIVE}):
        rows = RevenueOpportunity.objects.filter(**narrowed)
        link = list_link(request, RevenueOpportunity, **narrowed)
        value = rows.aggregate(value=Sum(_VALUE))["value"]
        found += [Number(rows.count(), link=link), Number(value, Unit.MONEY, link, of=_VALUE)]
    return found


def _group_chart(
    request: HttpRequest, lookups: Mapping[str, Any], found: Iterable[Group], *, title: str, heading: str
) -> Chart:
    bars = []
    for group in found:
        link = list_link(request, RevenueOpportunity, **{**lookups, **group.lookups})
        value = Number(group.sums[_VALUE], Unit.MONEY, link, of=_VALUE)
        bars.append(Bar(group.label, (value, Number(group.rows, link=link))))
    return Chart(title, ChartKind.BARS, heading, ("Potential", "Opportunities"), tuple(bars), _EMPTY)


def _bands_with_rows(found: list[Group]) -> list[Group]:
    """Return the bands that hold rows."""
    return [group for group in found if group.rows]
