"""The pages of the divergences: where two sides say different things of one field, and the choice between them.

Here are requests and permissions. changelist chooses which divergences a page shows, blocks how; the choice, which is
the conflict resolution, is legacy_import.services.choosing_values'.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from legacy_import import models
from legacy_import.admin.database_page import LargeTableAdmin, SourceFilter, parse_row_key
from legacy_import.admin.divergences.blocks import divergence_blocks
from legacy_import.admin.divergences.changelist import ORDER, DecisionFilter, DivergenceList, TargetTableFilter
from legacy_import.admin.tables import json_words, pre_wrapped
from legacy_import.cell_words import show_key, visible
from legacy_import.models import Divergence
from legacy_import.services import ChoiceRefusedError, ShownDivergence, choose_kept, choose_other, undo_choice
from legacy_import.services.legacy_tables import ledger_ids
from legacy_import.target_words import field_words

_LEDGER = (models.BusinessCoreLedgerRow, models.AnalyticsLedgerRow, models.RevenueLedgerRow)
_DONE_WORDS: Final = {"kept": "Kept what is here", "other": "Took the other value", "undo": "Undecided again"}
"""What the verbs of the page's buttons do."""
_NO_BUTTON: Final = "nothing"
"""What the page sends where a person presses Enter instead of a button."""


@admin.register(models.BusinessCoreDivergence, models.AnalyticsDivergence, models.RevenueDivergence)
class DivergenceAdmin(LargeTableAdmin[Divergence]):
    """Fields of which a source says something else than the row that is kept, and who chose what."""

    change_list_template = "admin/legacy_import/divergences.html"
    ordering = [*ORDER]
    list_display = ["column"]
    list_filter = [DecisionFilter, SourceFilter, TargetTableFilter, "kind"]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["key"]
    search_help_text = "The whole legacy key, or the key of the row that is kept."
    fields = [
        "target_table",
        "target_key",
        "column",
        "kind",
        "kept_in_full",
        "source",
        "legacy_table",
        "shown_key",
        "other_in_full",
        "ledger_link",
        "detected_at",
        "choice",
        "chosen_by_words",
        "chosen_at",
        "replaced_in_full",
    ]

    def get_urls(self) -> list[URLPattern]:
        """Return the pages' addresses, the one that decides among them."""
        name = f"legacy_import_{self.model._meta.model_name}_decide"
        return [path("decide/", self.admin_site.admin_view(self.decide_view), name=name), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DivergenceList]:  # noqa: ARG002  # Django's
        """Return the list that shows a target row's divergences together."""
        return DivergenceList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the divergences as blocks of lines with their buttons."""
        title = str(self.model._meta.verbose_name_plural)
        words = {"title": title[:1].upper() + title[1:], **(extra_context or {})}
        response = super().changelist_view(request, words)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            found = list(response.context_data["cl"].result_list)
            response.context_data |= {
                "blocks": divergence_blocks(request, self.alias, found),
                "some_undecided": any(not one.choice for one in found),
                "some_decided": any(one.choice for one in found),
                "may_choose": _may_choose(request),
                "is_narrowed": bool(request.GET),
                "decide": reverse(f"admin:legacy_import_{self.model._meta.model_name}_decide"),
            }
        return response

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Keep, take the other or undo, one field or all ticked ones; then back to the list as it was.

        The change permission of the target's model is not asked for (docs/adr/0007).
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_view_permission(request) and _may_choose(request)):
            raise PermissionDenied
        verb, _, one = request.POST.get("decide", "").partition(":")
        if verb == _NO_BUTTON:
            messages.info(request, "Nothing was decided: press one of the buttons.")
        elif verb in _DONE_WORDS:
            self._carry_out_choice(
                request, verb, _shown_divergences(request, [one] if one else request.POST.getlist("ticked"))
            )
        else:
            raise BadRequest
        query = QueryDict(request.POST.get("list", "")).urlencode()
        return redirect(f"{self._list_page()}?{query}" if query else self._list_page())

    def _carry_out_choice(self, request: HttpRequest, verb: str, shown: list[ShownDivergence]) -> None:
        if not shown:
            messages.warning(request, "Nothing was ticked, so nothing was decided.")
            return
        author = request.user.get_username()
        try:
            if verb == "undo":
                decided = undo_choice(self.alias, shown, author=author)
            else:
                choose = choose_kept if verb == "kept" else choose_other
                decided = choose(self.alias, shown, author=author, now=timezone.now())
        except ChoiceRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            first = decided[0]
            fields = field_words(first.target_table, first.column) if len(decided) == 1 else f"{len(decided)} fields"
            if verb == "undo":
                messages.success(request, format_html("{}: {}.", _DONE_WORDS[verb], fields))
                return
            query = "decision=decided" + (f"&q={first.target_key}" if len(decided) == 1 else "")
            see = format_html('<a href="{}?{}">See or undo it</a>', self._list_page(), query)
            messages.success(request, format_html("{}: {}. {}", _DONE_WORDS[verb], fields, see))

    def _list_page(self) -> str:
        return reverse(f"admin:legacy_import_{self.model._meta.model_name}_changelist")

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        queryset: QuerySet[Divergence],
        search_term: str,
    ) -> tuple[QuerySet[Divergence], bool]:
        """Return the divergences of the legacy row, or of the target row, of this key."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(ledger_id__in=ledger_ids(self.alias, term))
        target = parse_row_key(term)
        return queryset.filter(found if target is None else found | Q(target_key=target)), False

    @admin.display(description="legacy key")
    def shown_key(self, divergence: Divergence) -> str:
        """Return the legacy key in words."""
        return show_key(divergence.key)

    @admin.display(description="kept")
    def kept_in_full(self, divergence: Divergence) -> SafeString:
        """Return the kept value."""
        return pre_wrapped(json_words(divergence.kept))

    @admin.display(description="the source says")
    def other_in_full(self, divergence: Divergence) -> SafeString:
        """Return the other value."""
        return pre_wrapped(json_words(divergence.other))

    @admin.display(description="chosen by")
    def chosen_by_words(self, divergence: Divergence) -> str:
        """Return who chose."""
        return visible(divergence.chosen_by) or "-"

    @admin.display(description="what the other value replaced")
    def replaced_in_full(self, divergence: Divergence) -> SafeString | str:
        """Return the value that stood here before the other one was taken."""
        if divergence.choice != Divergence.Choice.OTHER:
            return "-"
        return pre_wrapped(json_words(divergence.replaced))

    @admin.display(description="ledger row")
    def ledger_link(self, divergence: Divergence) -> SafeString | str:
        """Return a link to the legacy row's ledger row."""
        return self.row_link(_LEDGER, divergence.ledger_id, divergence.ledger_id)


def _shown_divergences(request: HttpRequest, ids: list[str]) -> list[ShownDivergence]:
    """Return what the page's hidden fields say it showed of these divergences."""
    try:
        keys = {UUID(text): text for text in ids}
    except ValueError:
        raise BadRequest from None
    return [ShownDivergence(key, request.POST.get(f"token-{text}", "")) for key, text in keys.items()]


def _may_choose(request: HttpRequest) -> bool:
    return request.user.has_perm("legacy_import.choose_divergence")
