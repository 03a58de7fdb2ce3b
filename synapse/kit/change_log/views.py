"""The change log's own pages: a unit of work to undo, a change to revert, a row's history, deleted rows.

Requests only: reverting is reverting/revert.py's, permissions permissions.py's, texts formatting.py's.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from synapse.foundation.databases import ALIASES
from synapse.kit.change_log.cascades import find_cascade
from synapse.kit.change_log.deleted_rows import ROWS_PER_PAGE as DELETED_ON_A_PAGE
from synapse.kit.change_log.deleted_rows import describe_deletions, read_deletion_page
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.formatting import (
    DATABASE_WORDS,
    author_label,
    find_table_model,
    format_local_time,
    row_noun,
)
from synapse.kit.change_log.import_runs import import_runs
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.outcome_descriptions import describe_outcome, outcome_message
from synapse.kit.change_log.permissions import may_revert, may_view, require_revert_permission, require_view_permission
from synapse.kit.change_log.reverting.catalogue import logged_tables
from synapse.kit.change_log.reverting.outcome import Outcome
from synapse.kit.change_log.reverting.revert import find_kinds, preview_revert, revert_changes
from synapse.kit.change_log.row_names import format_deleted_row_name, read_row_names, row_link
from synapse.kit.change_log.timeline import ENTRIES_PER_PAGE, describe_entries, has_change_log_triggers, row_entries
from synapse.kit.change_log.units_of_work import UnitOfWork, find_unit_of_work

_MAX_ID: Final = BigIntegerField.MAX_BIGINT
_MAX_DIGITS: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
def transaction_view(request: HttpRequest, alias: str, transaction_id: int) -> HttpResponse:
    """Show what a unit of work changed and what undoing it would do (GET), or undo it (POST)."""
    entry_id = _parse_entry_id(request.GET.get("entry", ""))
    unit = find_unit_of_work(alias, transaction_id, entry_id) if transaction_id <= _MAX_ID else None
    if unit is None:
        raise Http404("No such change is logged.")
    kinds = find_kinds(alias, unit.logged_changes())
    require_view_permission(request, {table for table, _ in kinds})
    if request.method == "POST":
        return _undo_unit(request, unit)
    context: dict[str, Any] = {
        "who": author_label(unit.author),
        "saved_at": unit.saved_at,
        "when": format_local_time(unit.saved_at),
        "may_revert": may_revert(request, kinds),
    }
    try:
        context["shown"] = describe_outcome(request, alias, preview_revert(alias, unit.logged_changes()))
    except RevertRefusedError as error:
        context["refusal"] = str(error)
        imported = unit.logged_changes().exclude(import_run=None).order_by()
        keys = {key for key in imported.values_list("import_run", flat=True).distinct() if key is not None}
        context["runs"] = list(import_runs().describe_runs(request, alias, keys).values())
    title = f"Changes by {author_label(unit.author)}"
    return _render_page(request, "synapse/kit/change_log/transaction.html", title, context)


@require_POST
def revert_view(request: HttpRequest, alias: str, entry_id: int) -> HttpResponse:
    """Revert one change; of a delete also its cascade."""
    entry = ChangeLogEntry.objects.using(alias).filter(pk=entry_id).first() if entry_id <= _MAX_ID else None
    if entry is None:
        raise Http404("No such change is logged.")
    require_view_permission(request, [entry.table_name])
    try:
        outcome = revert_changes(
            alias, find_cascade(alias, entry), check=lambda kinds: require_revert_permission(request, kinds)
        )
    except RevertRefusedError as error:
        messages.error(request, str(error))
    else:
        _notify_outcome(request, alias, outcome)
    return redirect(_page_to_return_to(request, alias, entry))


@require_safe
def timeline_view(request: HttpRequest, alias: str, table: str, key: UUID) -> HttpResponse:
    """Show all changes of a row, also of one that is not there any more."""
    model = find_table_model(table)
    if model is None or not has_change_log_triggers(alias, table):
        raise Http404
    require_view_permission(request, [table])
    entries = Paginator(row_entries(alias, table, key), ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    name = read_row_names(alias, {(table, key)}).get((table, key))
    latest = entries.object_list[0] if entries.object_list else None
    if name is None and latest is None:
        raise Http404("No such row, and none that was.")
    old = (latest.old or latest.new or {}) if latest is not None else {}
    context = {
        "alias": alias,
        "opts": model._meta,
        "page": entries,
        "entries": describe_entries(request, alias, list(entries.object_list)),
        "origins": import_runs().find_inserting_runs(request, alias, table, key),
        "row_link": row_link(request, table, key) if name else "",
        "name": name,
    }
    return _render_page(
        request, "synapse/kit/change_log/row.html", f"Changes of {name or format_deleted_row_name(table, old)}", context
    )


@require_safe
def deleted_view(request: HttpRequest, alias: str) -> HttpResponse:
    """Show the rows deleted from the database's tables, of those that the person may look at."""
    tables = [table for table in logged_tables(alias) if may_view(request, table)]
    if not tables:
        raise PermissionDenied
    chosen = request.GET.get("table", "")
    if chosen and chosen not in tables:
        raise Http404
    found = read_deletion_page(alias, [chosen] if chosen else tables, _parse_entry_id(request.GET.get("before", "")))
    context = {
        "alias": alias,
        "databases": [
            (other, DATABASE_WORDS[other])
            for other in ALIASES
            if any(may_view(request, table) for table in logged_tables(other))
        ],
        "rows": describe_deletions(request, alias, found[:DELETED_ON_A_PAGE]),
        "older": found[DELETED_ON_A_PAGE - 1].pk if len(found) > DELETED_ON_A_PAGE else None,
        "tables": [(table, row_noun(table, 2)) for table in tables],
        "chosen": chosen,
        "is_first": "before" not in request.GET,
    }
    return _render_page(request, "synapse/kit/change_log/deleted_rows.html", "Recently deleted", context)


def _render_page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    """Return a page with the admin's frame."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})


def _parse_entry_id(text: str) -> int | None:
    """Return the number in an address, None for an empty text. Raises Http404 for what is no bigint."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_DIGITS or int(text) > _MAX_ID:
        raise Http404
    return int(text)


def _undo_unit(request: HttpRequest, unit: UnitOfWork) -> HttpResponse:
    try:
        outcome = revert_changes(
            unit.alias, unit.logged_changes(), check=lambda kinds: require_revert_permission(request, kinds)
        )
    except RevertRefusedError as error:
        messages.error(request, str(error))
        return redirect(unit.link)
    _notify_outcome(request, unit.alias, outcome)
    return redirect(outcome.undo or unit.link)


def _notify_outcome(request: HttpRequest, alias: str, outcome: Outcome) -> None:
    level = messages.SUCCESS if outcome.total_rows else messages.WARNING
    messages.add_message(request, level, outcome_message(request, alias, outcome))


def _page_to_return_to(request: HttpRequest, alias: str, entry: ChangeLogEntry) -> str:
    """Return the page the person came from, or the page of the row's changes where the row has none any more."""
    place = (entry.table_name, entry.row_key)
    back = request.POST.get("back")
    if back == "deleted":
        return reverse("changes:deleted", args=[alias])
    is_here = back == "row" and place in read_row_names(alias, {place})
    return (row_link(request, *place) if is_here else "") or reverse("changes:row", args=[alias, *place])
