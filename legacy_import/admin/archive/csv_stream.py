"""Stream an archived table as CSV, for a spreadsheet; called by page.

It is no exact copy: `export_legacy` writes that. Blobs are hex. How the file is written, NULL and the empty text among
it, is synapse.kit.import_export's.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from typing import Final

from legacy_import.admin.archive.rows import Cells, RowChoice, column_headings, stream_cells
from legacy_import.cell_display import visible
from legacy_import.cells import BadText, deserialize_cell
from synapse.foundation.logs.logged_calls import log_row_count
from synapse.kit.import_export.cells import Cell
from synapse.kit.import_export.csv_writing import generate_csv
from synapse.kit.import_export.formula_escaping import escape_formula

_ROWS_FOR_HEADINGS: Final = 100


def stream_csv(choice: RowChoice) -> Iterator[str]:
    """Yield the rows as CSV, headings first, some hundred lines at a time."""
    # Closing ends the transaction when the reader goes away.
    table = f"{choice.table.source}.{choice.table.name}"
    with closing(log_row_count("rows.exported", stream_cells(choice), table=table, format="csv")) as rows:
        # Rows that left the file may have columns it no longer has: the first ones tell.
        first = list(islice(rows, _ROWS_FOR_HEADINGS))
        names = column_headings(choice.table, first)
        cells = (_row_cells(row, names) for row in chain(first, rows))
        yield from generate_csv([escape_formula(name) for name in names], cells)


def _row_cells(row: Cells, names: Sequence[str]) -> list[Cell]:
    return [_csv_cell(row.get(name)) for name in names]


def _csv_cell(exact: str | None) -> Cell:
    match deserialize_cell(exact):
        case BadText() as raw:
            return escape_formula(visible(raw.decode(errors="backslashreplace")))
        case bytes() as blob:
            return f"0x{blob.hex()}"
        case str() as text:
            return escape_formula(text)
        case value:
            return value
