"""The pages of the divergences: where two sides say different things of one field."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from legacy_import import models
from legacy_import.admin.database_page import MillionsAdmin, SourceFilter, row_key
from legacy_import.admin.legacy_tables import ledger_ids
from legacy_import.admin.tables import json_words, pre_wrapped
from legacy_import.cell_words import shown_key
from legacy_import.models import Divergence

_LEDGER = (models.BusinessCoreLedgerRow, models.AnalyticsLedgerRow, models.RevenueLedgerRow)
_BRIEF = 80


@admin.register(models.BusinessCoreDivergence, models.AnalyticsDivergence, models.RevenueDivergence)
class DivergenceAdmin(MillionsAdmin[Divergence]):
    """Fields of which a source says something else than the row that is kept."""

    list_display = ["column", "target_table", "shown_key", "kind", "kept_briefly", "source", "other_briefly"]
    list_filter = ["kind", SourceFilter]
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
    ]

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
        target = row_key(term)
        return queryset.filter(found if target is None else found | Q(target_key=target)), False

    @admin.display(description="legacy key")
    def shown_key(self, divergence: Divergence) -> str:
        """Return the legacy key in words."""
        return shown_key(divergence.key)

    @admin.display(description="kept")
    def kept_briefly(self, divergence: Divergence) -> str:
        """Return the beginning of the kept value."""
        return _brief(divergence.kept)

    @admin.display(description="the source says")
    def other_briefly(self, divergence: Divergence) -> str:
        """Return the beginning of the other value."""
        return _brief(divergence.other)

    @admin.display(description="kept")
    def kept_in_full(self, divergence: Divergence) -> SafeString:
        """Return the kept value."""
        return pre_wrapped(json_words(divergence.kept))

    @admin.display(description="the source says")
    def other_in_full(self, divergence: Divergence) -> SafeString:
        """Return the other value."""
        return pre_wrapped(json_words(divergence.other))

    @admin.display(description="ledger row")
    def ledger_link(self, divergence: Divergence) -> SafeString | str:
        """Return a link to the legacy row's ledger row."""
        return self.link(_LEDGER, divergence.ledger_id, divergence.ledger_id)


def _brief(value: object) -> str:
    words = json_words(value)
    return words if len(words) <= _BRIEF else f"{words[:_BRIEF]}…"
