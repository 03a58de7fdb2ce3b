"""Recommendations: how pressing they are, and of which type."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest

from revenue.models import ContentRecommendation
from revenue.querysets.dashboard_figures import Band, group_in_bands
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, list_link
from synapse.kit.dashboard.grouping import Group, largest_groups

_PRIORITIES: Final = (
    Band("0.9 or more: do it next", Decimal("0.9"), None),
    Band("0.7 to under 0.9", Decimal("0.7"), Decimal("0.9")),
    Band("0.5 to under 0.7", Decimal("0.5"), Decimal("0.7")),
    Band("under 0.5", None, Decimal("0.5")),
)


def recommendations_section(request: HttpRequest, time_range: TimeRange, _: datetime) -> Section:
    """Return the recommendations made in the range."""
    lookups, before = time_range.as_lookups("created_at"), time_range.previous_range()
    rows = ContentRecommendation.objects.filter(**lookups)
    by_priority = [group for group in group_in_bands(rows, "priority_score", _PRIORITIES) if group.rows]
    by_type = largest_groups(rows, "recommendation_type")
    former = _count_recommendations(request, before.as_lookups("created_at")) if before else None
    return Section(
        title="Recommendations",
        figures=(Figure("Recommendations", _count_recommendations(request, lookups), former),),
        charts=(
            _group_chart(request, lookups, by_priority, title="By priority", heading="Priority"),
            _group_chart(request, lookups, by_type, title="By type", heading="Type"),
        ),
        note="By the day a recommendation was made.",
    )


def _count_recommendations(request: HttpRequest, lookups: Mapping[str, Any]) -> Number:
    rows = ContentRecommendation.objects.filter(**lookups)
    return Number(rows.count(), link=list_link(request, ContentRecommendation, **lookups))


def _group_chart(
    request: HttpRequest, lookups: Mapping[str, Any], found: Iterable[Group], *, title: str, heading: str
) -> Chart:
    bars = []
    for group in found:
        link = list_link(request, ContentRecommendation, **{**lookups, **group.lookups})
        bars.append(Bar(group.label, (Number(group.rows, link=link),)))
    empty = (
        "No recommendation was made in this range. The recommendations file brings them: import it on the page "
        "Sources, or choose a longer range."
    )
    return Chart(title, ChartKind.BARS, heading, ("Recommendations",), tuple(bars), empty)
