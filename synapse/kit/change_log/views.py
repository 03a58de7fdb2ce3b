"""The change log's own pages: a transaction to undo, a change to revert, a row's history, deleted rows.

What lives here: requests. What does not: taking back (undoing), permissions (permissions), words (words, columns).
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
from synapse.kit.change_log.cascades import with_family
from synapse.kit.change_log.deleted_rows import ON_A_PAGE as DELETED_ON_A_PAGE
from synapse.kit.change_log.deleted_rows import deletions, shown_deletions
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.import_runs import imports
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.outcome_words import outcome_message, shown_outcome
from synapse.kit.change_log.permissions import may_revert, may_view, require_revert, require_view
from synapse.kit.change_log.reverting.catalogue import logged_tables
from synapse.kit.change_log.reverting.outcome import Outcome
from synapse.kit.change_log.reverting.revert import kinds_of, preview, revert
from synapse.kit.change_log.row_names import name_of_values, row_link, row_names
from synapse.kit.change_log.timeline import ON_A_PAGE, is_logged, row_entries, told
from synapse.kit.change_log.units_of_work import Unit, find_unit
from synapse.kit.change_log.words import DATABASE_WORDS, author_words, model_of, moment_words, noun

_LARGEST: Final = BigIntegerField.MAX_BIGINT
_LONGEST_NUMBER: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
def transaction_view(request: HttpRequest, alias: str, transaction_id: int) -> HttpResponse:
    """Show what a transaction changed and what undoing it would do (GET), or undo it (POST)."""
    unit = _unit_of(request, alias, transaction_id)
    kinds = kinds_of(alias, unit.entries())
    require_view(request, {table for table, _ in kinds})
    if request.method == "POST":
        return _undo(request, unit)
    context: dict[str, Any] = {
        "who": author_words(unit.author),
        "saved_at": unit.saved_at,
        "when": moment_words(unit.saved_at),
        "may_revert": may_revert(request, kinds),
    }
    try:
        context["shown"] = shown_outcome(request, alias, preview(alias, unit.entries()))
    except RevertRefusedError as error:
        context["refusal"] = str(error)
        keys = set(unit.entries().exclude(import_run=None).order_by().values_list("import_run", flat=True).distinct())
        context["runs"] = list(imports().runs(request, alias, {key for key in keys if key is not None}).values())
    title = f"Changes by {author_words(unit.author)}"
    return page(request, "synapse/kit/change_log/transaction.html", title, context)


@require_POST
def revert_view(request: HttpRequest, alias: str, entry_id: int) -> HttpResponse:
    """Take back one change; of a deletion also what the row's going took along."""
    entry = _entry(alias, entry_id)
    require_view(request, [entry.table_name])
    try:
        outcome = revert(alias, with_family(alias, entry), check=lambda kinds: require_revert(request, kinds))
    except RevertRefusedError as error:
        messages.error(request, str(error))
    else:
        _tell(request, alias, outcome)
    return redirect(_way_back(request, alias, entry))


@require_safe
def timeline_view(request: HttpRequest, alias: str, table: str, key: UUID) -> HttpResponse:
    """Show all changes of a row, also of one that is not there any more."""
    model = model_of(table)
    if model is None or not is_logged(alias, table):
        raise Http404
    require_view(request, [table])
    entries = Paginator(row_entries(alias, table, key), ON_A_PAGE).get_page(request.GET.get("page"))
    name = row_names(alias, {(table, key)}).get((table, key))
    latest = entries.object_list[0] if entries.object_list else None
    if name is None and latest is None:
        raise Http404("No such row, and none that was.")
    old = (latest.old or latest.new or {}) if latest is not None else {}
    context = {
        "alias": alias,
        "opts": model._meta,
        "page": entries,
        "entries": told(request, alias, list(entries.object_list)),
        "origins": imports().origins(request, alias, table, key),
        "row_link": row_link(request, table, key) if name else "",
        "name": name,
    }
    return page(request, "synapse/kit/change_log/row.html", f"Changes of {name or name_of_values(table, old)}", context)


@require_safe
def deleted_view(request: HttpRequest, alias: str) -> HttpResponse:
    """Show the rows deleted from the database's tables, of those that the person may look at."""
    tables = [table for table in logged_tables(alias) if may_view(request, table)]
    if not tables:
        raise PermissionDenied
    chosen = request.GET.get("table", "")
    if chosen and chosen not in tables:
        raise Http404
    found = deletions(alias, [chosen] if chosen else tables, _number(request.GET.get("before", "")))
    context = {
        "alias": alias,
        "databases": _databases(request),
        "rows": shown_deletions(request, alias, found[:DELETED_ON_A_PAGE]),
        "older": found[DELETED_ON_A_PAGE - 1].pk if len(found) > DELETED_ON_A_PAGE else None,
        "tables": [(table, noun(table, 2)) for table in tables],
        "chosen": chosen,
        "is_first": "before" not in request.GET,
    }
    return page(request, "synapse/kit/change_log/deleted_rows.html", "Recently deleted", context)


def _databases(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the databases of whose rows the person may see some, each with its words."""
    seen = [alias for alias in ALIASES if any(may_view(request, table) for table in logged_tables(alias))]
    return [(alias, DATABASE_WORDS[alias]) for alias in seen]


def page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    """Return a page of the admin."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})


def _unit_of(request: HttpRequest, alias: str, transaction_id: int) -> Unit:
    entry_id = _number(request.GET.get("entry", ""))
    unit = find_unit(alias, transaction_id, entry_id) if transaction_id <= _LARGEST else None
    if unit is None:
        raise Http404("No such change is logged.")
    return unit


def _number(text: str) -> int | None:
    """Return the number in an address, None for an empty text."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_NUMBER or int(text) > _LARGEST:
        raise Http404
    return int(text)


def _entry(alias: str, entry_id: int) -> ChangeLogEntry:
    entry = ChangeLogEntry.objects.using(alias).filter(pk=entry_id).first() if entry_id <= _LARGEST else None
    if entry is None:
        raise Http404("No such change is logged.")
    return entry


def _undo(request: HttpRequest, unit: Unit) -> HttpResponse:
    try:
        outcome = revert(unit.alias, unit.entries(), check=lambda kinds: require_revert(request, kinds))
    except RevertRefusedError as error:
        messages.error(request, str(error))
        return redirect(unit.link)
    _tell(request, unit.alias, outcome)
    return redirect(outcome.undo or unit.link)


def _tell(request: HttpRequest, alias: str, outcome: Outcome) -> None:
    level = messages.SUCCESS if outcome.total else messages.WARNING
    messages.add_message(request, level, outcome_message(request, alias, outcome))


def _way_back(request: HttpRequest, alias: str, entry: ChangeLogEntry) -> str:
    """Return the page the person came from, or the row's changes where its own page is gone."""
    place = (entry.table_name, entry.row_key)
    back = request.POST.get("back")
    if back == "deleted":
        return reverse("changes:deleted", args=[alias])
    is_here = back == "row" and place in row_names(alias, {place})
    return (row_link(request, *place) if is_here else "") or reverse("changes:row", args=[alias, *place])
