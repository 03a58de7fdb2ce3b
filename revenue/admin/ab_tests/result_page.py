"""The result of one test, on a page of its own.

Hands the judged test to the template. The tables are in result_tables.py, the picture in picture.py, what the buttons
do in actions.py; the numbers come from revenue.statistics.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from revenue.ab_testing import order
from revenue.ab_testing.judged import JudgedTest, load_judged_test
from revenue.ab_testing.phrases import describe_power, format_running_time
from revenue.admin.ab_tests.access import may_decide, may_view_result
from revenue.admin.ab_tests.picture import draw_rate_intervals
from revenue.admin.ab_tests.result_tables import (
    comparison_lines,
    overall_line,
    sample_ratio_line,
    sample_ratio_sentence,
    variant_lines,
)
from revenue.calculator.links import calculator_link
from revenue.models import ABTest
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.wording import CAVEAT
from synapse.foundation.text.visible import visible
from synapse.kit.admin.panels import build_row_panels

_ICONS: Final = {
    VerdictKind.RATIO_MISMATCH: "balance",
    VerdictKind.NOT_A_RATE: "error",
    VerdictKind.UNUSABLE_SHARES: "balance",
    VerdictKind.NOTHING_TO_COMPARE: "add_circle",
    VerdictKind.COLLECTING: "hourglass_top",
    VerdictKind.STALLED: "pause_circle",
    VerdictKind.NO_DIFFERENCE: "equal",
    VerdictKind.WINNER_TO_CONFIRM: "trophy",
    VerdictKind.CONTROL_TO_CONFIRM: "trophy",
    VerdictKind.MIXED_METRICS: "error",
    VerdictKind.NOT_STARTED: "event",
    VerdictKind.CONFIRMED: "verified",
    VerdictKind.STORED_WINNER: "history",
    VerdictKind.COMPLETED: "flag",
}


@require_safe
def result_page(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Show what a test's counts allow to be said, and what may be decided."""
    if not may_view_result(request):
        raise PermissionDenied
    test = get_object_or_404(ABTest, pk=test_id)
    current = load_judged_test(test, now=timezone.now())
    findings = current.verdict.findings
    lines = comparison_lines(findings)
    confidence = f"{1 - findings.test.alpha:.0%}"
    context = {
        **admin.site.each_context(request),
        **_verdict_context(current),
        "opts": ABTest._meta,
        "original": test,
        "test": test,
        "variant_lines": variant_lines(current),
        "comparison_lines": lines,
        "is_cut": any(line.is_cut for line in lines),
        "overall": overall_line(findings),
        "ratio": sample_ratio_line(findings),
        "ratio_note": sample_ratio_sentence(current),
        "picture": draw_rate_intervals(findings),
        "expected_heading": f"Expected {findings.ratio.unit}",
        "metric_heading": current.metric.words.capitalize(),
        "confidence": confidence,
        "sure_heading": f"{confidence} sure",
        "planned_sample": f"{findings.test.planned_sample or 0:,}",
        "form_link": reverse("admin:revenue_abtest_change", args=[test.pk]),
        "may_decide": may_decide(request),
        "calculator_link": calculator_link(current.counts),
        "glossary_link": reverse("ab-glossary"),
        "panels": build_row_panels(request, test, inherited=False),
    }
    return TemplateResponse(request, "admin/revenue/ab_test_result.html", context)


def _verdict_context(current: JudgedTest) -> dict[str, Any]:
    outcome, decision = current.outcome, current.decision
    winner = None if decision is None else current.variants[decision.place]
    return {
        "title": str(current.test),
        "hypothesis": visible(current.test.hypothesis),
        "judged": current,
        "outcome": outcome,
        "icon": _ICONS[outcome.kind],
        "running": format_running_time(current),
        "how_ordered": order.HOW,
        # Beside a fault of the traffic, what a larger sample could find reads as advice to go on collecting.
        "power_note": "" if current.verdict.kind.is_traffic_fault else describe_power(current.verdict.findings),
        "caveat": CAVEAT,
        "to_confirm": winner,
        "winner_name": visible(winner.variant_name) if winner else "",
    }
