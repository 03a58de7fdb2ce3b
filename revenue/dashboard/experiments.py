"""A/B tests: how many run. What they say is on each test's own page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from revenue.models import ABTest, ABTestStatus
from synapse.kit.dashboard import Bar, Chart, ChartKind, Figure, Number, Section, TimeRange, list_link
from synapse.kit.dashboard.grouping import largest_groups


def experiments_section(request: HttpRequest, time_range: TimeRange, _: datetime) -> Section:
    """Return the tests begun in the range, by their status."""
    lookups, before = time_range.as_lookups("start_date"), time_range.previous_range()
    figures = []
    for label, narrowed in (("Running", {"status__exact": ABTestStatus.ACTIVE.value}), ("Tests", {})):
        former = _count_tests(request, {**before.as_lookups("start_date"), **narrowed}) if before else None
        figures.append(Figure(label, _count_tests(request, {**lookups, **narrowed}), former))
    rows = ABTest.objects.filter(**lookups)
    bars = []
    for group in largest_groups(rows, "status"):
        link = list_link(request, ABTest, **lookups, **group.lookups)
        bars.append(Bar(group.label, (Number(group.rows, link=link),)))
    return Section(
        title="A/B tests",
        figures=tuple(figures),
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


def _count_tests(request: HttpRequest, lookups: dict[str, Any]) -> Number:
    return Number(ABTest.objects.filter(**lookups).count(), link=list_link(request, ABTest, **lookups))
