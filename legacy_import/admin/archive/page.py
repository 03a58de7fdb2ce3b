"""The pages of the archived tables: the list of them, each as a table, and as CSV (a streaming response).

Here are requests and permissions; the list is read by overview, the rows by rows, cells are drawn by
page_cells. The page of a single archived row is ledger_row's.
"""

import re
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header

from legacy_import.admin.archive.csv_stream import stream_csv
from legacy_import.admin.archive.overview import archived_tables
from legacy_import.admin.archive.page_values import build_table_line, build_table_page
from legacy_import.admin.archive.rows import RowChoice, read_rows_page
from legacy_import.admin.database_pages import ALIAS_OF_SLUG, LEDGER_ROWS, may_view_archive
from legacy_import.cell_display import visible
from legacy_import.models import ArchivedTable
from synapse.foundation.databases import ALIASES
from synapse.kit.admin.read_only import ReadOnlyAdmin

_LIST: Final = "legacy_import_archivedtable_changelist"
_PAGE_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,7}", re.ASCII)
"""PostgreSQL counts no further than a bigint."""
_NOT_IN_FILE_NAMES: Final = re.compile(r"[^\w.-]+")


@admin.register(ArchivedTable)
class ArchivedTableAdmin(ReadOnlyAdmin[ArchivedTable]):
    """Tables instead of rows: what the legacy files hold that has no home in PostgreSQL."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # Django's signature
        """Who may look at the archive of any database sees the tables of that database."""
        return any(may_view_archive(request, alias) for alias in ALIASES)

    def get_urls(self) -> list[URLPattern]:
        """Return the pages' addresses, and no others; a table's name may hold anything, so it is no part of a path."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=_LIST),
            path("<str:database>/", view(self.build_table_page), name="legacy_import_archivedtable_table"),
            path("<str:database>/csv/", view(self.csv_view), name="legacy_import_archivedtable_csv"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the tables of the databases whose archive the person may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lines = [line for alias in ALIASES if may_view_archive(request, alias) for line in archived_tables(alias)]
        context = {
            **self._page_context("Archived tables"),
            "lines": [build_table_line(line) for line in sorted(lines, key=lambda line: not line.holds_rows)],
            "nothing_imported": not any(line.last_seen for line in lines),
            **self.admin_site.each_context(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/legacy_import/archived_tables.html", context)

    def build_table_page(self, request: HttpRequest, database: str) -> HttpResponse:
        """Show a page of a table's rows."""
        choice = _parse_row_choice(request, database)
        typed = request.GET.get("p", "")
        page = read_rows_page(choice, int(typed) if _PAGE_NUMBER.fullmatch(typed) else 1)
        # Rows that are gone from the file have a page in the ledger's list only, which not everybody may see.
        ledger = f"legacy_import.view_{LEDGER_ROWS[choice.table.alias]._meta.model_name}"
        view = build_table_page(choice, page, rows_are_linked=not choice.gone or request.user.has_perm(ledger))
        context = {**self._page_context(view.table_name), "table": view, **self.admin_site.each_context(request)}
        return TemplateResponse(request, "admin/legacy_import/archived_table.html", context)

    def csv_view(self, request: HttpRequest, database: str) -> HttpResponseBase:
        """Send the rows as a file."""
        choice = _parse_row_choice(request, database)
        # Streamed: a table may hold millions of rows, and memory holds a few hundred of them.
        response = StreamingHttpResponse(stream_csv(choice), content_type="text/csv; charset=utf-8")
        name = _NOT_IN_FILE_NAMES.sub("_", f"{choice.table.source}-{choice.table.name}") + ".csv"
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response

    def _page_context(self, title: str) -> dict[str, Any]:
        return {"opts": self.model._meta, "title": title}


def _parse_row_choice(request: HttpRequest, database: str) -> RowChoice:
    """Read from the address which rows are asked for; raise Http404 or PermissionDenied."""
    alias = ALIAS_OF_SLUG.get(database)
    if alias is None:
        raise Http404
    if not may_view_archive(request, alias):
        raise PermissionDenied
    # Addresses spell names as they are shown: browsers change and hide some characters.
    wanted = request.GET.get("source"), request.GET.get("table")
    found = (line for line in archived_tables(alias) if (visible(line.source), visible(line.name)) == wanted)
    table = next(found, None)
    if table is None:
        raise Http404("The archive has no such table.")
    return RowChoice(table, gone="gone" in request.GET, words=request.GET.get("q", "").strip())
