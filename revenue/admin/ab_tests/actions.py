"""The three buttons of the result page: confirm the winner, complete without one, reopen.

Each reads the request, calls one service of revenue.services.ab_decisions and shows its outcome as a message.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from revenue.admin.ab_tests.access import may_decide
from revenue.services.ab_decisions import (
    Decided,
    DecisionRefusedError,
    complete_without_winner,
    confirm_winner,
    reopen_test,
)


@require_POST
def confirm_winner_view(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Confirm the winner the person saw."""
    return _run_decision(request, test_id, lambda seen: confirm_winner(
        test_id=test_id, variant_id=_posted_variant(request), seen=seen, now=timezone.now()
    ))  # fmt: skip


@require_POST
def complete_test_view(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Complete the test without a winner."""
    return _run_decision(
        request, test_id, lambda seen: complete_without_winner(test_id=test_id, seen=seen, now=timezone.now())
    )


@require_POST
def reopen_test_view(request: HttpRequest, test_id: UUID) -> HttpResponse:
    """Let the test run again."""
    return _run_decision(request, test_id, lambda seen: reopen_test(test_id=test_id, seen=seen, now=timezone.now()))


def _run_decision(request: HttpRequest, test_id: UUID, verb: Callable[[str], Decided]) -> HttpResponse:
    """Run a decision's service for who may decide, show its outcome as a message and go back to the result."""
    if not may_decide(request):
        raise PermissionDenied
    try:
        decided = verb(request.POST.get("seen", ""))
    except DecisionRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        words = format_html('{} {} <a href="{}">Undo</a>', decided.sentence, decided.note, decided.undo)
        messages.success(request, words)
    return redirect("admin:revenue_abtest_result", test_id)


def _posted_variant(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("variant", ""))
    except ValueError as error:
        raise BadRequest("The variant to confirm is named by its id.") from error
