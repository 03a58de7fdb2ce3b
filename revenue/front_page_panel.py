"""The A/B tests that run, each with what its counts allow to be said.

What lives here: choosing them. What does not: judging (revenue.ab_testing), their pages (revenue.admin).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from revenue.ab_testing.judged import JudgedTest, judged_all
from revenue.admin.ab_tests.access import may_view_result
from revenue.models import ABTest, ABTestStatus
from synapse.foundation.text.visible import visible
from synapse.kit.dashboard import Number, Unit, list_link

SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class TestLine:
    """A running test: its verdict in words leads to its result page."""

    name: str
    link: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RunningTests:
    """The tests that run, the longest running first; `number` counts all of them."""

    number: Number
    lines: list[TestLine]


def running_tests(request: HttpRequest, now: datetime) -> RunningTests | None:
    """Return the tests that run; None for who may not see their results."""
    if not may_view_result(request):
        return None
    running = {"status__exact": ABTestStatus.ACTIVE.value}
    tests = ABTest.objects.filter(**running).order_by("start_date", "pk")
    number = Number(tests.count(), Unit.COUNT, list_link(request, ABTest, **running))
    return RunningTests(number, [_line(test) for test in judged_all(tests[:SHOWN], now=now)])


def _line(test: JudgedTest) -> TestLine:
    page = reverse("admin:revenue_abtest_result", args=[test.test.pk])
    verdict = test.verdict.words.headline if test.metric.is_agreed else "Variants count different things"
    return TestLine(visible(test.test.test_name), page, verdict)
