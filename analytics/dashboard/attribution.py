"""Where people meet the content: by platform, by kind of touch, and across platforms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Sum
from django.http import HttpRequest

from analytics.models import AttributionTracking
from synapse.foundation.text.visible import visible
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, Unit, list_link
from synapse.kit.dashboard.grouping import Group, largest_groups

SEVERAL: Final = {"reach": "several"}
"""The list's own filter: touches of content met on two platforms or more."""

_MAX_PLATFORMS: Final = 5
_MAX_TOUCHPOINTS: Final = 8
_MAX_PIECES: Final = 10
_EMPTY: Final = (
    "Nobody was tracked in this range. The attribution file brings touchpoints: import it on the page Sources, "
    "or choose a longer range."
)


def attribution_section(request: HttpRequest, time_range: TimeRange) -> Section:
    """Return the touchpoints of the range."""
    lookups = time_range.as_lookups("timestamp")
    rows = AttributionTracking.objects.filter(**lookups)
    platforms = largest_groups(rows, "platform", sums=["value"], max_groups=_MAX_PLATFORMS)
    touchpoints = largest_groups(rows, "touchpoint", sums=["value"], max_groups=_MAX_TOUCHPOINTS)
    before = time_range.previous_range()
    now = _touch_numbers(request, lookups)
    former = _touch_numbers(request, before.as_lookups("timestamp")) if before else (None, None, None)
    words = (
        ("Touchpoints", ""),
        ("Value attributed", ""),
        ("Touchpoints of content on several platforms", "content met on two platforms or more, at any time"),
    )
    figures = tuple(
        Figure(label, number, earlier, note) for (label, note), number, earlier in zip(words, now, former, strict=True)
    )
    return Section(
        title="Attribution",
        figures=figures,
        charts=(
            _group_chart(request, lookups, platforms, title="By platform", heading="Platform"),
            _group_chart(request, lookups, touchpoints, title="By touchpoint", heading="Touchpoint"),
            _touchpoint_by_platform_chart(request, lookups, touchpoints, platforms),
            _multi_platform_content_chart(request, lookups),
        ),
        note="By the moment of the touch.",
    )


def _touch_numbers(request: HttpRequest, lookups: Mapping[str, Any]) -> tuple[Number, Number, Number]:
    rows = AttributionTracking.objects.filter(**lookups)
    worth = rows.aggregate(value=Sum("value"))["value"]
    link = list_link(request, AttributionTracking, **lookups)
    several = list_link(request, AttributionTracking, **lookups, **SEVERAL)
    return (
        Number(rows.count(), link=link),
        Number(worth, Unit.MONEY, link, of="value"),
        Number(rows.of_pieces_on_several_platforms().count(), link=several),
    )


def _group_chart(
    request: HttpRequest, lookups: Mapping[str, Any], found: Sequence[Group], *, title: str, heading: str
) -> Chart:
    bars = []
    for group in found:
        link = list_link(request, AttributionTracking, **lookups, **group.lookups)
        worth = Number(group.sums["value"], Unit.MONEY, link, of="value")
        bars.append(Bar(group.label, (Number(group.rows, Unit.COUNT, link), worth)))
    return Chart(
        title=title,
        kind=ChartKind.BARS,
        label_heading=heading,
        headings=("Touchpoints", "Value"),
        bars=tuple(bars),
        empty=_EMPTY,
    )


def _touchpoint_by_platform_chart(
    request: HttpRequest, lookups: Mapping[str, Any], touchpoints: Sequence[Group], platforms: Sequence[Group]
) -> Chart:
    """Return how often each kind of touch came on each platform."""
    rows = AttributionTracking.objects.filter(**lookups)
    counted = rows.count_cross_table(touchpoints, platforms) if platforms else {}

    def cross_table_number(touchpoint: int, platform: int) -> Number:
        both = {**lookups, **touchpoints[touchpoint].lookups, **platforms[platform].lookups}
        return Number(counted.get((touchpoint, platform), 0), link=list_link(request, AttributionTracking, **both))

    bars = []
    for position, touchpoint in enumerate(touchpoints):
        link = list_link(request, AttributionTracking, **lookups, **touchpoint.lookups)
        cells = (cross_table_number(position, column) for column in range(len(platforms)))
        bars.append(Bar(touchpoint.label, (Number(touchpoint.rows, link=link), *cells)))
    return Chart(
        title="Touchpoints across platforms",
        kind=ChartKind.BARS,
        label_heading="Touchpoint",
        headings=("All platforms", *(platform.label for platform in platforms)),
        bars=tuple(bars),
        empty=_EMPTY,
    )


def _multi_platform_content_chart(request: HttpRequest, lookups: Mapping[str, Any]) -> Chart:
    pieces = (
        AttributionTracking.objects.filter(**lookups).of_pieces_on_several_platforms().most_valuable_pieces(_MAX_PIECES)
    )
    bars = []
    for piece in pieces:
        link = list_link(request, AttributionTracking, **lookups, content_id__exact=piece.content_id)
        worth = Number(piece.value, Unit.MONEY, link, of="value")
        note = f"{'in this range ' if lookups else ''}on {visible(', '.join(piece.platforms))}"
        bars.append(Bar(visible(piece.content_id), (worth, Number(piece.touches, Unit.COUNT, link)), note))
    return Chart(
        title="Content on several platforms",
        kind=ChartKind.BARS,
        label_heading="Content",
        headings=("Value", "Touchpoints"),
        bars=tuple(bars),
        empty="No content was met on two platforms or more in this range.",
        note=f"The {_MAX_PIECES} worth most.",
    )
