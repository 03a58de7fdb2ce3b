"""Writing CSV: UTF-8 with a byte order mark, commas, CRLF, generated while it is sent."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Final

from synapse.kit.import_export.cells import Cell, serialize_cell
from synapse.kit.import_export.formula_escaping import escape_cell_parts

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for their system's own encoding."""
_LINES_PER_CHUNK: Final = 500


def generate_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the rows as CSV, headings first, some hundred lines at a time."""
    remaining = iter(rows)
    yield _BYTE_ORDER_MARK + _csv_lines([headings])
    while some := list(islice(remaining, _LINES_PER_CHUNK)):
        yield _csv_lines(some)


def _csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(
        [escape_cell_parts(serialize_cell(cell)) for cell in row] for row in rows
    )
    return buffer.getvalue()
