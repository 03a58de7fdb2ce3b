"""Revenue's panel of the front page: the A/B tests that run, each with what its counts allow to be said.

The judgement is revenue.ab_testing's; the panel is registered in revenue.panels.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from revenue.ab_testing.judged import load_judged_tests
from revenue.admin.ab_tests.access import may_view_result
from revenue.models import ABTest, ABTestStatus
from synapse.foundation.text.visible import visible
from synapse.kit.dashboard import Number, Unit, list_link

MAX_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class TestLine:
    """A running test: its verdict in words leads to its result page."""

    name: str
    link: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RunningTestsPanel:
    """The tests that run, the longest running first; `number` counts all of them."""

    number: Number
    lines: list[TestLine]


def build_running_tests_panel(request: HttpRequest, now: datetime) -> RunningTestsPanel | None:
    """Return the tests that run; None for a person who may not see their results."""
    if not may_view_result(request):
        return None
    # The same lookups count the tests and narrow the list that the count links to.
    running = {"status__exact": ABTestStatus.ACTIVE.value}
    tests = ABTest.objects.filter(**running).order_by("start_date", "pk")
    lines = [
        TestLine(
            name=visible(judged.test.test_name),
            link=reverse("admin:revenue_abtest_result", args=[judged.test.pk]),
            verdict=judged.outcome.headline,
        )
        for judged in load_judged_tests(tests[:MAX_SHOWN], now=now)
    ]
    return RunningTestsPanel(Number(tests.count(), Unit.COUNT, list_link(request, ABTest, **running)), lines)
