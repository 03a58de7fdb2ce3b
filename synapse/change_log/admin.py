"""The change log's pages, one per database, to look at only."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from synapse.admin_base import ReadOnlyAdmin
from synapse.change_log import panel as timeline_panel  # noqa: F401  # importing registers it
from synapse.change_log.models import AnalyticsChange, BusinessCoreChange, ChangeLogEntry, RevenueChange


class LoggedTableFilter(admin.SimpleListFilter):
    """A filter over the tables that carry the log's triggers."""

    title = "table"
    parameter_name = "table_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return the tables, asked of the catalogue: distinct names of a long log would cost a scan."""
        with connections[model_admin.get_queryset(request).db].cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE t.tgname = 'change_log_update' ORDER BY c.relname"
            )
            return [(name, name) for (name,) in cursor.fetchall()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ChangeLogEntry]) -> QuerySet[ChangeLogEntry]:  # noqa: ARG002
        """Return the chosen table's changes."""
        return queryset if self.value() is None else queryset.filter(table_name=self.value())


@admin.register(BusinessCoreChange, AnalyticsChange, RevenueChange)
class ChangeLogAdmin(ReadOnlyAdmin[ChangeLogEntry]):
    """Changes, the latest first; search takes a row's key."""

    list_display = ["changed_at", "table_name", "operation", "author", "changed_columns", "row_key"]
    list_filter = [LoggedTableFilter, "operation"]
    ordering = ["-id"]
    search_fields = ["row_key"]
    search_help_text = "The key of a row."
    fields = [
        "changed_at",
        "table_name",
        "row_key",
        "operation",
        "author",
        "import_run",
        "transaction_id",
        "comparison",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChangeLogEntry], search_term: str
    ) -> tuple[QuerySet[ChangeLogEntry], bool]:
        """Return the changes of the row with this key; Django's own search would cast every key to text."""
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(row_key=UUID(search_term.strip())), False
        except ValueError:
            self.message_user(request, f"{search_term.strip()[:80]!r} is no row's key.", level="WARNING")
            return queryset.none(), False

    @admin.display(description="columns")
    def changed_columns(self, entry: ChangeLogEntry) -> str:
        """Return the names of a change's columns, "all" for an addition and a deletion."""
        return ", ".join(sorted(entry.new)) if entry.old and entry.new else "all"

    @admin.display(description="old and new")
    def comparison(self, entry: ChangeLogEntry) -> SafeString:
        """Return the old and the new values, column by column."""
        old, new = entry.old or {}, entry.new or {}
        rows = ((column, _shown(old, column), _shown(new, column)) for column in sorted({*old, *new}))
        body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table><tr><th>column</th><th>old</th><th>new</th></tr>{}</table>", body)


def _shown(values: dict[str, Any], column: str) -> str:
    """Return a value as JSON, so that NULL and 'null' differ; an absent one is blank."""
    return json.dumps(values[column], ensure_ascii=False) if column in values else ""
