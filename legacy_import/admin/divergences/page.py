"""The pages of the divergences: where two sides say different things of one field, and the choice between them.

changelist chooses which divergences a page shows, blocks how; actions answers its buttons.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from legacy_import import models
from legacy_import.admin.database_page import LargeTableAdmin, SourceFilter, parse_row_key
from legacy_import.admin.divergences.actions import decide_divergences, may_choose
from legacy_import.admin.divergences.blocks import divergence_blocks
from legacy_import.admin.divergences.changelist import ORDER, DecisionFilter, DivergenceList, TargetTableFilter
from legacy_import.admin.tables import format_json, preserve_whitespace
from legacy_import.cell_display import format_key, visible
from legacy_import.models import Divergence
from legacy_import.services.legacy_tables import ledger_ids_of_key

_LEDGER = (models.BusinessCoreLedgerRow, models.AnalyticsLedgerRow, models.RevenueLedgerRow)


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
        "kept_value",
        "source",
        "legacy_table",
        "key_text",
        "other_value",
        "ledger_link",
        "detected_at",
        "choice",
        "chosen_by_name",
        "chosen_at",
        "replaced_value",
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
                "may_choose": may_choose(request),
                "is_narrowed": bool(request.GET),
                "decide": reverse(f"admin:legacy_import_{self.model._meta.model_name}_decide"),
            }
        return response

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Decide about divergences (POST); see actions."""
        return decide_divergences(self, request)

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
        found = Q(ledger_id__in=ledger_ids_of_key(self.alias, term))
        target = parse_row_key(term)
        return queryset.filter(found if target is None else found | Q(target_key=target)), False

    @admin.display(description="legacy key")
    def key_text(self, divergence: Divergence) -> str:
        """Return the legacy key in words."""
        return format_key(divergence.key)

    @admin.display(description="kept")
    def kept_value(self, divergence: Divergence) -> SafeString:
        """Return the kept value."""
        return preserve_whitespace(format_json(divergence.kept))

    @admin.display(description="the source says")
    def other_value(self, divergence: Divergence) -> SafeString:
        """Return the other value."""
        return preserve_whitespace(format_json(divergence.other))

    @admin.display(description="chosen by")
    def chosen_by_name(self, divergence: Divergence) -> str:
        """Return who chose."""
        return visible(divergence.chosen_by) or "-"

    @admin.display(description="what the other value replaced")
    def replaced_value(self, divergence: Divergence) -> SafeString | str:
        """Return the value that stood here before the other one was taken."""
        if divergence.choice != Divergence.Choice.OTHER:
            return "-"
        return preserve_whitespace(format_json(divergence.replaced))

    @admin.display(description="ledger row")
    def ledger_link(self, divergence: Divergence) -> SafeString | str:
        """Return a link to the legacy row's ledger row."""
        return self.row_link(_LEDGER, divergence.ledger_id, divergence.ledger_id)
