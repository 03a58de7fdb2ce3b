"""What the posts are made of: analyses by their hook and by their topic."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest

from analytics.models import ContentAnalysis
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, list_link
from synapse.kit.dashboard.grouping import largest_groups


def analyses_section(request: HttpRequest, time_range: TimeRange) -> Section:
    """Return the analyses made in the range."""
    lookups, before = time_range.as_lookups("analyzed_at"), time_range.previous_range()
    now = _analysis_numbers(request, lookups)
    former = _analysis_numbers(request, before.as_lookups("analyzed_at")) if before else (None, None)
    return Section(
        title="Content analyses",
        figures=tuple(
            Figure(label, number, earlier)
            for label, number, earlier in zip(("Analyses", "Words analysed"), now, former, strict=True)
        ),
        charts=(
            _chart_by_column(request, lookups, "hook_type", title="By hook", heading="Hook"),
            _chart_by_column(request, lookups, "topic_category", title="By topic", heading="Topic"),
        ),
        note="By the day of the analysis.",
    )


def _analysis_numbers(request: HttpRequest, lookups: Mapping[str, Any]) -> tuple[Number, Number]:
    rows = ContentAnalysis.objects.filter(**lookups)
    words = rows.aggregate(words=Sum("word_count"))["words"]
    link = list_link(request, ContentAnalysis, **lookups)
    return Number(rows.count(), link=link), Number(words, link=link, of="word_count")


def _chart_by_column(
    request: HttpRequest, lookups: Mapping[str, Any], column: str, *, title: str, heading: str
) -> Chart:
    bars = []
    for group in largest_groups(ContentAnalysis.objects.filter(**lookups), column, sums=["word_count"]):
        link = list_link(request, ContentAnalysis, **lookups, **group.lookups)
        words = Number(group.sums["word_count"], link=link, of="word_count")
        bars.append(Bar(group.label, (Number(group.rows, link=link), words)))
    return Chart(
        title=title,
        kind=ChartKind.BARS,
        label_heading=heading,
        headings=("Analyses", "Words"),
        bars=tuple(bars),
        empty="No post was analysed in this range. The performance files bring analyses: import those on the page "
        "Sources, or choose a longer range.",
    )
