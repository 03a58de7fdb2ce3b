"""The change log's own pages: a transaction to look at and undo.

What lives here: requests. What does not: taking back (undoing), permissions (permissions), words (words, columns).
"""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from synapse.change_log.errors import RevertRefusedError
from synapse.change_log.outcome_words import outcome_message, shown_outcome
from synapse.change_log.permissions import may_revert, require_revert, require_view
from synapse.change_log.undoing import kinds_of, preview, revert
from synapse.change_log.units import Unit, find_unit
from synapse.change_log.words import author_words, moment_words

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
    title = f"Changes by {author_words(unit.author)}"
    return page(request, "synapse/change_log/transaction.html", title, context)


def page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    """Return a page of the admin."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})


def _unit_of(request: HttpRequest, alias: str, transaction_id: int) -> Unit:
    named = request.GET.get("entry", "")
    if named and not (named.isascii() and named.isdecimal()):
        raise Http404
    entry_id = int(named[:_LONGEST_NUMBER]) if named else None
    is_known = max(transaction_id, entry_id or 0) <= _LARGEST
    unit = find_unit(alias, transaction_id, entry_id) if is_known else None
    if unit is None:
        raise Http404("No such change is logged.")
    return unit


def _undo(request: HttpRequest, unit: Unit) -> HttpResponse:
    try:
        outcome = revert(unit.alias, unit.entries(), check=lambda kinds: require_revert(request, kinds))
    except RevertRefusedError as error:
        messages.error(request, str(error))
        return redirect(unit.link)
    level = messages.SUCCESS if outcome.total else messages.WARNING
    messages.add_message(request, level, outcome_message(request, unit.alias, outcome))
    return redirect(outcome.undo or unit.link)
