"""Read the rows of one archived table in the order of the file: a page at a time, or streamed by a server-side cursor.

Called by page and csv_stream.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from legacy_import.admin.archive.overview import ArchivedTableLine
from legacy_import.admin.cell_search import cell_contains_condition
from legacy_import.models import LedgerRow

ROWS_PER_PAGE: Final = 100
_FETCHED_AT_ONCE: Final = 500

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class RowChoice:
    """Which rows of a table: those its file still holds or those gone from it, all or the ones that hold some words."""

    table: ArchivedTableLine
    gone: bool = False
    words: str = ""

    @property
    def ledger_rows(self) -> QuerySet[LedgerRow]:
        """The ledger rows in the order of the file."""
        state = LedgerRow.State.GONE if self.gone else LedgerRow.State.ARCHIVED
        rows = LedgerRow.objects.using(self.table.alias).filter(
            source=self.table.source, legacy_table=self.table.name, state=state
        )
        if self.gone:
            rows = rows.filter(target_table__isnull=True)
        if self.words:
            rows = rows.filter(cell_contains_condition(self.words))
        return rows.order_by("row_id", "id")


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of an archived table's rows, each with its key in the ledger; `number` counts pages from 1."""

    number: int
    rows: Sequence[tuple[UUID, Cells]]
    has_next: bool

    @property
    def first_row_number(self) -> int:
        """The place of the first row among all."""
        return (self.number - 1) * ROWS_PER_PAGE + 1

    @property
    def last_number(self) -> int:
        """The place of the last row among all."""
        return self.first_row_number + len(self.rows) - 1


def read_rows_page(choice: RowChoice, number: int) -> RowPage:
    """Return a page of rows, the first one being 1; one row more is read, to know whether another page follows."""
    start = (number - 1) * ROWS_PER_PAGE
    found = choice.ledger_rows.values_list("id", "cells")[start : start + ROWS_PER_PAGE + 1]
    rows = [(key, cells or {}) for key, cells in found]
    return RowPage(number, rows[:ROWS_PER_PAGE], len(rows) > ROWS_PER_PAGE)


def stream_cells(choice: RowChoice) -> Generator[Cells, None, None]:
    """Yield the cells of all rows, a few hundred in memory at a time."""
    # A server-side cursor. Outside a transaction it would be WITH HOLD: the server would first write the whole result.
    with transaction.atomic(using=choice.table.alias):
        for cells in choice.ledger_rows.values_list("cells", flat=True).iterator(chunk_size=_FETCHED_AT_ONCE):
            yield cells or {}


def column_headings(table: ArchivedTableLine, rows: Sequence[Cells]) -> list[str]:
    """Return the columns as the file has them; after them those that only these rows still have."""
    names = [column.name for column in table.columns]
    return names + sorted({name for cells in rows for name in cells} - set(names))
