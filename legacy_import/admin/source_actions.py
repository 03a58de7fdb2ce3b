"""The buttons of the sources' page by which a person decides about a source: missing rows, a file that is gone.

Each takes a POST of somebody who may import, calls one service, says what came of it and goes back to the page.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.text import capfirst

from legacy_import.errors import LegacyImportError
from legacy_import.jobs import queue_archive, queue_import
from legacy_import.models import LossQuestion
from legacy_import.services.row_losses import record_loss_answer
from legacy_import.services.source_withdrawals import take_back_withdrawal, withdraw_source
from legacy_import.undeclared.sources import find_source

SOURCES_PAGE: Final = "legacy_import_importsource_changelist"


def may_import(request: HttpRequest) -> bool:
    """Say whether the person may import, and decide about sources."""
    return request.user.has_perm("legacy_import.run_import")


def answer_loss_question(request: HttpRequest) -> HttpResponse:
    """Take the answer about missing rows: it holds for the content whose checksum the page showed."""

    def record_answer(source: str, person: str) -> str:
        typed = request.POST.get("answer", "")
        if typed not in LossQuestion.Answer.values:
            return f"{source}: nothing was changed, for no answer was chosen."
        chosen = LossQuestion.Answer(typed)
        record_loss_answer(source, chosen, sha256=request.POST.get("checksum", ""), answered_by=person)
        if chosen == LossQuestion.Answer.WRONG_FILE:
            return f"{source}: noted. Put the right file in its place; this one stays refused."
        if find_source(source).is_declared:
            queue_import(source, person)
        else:
            queue_archive(person)
        return f"{source}: noted. Its import starts as soon as a worker is free."

    return _handle_decision(request, record_answer)


def withdraw_source_view(request: HttpRequest) -> HttpResponse:
    """Withdraw a source whose file was deleted for good."""

    def decide(source: str, person: str) -> str:
        withdraw_source(find_source(source), legacy_dir=settings.LEGACY_DIR, withdrawn_by=person)
        return f"{source}: withdrawn. Its rows and its last snapshot stay."

    return _handle_decision(request, decide)


def take_back_withdrawal_view(request: HttpRequest) -> HttpResponse:
    """Take a withdrawal back."""

    def decide(source: str, person: str) -> str:
        take_back_withdrawal(source, taken_back_by=person)
        return f"{source}: the withdrawal is taken back. Import it once its file is there."

    return _handle_decision(request, decide)


def queue_undeclared_archive(request: HttpRequest) -> HttpResponse:
    """Queue the archiving of the files that no source declares."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_import(request):
        raise PermissionDenied
    if queue_archive(request.user.get_username()):
        messages.success(request, "Queued: the files are archived as soon as a worker is free.")
    else:
        messages.warning(request, "Nothing to do: the archiving is queued or running already.")
    return redirect(f"admin:{SOURCES_PAGE}")


def _handle_decision(request: HttpRequest, decide: Callable[[str, str], str]) -> HttpResponse:
    """Check the POST and the permission, call `decide` with source and person, show its message, and redirect."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_import(request):
        raise PermissionDenied
    try:
        source = find_source(request.POST.get("source", "")).name
        messages.success(request, capfirst(decide(source, request.user.get_username())))
    except LegacyImportError as error:
        messages.error(request, capfirst(str(error)))
    return redirect(f"admin:{SOURCES_PAGE}")
