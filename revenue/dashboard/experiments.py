"""A/B tests: how many run. What they say is on each test's own page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from revenue.models import ABTest, ABTestStatus
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, list_link
from synapse.kit.dashboard.grouping import largest_groups


def experiments_section(request: HttpRequest, time_range: TimeRange, _: datetime) -> Section:
    """Return the tests begun in the range, by their status."""
    lookups = time_range.as_lookups("start_date")
    rows = ABTest.objects.filter(**lookups)
    bars = []
    for group in largest_groups(rows, "status"):
        link = list_link(request, ABTest, **lookups, **group.lookups)
        bars.append(Bar(group.label, (Number(group.rows, link=link),)))
    return Section(
        title="A/B tests",
        figures=_figures(request, time_range),
        charts=(
            Chart(
                title="By status",
                kind=ChartKind.BARS,
                label_heading="Status",
                headings=("Tests",),
                bars=tuple(bars),
                empty="No test began in this range: add one on the page A/B tests, or import the A/B testing file.",
            ),
        ),
        note="By the day a test began.",
    )


def _figures(request: HttpRequest, time_range: TimeRange) -> tuple[Figure, ...]:
    before = time_range.previous_range()
    kinds: dict[str, dict[str, Any]] = {"Running": {"status__exact": ABTestStatus.ACTIVE.value}, "Tests": {}}
    return tuple(
        Figure(
            label,
            _count(request, {**time_range.as_lookups("start_date"), **kind}),
            _count(request, {**before.as_lookups("start_date"), **kind}) if before else None,
        )
        for label, kind in kinds.items()
    )


def _count(request: HttpRequest, lookups: dict[str, Any]) -> Number:
    return Number(ABTest.objects.filter(**lookups).count(), link=list_link(request, ABTest, **lookups))
