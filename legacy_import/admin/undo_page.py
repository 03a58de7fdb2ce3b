"""The page that undoes a run: what would go, what would be left, which later runs go along, and the button.

Called by import_run for a GET (a preview: the undo in a transaction that is rolled back) and a POST; the undo itself is
legacy_import.services.undoing's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from legacy_import.admin.database_page import DatabaseAdmin, admin_link
from legacy_import.cell_display import visible
from legacy_import.errors import LegacyImportError
from legacy_import.models import ImportRun
from legacy_import.pipeline.target_table import targets_of_database
from legacy_import.services.undoing import UndoRequest, describe_run, runs_to_undo, undo_run
from legacy_import.target_display import target_model
from legacy_import.undo.outcome import UndoneRun
from synapse.foundation.pgbouncer import pgbouncer_refusal

PERMISSION: Final = "legacy_import.undo_import"
MAX_UNDONE_ROWS: Final = 20_000
"""Runs that brought or changed more rows are undone from the command line: a request would not live to see the end."""
_MAX_SHOWN_LEFT: Final = 200


@dataclass(frozen=True, slots=True)
class LeftLine:
    """Something that is left, safe to read, with the way to its row."""

    table: str
    row: SafeString | str
    column: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class UndoneBlock:
    """What the undo of one run does, for the template."""

    words: str
    sentences: tuple[str, ...]
    left: tuple[LeftLine, ...]
    more_left: int


def may_undo(request: HttpRequest, run: ImportRun) -> bool:
    """Say whether the page of the run offers its undo to this person."""
    return run.kind != ImportRun.Kind.UNDO and run.status in ImportRun.FINISHED and request.user.has_perm(PERMISSION)


def handle_undo_request(page: DatabaseAdmin[Any], request: HttpRequest, run: ImportRun | None) -> HttpResponse:
    """Show what an undo of the run would do (GET), or undo what was shown (POST)."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if run is None:
        raise Http404
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    alias = run._state.db or ""
    try:
        chain = runs_to_undo(alias, run)
        if request.method == "POST":
            return _undo_shown_chain(page, request, run, chain)
        return _render_preview(page, request, run, chain)
    except LegacyImportError as error:
        messages.error(request, visible(str(error)))
        return redirect(_run_address(page, "change", run))


def _undo_shown_chain(
    page: DatabaseAdmin[Any], request: HttpRequest, run: ImportRun, chain: Sequence[ImportRun]
) -> HttpResponse:
    if request.POST.get("chain") != _chain_token(chain):
        messages.warning(request, "Nothing was undone: another run came in between. Look again at what would go.")
        return redirect(_run_address(page, "undo", run))
    # The page shows no button then; a request that comes all the same must not outlast the web server's time limit.
    if reason := _command_line_reason(chain):
        messages.error(request, f"Nothing was undone. {reason} Run manage.py undo_import {run.pk} on the server.")
        return redirect(_run_address(page, "undo", run))
    report = undo_run(UndoRequest(run._state.db or "", run.pk, request.user.get_username(), with_later=len(chain) > 1))
    for undone in report.undone:
        messages.success(request, f"Undone: {visible(describe_run(undone.run))}. {'; '.join(undone.sentences())}.")
    return redirect(_run_address(page, "change", run))


def _render_preview(
    page: DatabaseAdmin[Any], request: HttpRequest, run: ImportRun, chain: Sequence[ImportRun]
) -> HttpResponse:
    """Undo it and take that back, so that the figures are true."""
    with_later = "with_later" in request.GET
    waiting = chain[:-1] if not with_later else []
    shown = not waiting and not _command_line_reason(chain)
    alias = run._state.db or ""
    report = undo_run(UndoRequest(alias, run.pk, with_later=with_later, dry_run=True)) if shown else None
    context = {
        **page.admin_site.each_context(request),
        "title": f"Undo {visible(describe_run(run))}",
        "opts": page.model._meta,
        "run_page": _run_address(page, "change", run),
        "run_words": visible(describe_run(run)),
        "waiting": [admin_link(page.model, one.pk, visible(describe_run(one))) for one in waiting],
        "blocks": [_undone_block(undone, alias) for undone in report.undone] if report else [],
        "command": f"manage.py undo_import {run.pk}" + (" --with-later" if len(chain) > 1 else ""),
        "why_by_command": "" if waiting else _command_line_reason(chain),
        "chain": _chain_token(chain),
    }
    return TemplateResponse(request, "admin/legacy_import/undo.html", context)


def _undone_block(undone: UndoneRun, alias: str) -> UndoneBlock:
    imported = {target.name for target in targets_of_database(alias)}
    left = [
        LeftLine(
            one.table,
            admin_link(target_model(one.table), one.key, one.key) if one.table in imported else one.key,
            one.column,
            visible(one.who),
            one.why,
        )
        for one in undone.left[:_MAX_SHOWN_LEFT]
    ]
    return UndoneBlock(
        words=visible(describe_run(undone.run)),
        sentences=tuple(undone.sentences()),
        left=tuple(left),
        more_left=max(0, undone.left_count - _MAX_SHOWN_LEFT),
    )


def _chain_token(chain: Sequence[ImportRun]) -> str:
    """Return a token of the chain of runs (optimistic concurrency): only what was shown is undone."""
    return ",".join(str(one.pk) for one in chain)


def _command_line_reason(chain: Sequence[ImportRun]) -> str:
    """Return why the command line has to undo these runs; empty where this page can."""
    counts = [table for run in chain for table in run.tables.values()]
    if sum(one.get("read", 0) - one.get("unchanged", 0) for one in counts) > MAX_UNDONE_ROWS:
        return f"More than {MAX_UNDONE_ROWS:,} rows were written. An undo of that many takes longer than a page may."
    return pgbouncer_refusal("The dump before an undo")


def _run_address(page: DatabaseAdmin[Any], what: str, run: ImportRun) -> str:
    return reverse(f"admin:legacy_import_{page.model._meta.model_name}_{what}", args=[run.pk])


def describe_undo(run: ImportRun) -> str:
    """Return by whom and when the run was undone, for an undo's own run."""
    ended = f"{timezone.localtime(run.finished_at):%Y-%m-%d %H:%M:%S}" if run.finished_at else "an unknown time"
    return f"undone by {visible(run.requested_by) or 'nobody named'} at {ended}"
