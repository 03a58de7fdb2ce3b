"""Answer the buttons of the divergences' page: the POST that keeps, takes the other value, or undoes a choice.

Called by page. The choice, which is the conflict resolution, is legacy_import.services.choosing_values'.
"""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from legacy_import.admin.database_page import DatabaseAdmin
from legacy_import.models import Divergence
from legacy_import.services import (
    ChoiceRefusedError,
    ShownDivergence,
    keep_current_values,
    take_other_values,
    undo_choice,
)
from legacy_import.target_display import field_label

_DONE_WORDS: Final = {"kept": "Kept what is here", "other": "Took the other value", "undo": "Undecided again"}
"""What was done, by the verb of the page's button."""
_NO_BUTTON: Final = "nothing"
"""What the page sends where a person presses Enter instead of a button."""


def may_choose(request: HttpRequest) -> bool:
    """Say whether the person may choose between diverging values."""
    return request.user.has_perm("legacy_import.choose_divergence")


def decide_divergences(page: DatabaseAdmin[Divergence], request: HttpRequest) -> HttpResponse:
    """Keep, take the other or undo, one field or all ticked ones; then back to the list as it was.

    The change permission of the target's model is not asked for (docs/adr/0007).
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not (page.has_view_permission(request) and may_choose(request)):
        raise PermissionDenied
    list_page = reverse(f"admin:legacy_import_{page.model._meta.model_name}_changelist")
    verb, _, one = request.POST.get("decide", "").partition(":")
    if verb == _NO_BUTTON:
        messages.info(request, "Nothing was decided: press one of the buttons.")
    elif verb in _DONE_WORDS:
        ids = [one] if one else request.POST.getlist("ticked")
        try:
            keys = {UUID(text): text for text in ids}
        except ValueError:
            raise BadRequest from None
        # What the page's hidden fields say it showed.
        shown = [ShownDivergence(key, request.POST.get(f"token-{text}", "")) for key, text in keys.items()]
        _apply_choice(request, verb, shown, alias=page.alias, list_page=list_page)
    else:
        raise BadRequest
    query = QueryDict(request.POST.get("list", "")).urlencode()
    return redirect(f"{list_page}?{query}" if query else list_page)


def _apply_choice(request: HttpRequest, verb: str, shown: list[ShownDivergence], *, alias: str, list_page: str) -> None:
    """Choose, and tell the person what was done or why nothing was."""
    if not shown:
        messages.warning(request, "Nothing was ticked, so nothing was decided.")
        return
    author = request.user.get_username()
    try:
        if verb == "undo":
            decided = undo_choice(alias, shown, author=author)
        else:
            choose = keep_current_values if verb == "kept" else take_other_values
            decided = choose(alias, shown, author=author, now=timezone.now())
    except ChoiceRefusedError as refusal:
        messages.error(request, str(refusal))
        return
    first = decided[0]
    fields = field_label(first.target_table, first.column) if len(decided) == 1 else f"{len(decided)} fields"
    if verb == "undo":
        messages.success(request, format_html("{}: {}.", _DONE_WORDS[verb], fields))
        return
    query = "decision=decided" + (f"&q={first.target_key}" if len(decided) == 1 else "")
    see = format_html('<a href="{}?{}">See or undo it</a>', list_page, query)
    messages.success(request, format_html("{}: {}. {}", _DONE_WORDS[verb], fields, see))
