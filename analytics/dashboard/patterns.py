"""What works: the patterns one can trust, beside all patterns by their type."""

from typing import Final

from django.http import HttpRequest

from analytics.models import ContentPattern, TopPerformingPattern
from synapse.foundation.text.visible import visible
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, Unit, list_link
from synapse.kit.dashboard.grouping import largest_groups
from synapse.kit.dashboard.numbers import format_number

_MAX_SHOWN: Final = 10
_TRUSTED: Final = {"confidence_score__gte": "0.85", "sample_size__gte": 10}
"""What top_performing_patterns asks of a pattern, as its SQL has it."""


def patterns_section(request: HttpRequest, _: TimeRange) -> Section:
    """Return the patterns of today: they are rewritten, not added to, so no range of time narrows them."""
    in_view = Number(TopPerformingPattern.objects.count(), link=list_link(request, TopPerformingPattern))
    trusted = ContentPattern.objects.filter(**_TRUSTED).count()
    every = Number(ContentPattern.objects.count(), link=list_link(request, ContentPattern))
    return Section(
        title="Patterns",
        figures=(
            Figure("Top performing patterns", in_view, note="as of the view's last refresh"),
            Figure(
                "Patterns to trust now",
                Number(trusted, link=list_link(request, ContentPattern, **_TRUSTED)),
                note="confidence of 0.85 and a sample of 10, or more",
            ),
            Figure("All patterns", every),
        ),
        charts=(_top_patterns_chart(request), _patterns_by_type_chart(request)),
        note="The patterns as they stand; the time range above does not narrow them.",
    )


def _top_patterns_chart(request: HttpRequest) -> Chart:
    patterns = TopPerformingPattern.objects.order_by("-avg_consultation_conversion", "-avg_engagement_rate")
    bars = []
    for pattern in patterns[:_MAX_SHOWN]:
        same = {"pattern_type__exact": pattern.pattern_type, "pattern_value__exact": pattern.pattern_value}
        link = list_link(request, TopPerformingPattern, **same)
        numbers = (
            Number(pattern.avg_consultation_conversion, Unit.SHARE, link),
            Number(pattern.avg_engagement_rate, Unit.SHARE, link),
            Number(pattern.sample_size, Unit.COUNT, link, of="sample_size"),
        )
        note = f"confidence {format_number(pattern.confidence_score, Unit.SHARE)}"
        bars.append(Bar(visible(str(pattern)), numbers, note))
    return Chart(
        title="Top performing patterns",
        kind=ChartKind.BARS,
        label_heading="Pattern",
        headings=("Conversion", "Engagement", "Sample"),
        bars=tuple(bars),
        empty="None yet: a pattern needs a confidence of 0.85 and a sample of 10. Import the performance files on the "
        "page Sources, or refresh the view where it is out of date.",
        note=f"The best {_MAX_SHOWN} by their conversion into consultations, as of the view's last refresh.",
    )


def _patterns_by_type_chart(request: HttpRequest) -> Chart:
    found = largest_groups(ContentPattern.objects.all(), "pattern_type", sums=["sample_size"])
    bars = []
    for group in found:
        link = list_link(request, ContentPattern, **group.lookups)
        sample = Number(group.sums["sample_size"], Unit.COUNT, link, of="sample_size")
        bars.append(Bar(group.label, (Number(group.rows, Unit.COUNT, link), sample)))
    return Chart(
        title="Patterns by type",
        kind=ChartKind.BARS,
        label_heading="Type",
        headings=("Patterns", "Samples"),
        bars=tuple(bars),
        empty="No pattern has been found yet: import the performance files on the page Sources.",
    )
