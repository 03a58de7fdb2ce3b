"""What the templates of the archived tables show: words, cells and addresses, as frozen values made for a page.

Called by page; the rows come from rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from legacy_import.admin.archive.overview import ArchivedTableLine
from legacy_import.admin.archive.page_cells import PageCell, numeric_columns, page_cell
from legacy_import.admin.archive.rows import RowChoice, RowPage, column_headings
from legacy_import.admin.capped_paginator import MAX_LISTED_ROWS
from legacy_import.admin.database_pages import ARCHIVED_ROWS, DATABASE_WORDS, LEDGER_ROWS, SLUG_OF_ALIAS
from legacy_import.cell_display import visible

_PLACEHOLDER_KEY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class LineView:
    """A table in the list of tables."""

    source: str
    name: str
    page: str
    database: str
    rows: str
    gone_rows: str
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class RowView:
    """A row: its place among all, its own page (empty where there is none for this person), its cells."""

    number: int
    page: str
    cells: Sequence[PageCell]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's name, which may break after an underscore, and whether its cells are numbers."""

    name: SafeString
    is_numeric: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A page of a table; addresses are empty where they lead nowhere."""

    line: LineView
    gone: bool
    words: str
    headings: Sequence[Heading]
    rows: Sequence[RowView]
    page: RowPage
    previous: str
    following: str
    csv: str
    everything: str
    gone_page: str

    @property
    def table_name(self) -> str:
        """The table's name."""
        return self.line.name


def build_table_line(line: ArchivedTableLine) -> LineView:
    """Build the line of a table in the list."""
    return LineView(
        source=visible(line.source),
        name=visible(line.name),
        page=table_address(line.alias, line.source, line.name),
        database=DATABASE_WORDS[line.alias],
        rows=_format_row_count(line.rows),
        gone_rows=_format_row_count(line.gone_rows) if line.gone_rows else "",
        last_seen=line.last_seen,
    )


def build_table_page(choice: RowChoice, page: RowPage, *, rows_are_linked: bool) -> TableView:
    """Build what the template of a table shows."""
    table = choice.table
    cells = [row for _, row in page.rows]
    names = column_headings(table, cells)
    numeric = numeric_columns(names, cells)
    columns = {column.name: column for column in table.columns}
    model = (LEDGER_ROWS if choice.gone else ARCHIVED_ROWS)[table.alias]
    # One look-up of the address for all rows: it takes longer than a cell.
    pattern = reverse(f"admin:legacy_import_{model._meta.model_name}_change", args=[_PLACEHOLDER_KEY])
    return TableView(
        line=build_table_line(table),
        gone=choice.gone,
        words=choice.words,
        headings=[
            # The line may break after an underscore; the name is escaped before the tag comes in.
            Heading(mark_safe(escape(visible(name)).replace("_", "_<wbr>")), name in numeric)  # noqa: S308
            for name in names
        ],
        rows=[
            RowView(
                number=number,
                page=pattern.replace(_PLACEHOLDER_KEY, str(key)) if rows_are_linked else "",
                cells=[page_cell(row.get(name), columns.get(name)) for name in names],
            )
            for number, (key, row) in enumerate(page.rows, start=page.first_row_number)
        ],
        page=page,
        previous=_rows_address("table", choice, page=page.number - 1) if page.number > 1 else "",
        following=_rows_address("table", choice, page=page.number + 1) if page.has_next else "",
        csv=_rows_address("csv", choice),
        everything=table_address(table.alias, table.source, table.name),
        gone_page=_rows_address("table", RowChoice(table, gone=True)),
    )


def table_address(alias: str, source: str, name: str) -> str:
    """Return the address of an archived table's page."""
    return _archive_page_url("table", alias, {"source": visible(source), "table": visible(name)})


def _rows_address(kind: str, choice: RowChoice, *, page: int = 1) -> str:
    query = {"source": visible(choice.table.source), "table": visible(choice.table.name)}
    query |= {"gone": "1"} if choice.gone else {}
    query |= {"q": choice.words} if choice.words else {}
    query |= {"p": str(page)} if page > 1 else {}
    return _archive_page_url(kind, choice.table.alias, query)


def _archive_page_url(kind: str, alias: str, query: dict[str, str]) -> str:
    path = reverse(f"admin:legacy_import_archivedtable_{kind}", args=[SLUG_OF_ALIAS[alias]])
    return f"{path}?{urlencode(query)}"


def _format_row_count(rows: int) -> str:
    return f"more than {MAX_LISTED_ROWS:,}" if rows > MAX_LISTED_ROWS else f"{rows:,}"
