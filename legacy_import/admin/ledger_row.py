"""The pages of the ledger and of the archive, and the base of the quarantine's list: each shows one ledger state.

The quarantine's other pages are legacy_import.admin.quarantine's.
"""

from typing import ClassVar

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from legacy_import import models
from legacy_import.admin.cell_search import cell_contains_condition
from legacy_import.admin.database_page import LargeTableAdmin, SourceFilter, TableFilter, admin_link, parse_row_key
from legacy_import.admin.tables import cells_table, format_json, html_table
from legacy_import.cell_display import describe_reason, format_cell, format_key, visible
from legacy_import.models import LedgerRow
from legacy_import.services.legacy_tables import ledger_ids_of_key, read_legacy_columns

_RUNS = (models.BusinessCoreRun, models.AnalyticsRun, models.RevenueRun)
_MAX_PREVIEWED_CELLS = 4
_MAX_PREVIEW_LENGTH = 60


class _LedgerPage(LargeTableAdmin[LedgerRow]):
    """What the three views share: `state` narrows one to the rows in that state."""

    state: ClassVar[LedgerRow.State | None] = None

    list_filter = [SourceFilter, TableFilter]
    search_fields = ["key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerRow]:
        """Return the rows of the page's state."""
        rows = super().get_queryset(request)
        return rows if self.state is None else rows.filter(state=self.state)

    @admin.display(description="key")
    def key_text(self, row: LedgerRow) -> str:
        """Return the legacy key in words."""
        return format_key(row.key)

    @admin.display(description="why")
    def reasons_list(self, row: LedgerRow) -> SafeString | str:
        """Return the reasons in words, one a line."""
        reasons = ((describe_reason(reason),) for reason in row.reasons or ())
        return format_html_join("", "<div>{}</div>", reasons) or "-"

    @admin.display(description="legacy cells")
    def cell_table(self, row: LedgerRow) -> SafeString | str:
        """Return the kept cells in the order of the file's columns."""
        return cells_table(row.cells, read_legacy_columns(self.alias, row.source, row.legacy_table))

    @admin.display(description="cells")
    def cells_preview(self, row: LedgerRow) -> str:
        """Return the row's first cells that hold something."""
        held = [
            (visible(name), format_cell(cell, longest=_MAX_PREVIEW_LENGTH).text)
            for name, cell in (row.cells or {}).items()
            if cell
        ]
        words = "; ".join(f"{name}: {text}" for name, text in held[:_MAX_PREVIEWED_CELLS])
        return f"{words}; …" if len(held) > _MAX_PREVIEWED_CELLS else words

    @admin.display(description="run")
    def run_link(self, row: LedgerRow) -> SafeString | str:
        """Return a link to the run that last wrote the ledger row."""
        try:
            return self.row_link(_RUNS, row.run_id, row.run)
        except ObjectDoesNotExist:
            return str(row.run_id)

    @admin.display(description="target row")
    def target_link(self, row: LedgerRow) -> SafeString | str:
        """Return a link to the row it landed in."""
        if row.target_table is None or row.target_key is None:
            return "-"
        words = f"{row.target_table} {row.target_key}"
        model = next((m for m in apps.get_models() if m._meta.db_table == row.target_table and not m._meta.proxy), None)
        return admin_link(model, row.target_key, words) if model and row.owns else words


@admin.register(models.BusinessCoreLedgerRow, models.AnalyticsLedgerRow, models.RevenueLedgerRow)
class LedgerAdmin(_LedgerPage):
    """Every legacy row and what became of it; search takes a whole key, for no index is on their parts."""

    list_display = ["key_text", "source", "legacy_table", "state", "target_table", "target_key"]
    list_filter = [SourceFilter, TableFilter, "state"]
    search_help_text = "The whole legacy key, or the key of the row it landed in."
    fields = [
        "source",
        "legacy_table",
        "key_text",
        "state",
        "owns",
        "target_link",
        "run_link",
        "reasons_list",
        "cell_table",
        "encoded_cell_table",
        "base_value_table",
    ]

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        queryset: QuerySet[LedgerRow],
        search_term: str,
    ) -> tuple[QuerySet[LedgerRow], bool]:
        """Return the rows of the key: by their ids, which the keys make, and by their targets."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(pk__in=ledger_ids_of_key(self.alias, term))
        target = parse_row_key(term)
        if target is not None:
            # Both halves have an index of their own.
            found |= Q(target_key=target, owns=True) | Q(target_key=target, owns=False)
        return queryset.filter(found), False

    @admin.display(description="given back by the target")
    def encoded_cell_table(self, row: LedgerRow) -> SafeString | str:
        """Return what the target gave, at the import, for the kept cells."""
        return cells_table(row.encoded)

    @admin.display(description="as imported, before the first edit here")
    def base_value_table(self, row: LedgerRow) -> SafeString | str:
        """Return the target's values before they were changed here."""
        lines = ((visible(name), format_json(value)) for name, value in sorted((row.base or {}).items()))
        return html_table(["column", "value"], lines) if row.base else "-"


class KeptRowsPage(_LedgerPage):
    """A view of rows that the ledger holds whole; search takes any part of a key or a cell."""

    search_help_text = "Any part of the key or of a cell."

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        queryset: QuerySet[LedgerRow],
        search_term: str,
    ) -> tuple[QuerySet[LedgerRow], bool]:
        """Return the rows that hold the words in their key or in a cell, in either case of letters."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(Q(key__icontains=term) | cell_contains_condition(term)), False


@admin.register(models.BusinessCoreArchivedRow, models.AnalyticsArchivedRow, models.RevenueArchivedRow)
class ArchiveAdmin(KeptRowsPage):
    """Rows of tables that have no target, exact and browsable."""

    state = LedgerRow.State.ARCHIVED
    list_display = ["key_text", "source", "legacy_table", "cells_preview"]
    fields = ["source", "legacy_table", "key_text", "cell_table", "run_link"]
