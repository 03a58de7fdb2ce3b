"""The change log's lists in the admin, one per database, read-only; what reverts changes is views.py."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.foundation.text.visible import visible
from synapse.kit.admin.read_only import ReadOnlyAdmin
from synapse.kit.change_log import timeline_panel  # noqa: F401  # importing registers it
from synapse.kit.change_log.column_changes import column_changes
from synapse.kit.change_log.filters import AuthorFilter, LoggedTableFilter
from synapse.kit.change_log.formatting import author_label, column_label, format_local_time, row_noun
from synapse.kit.change_log.import_runs import UNKNOWN_RUN, RunLabel, import_runs
from synapse.kit.change_log.models import AnalyticsChange, BusinessCoreChange, ChangeLogEntry, RevenueChange
from synapse.kit.change_log.permissions import may_view
from synapse.kit.change_log.reverting.catalogue import logged_tables
from synapse.kit.change_log.row_names import Place, format_deleted_row_name, read_parent_names, read_row_names
from synapse.kit.change_log.units_of_work import unit_of_work_link


class NamedChangeList(ChangeList):
    """A list with the names of its rows and runs, read in one query per table."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and the names that it needs."""
        super().get_results(request)
        entries: list[ChangeLogEntry] = list(self.result_list)
        alias = self.root_queryset.db
        names = read_row_names(alias, {(one.table_name, one.row_key) for one in entries})
        runs = import_runs().describe_runs(
            request, alias, {one.import_run for one in entries if one.import_run is not None}
        )
        for one in entries:
            one.shown_row = _row_history_link(alias, one, names)  # type: ignore[attr-defined]  # the list's own
            one.shown_run = _import_run_link(one, runs)  # type: ignore[attr-defined]
        self.result_list = entries  # read once, with what was added


@admin.register(BusinessCoreChange, AnalyticsChange, RevenueChange)
class ChangeLogAdmin(ReadOnlyAdmin[ChangeLogEntry]):
    """Changes, the latest first; search takes a row's key."""

    list_display = [
        "changed_at_text",
        "author_link",
        "operation",
        "table_noun",
        "row_link",
        "changed_columns",
        "undo_page_link",
    ]
    list_filter = [AuthorFilter, LoggedTableFilter, "operation"]
    list_before_template = "synapse/kit/change_log/list_head.html"
    sortable_by = ()
    ordering = ["-id"]
    search_fields = ["row_key"]
    search_help_text = "The key of a row."
    fields = (
        "changed_at_text",
        "author_link",
        "operation",
        "table_noun",
        "row_link",
        "undo_page_link",
        "transaction_link",
        "comparison",
        "logged_json",
    )
    readonly_fields = fields

    class Media:
        css = {"all": ["synapse/kit/change_log.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the way to the deleted rows."""
        deleted = reverse("changes:deleted", args=[self.model.database_alias])  # type: ignore[attr-defined]  # pinned proxies only
        page: HttpResponse = super().changelist_view(request, {"deleted_page": deleted, **(extra_context or {})})
        return page

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeLogEntry]:
        """Return the changes, less those of tables whose rows the person may not look at."""
        queryset = super().get_queryset(request)
        hidden = [table for table in logged_tables(queryset.db) if not may_view(request, table)]
        return queryset.exclude(table_name__in=hidden) if hidden else queryset

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002  # Django's
        """Return the list that knows its rows' names."""
        return NamedChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ChangeLogEntry | None:
        """Return the change with its row's and its run's names."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            alias = str(entry._state.db)
            names = read_row_names(alias, {(entry.table_name, entry.row_key)})
            runs = import_runs().describe_runs(request, alias, {entry.import_run} if entry.import_run else set())
            entry.shown_row = _row_history_link(alias, entry, names)  # type: ignore[attr-defined]
            entry.shown_run = _import_run_link(entry, runs)  # type: ignore[attr-defined]
        return entry

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChangeLogEntry], search_term: str
    ) -> tuple[QuerySet[ChangeLogEntry], bool]:
        """Return the changes of the row with this key; Django's own search would cast every key to text."""
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(row_key=UUID(search_term.strip())), False
        except ValueError:
            if self._is_changelist_page(request):
                words = f"“{visible(search_term.strip()[:80])}” is no row's key."
                self.message_user(request, words, level="WARNING")
            return queryset.none(), False

    def _is_changelist_page(self, request: HttpRequest) -> bool:
        """Return whether the list itself is shown; elsewhere a message would turn up on some other page."""
        match = request.resolver_match
        return match is not None and match.url_name == f"{self.opts.app_label}_{self.opts.model_name}_changelist"

    @admin.display(description="when", ordering="-id")
    def changed_at_text(self, entry: ChangeLogEntry) -> str:
        """Return when the change was made, by the local clock."""
        return format_local_time(entry.changed_at)

    @admin.display(description="who")
    def author_link(self, entry: ChangeLogEntry) -> SafeString | str:
        """Return who made the change: a person, or an import with the way to it."""
        return entry.shown_run or author_label(entry.author)  # type: ignore[attr-defined]

    @admin.display(description="table")
    def table_noun(self, entry: ChangeLogEntry) -> str:
        """Return what a row of the table is called."""
        return row_noun(entry.table_name)

    @admin.display(description="row")
    def row_link(self, entry: ChangeLogEntry) -> SafeString | str:
        """Return the row's name, with the way to its history."""
        name: SafeString | str = entry.shown_row  # type: ignore[attr-defined]
        return name

    @admin.display(description="columns")
    def changed_columns(self, entry: ChangeLogEntry) -> str:
        """Return the names of a change's columns, "all" for an addition and a deletion."""
        if not (entry.old and entry.new):
            return "all"
        return ", ".join(sorted(column_label(entry.table_name, name) for name in entry.new))

    @admin.display(description="undo")
    def undo_page_link(self, entry: ChangeLogEntry) -> SafeString | str:
        """Return the way to the undo of all that was saved with the change; an import has its own."""
        if entry.import_run is not None:
            return "On the import's page"
        link = unit_of_work_link(str(entry._state.db), entry.transaction_id, entry.pk)
        return format_html('<a class="link cl-link" href="{}">Look or undo</a>', link)

    @admin.display(description="saved with it")
    def transaction_link(self, entry: ChangeLogEntry) -> SafeString:
        """Return the way to all changes of the same transaction."""
        page = reverse(f"admin:change_log_{self.opts.model_name}_changelist")
        return format_html(
            '<a class="link cl-link" href="{}?transaction_id__exact={}">All changes of transaction {}</a>',
            page,
            entry.transaction_id,
            entry.transaction_id,
        )

    @admin.display(description="before and after")
    def comparison(self, entry: ChangeLogEntry) -> SafeString:
        """Return the old and the new values in words, column by column."""
        old, new = entry.old or {}, entry.new or {}
        values = [(entry.table_name, name, value) for side in (old, new) for name, value in side.items()]
        parents = read_parent_names(str(entry._state.db), values)
        columns = column_changes(entry.table_name, old, new, parents)
        return render_to_string("synapse/kit/change_log/comparison.html", {"columns": columns})

    @admin.display(description="exactly")
    def logged_json(self, entry: ChangeLogEntry) -> SafeString:
        """Return what the log holds, as JSON, so that NULL and 'null' differ."""
        sides = (visible(json.dumps(side, ensure_ascii=False, indent=1)) for side in (entry.old, entry.new))
        return format_html("<details><summary>As the log has it</summary><pre>{}\n→ {}</pre></details>", *sides)


def _row_history_link(alias: str, entry: ChangeLogEntry, names: Mapping[Place, str]) -> SafeString | str:
    place = (entry.table_name, entry.row_key)
    # Of an update only the changed columns are logged: a row that is gone is then called by its key.
    logged = (
        format_deleted_row_name(entry.table_name, entry.old or entry.new or {}) if not (entry.old and entry.new) else ""
    )
    name = names.get(place) or logged or str(entry.row_key)
    return format_html('<a class="link cl-link" href="{}">{}</a>', reverse("changes:row", args=[alias, *place]), name)


def _import_run_link(entry: ChangeLogEntry, runs: Mapping[UUID, RunLabel]) -> SafeString | str:
    if entry.import_run is None:
        return ""
    run = runs.get(entry.import_run, UNKNOWN_RUN)
    return format_html('<a class="link cl-link" href="{}">{}</a>', run.link, run.words) if run.link else run.words
