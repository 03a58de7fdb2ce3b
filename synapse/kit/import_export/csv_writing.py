"""Rows as CSV.

What lives here: UTF-8 with a byte order mark, commas, CRLF, written while it is read. What does not: the cells.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Final

from synapse.kit.import_export.cells import Cell, spelled
from synapse.kit.import_export.formula_escaping import split_safely

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for their system's own encoding."""
_LINES_AT_ONCE: Final = 500


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the rows as CSV, headings first, some hundred lines at a time."""
    remaining = iter(rows)
    yield _BYTE_ORDER_MARK + _lines([headings])
    while some := list(islice(remaining, _LINES_AT_ONCE)):
        yield _lines(some)


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([split_safely(spelled(cell)) for cell in row] for row in rows)
    return buffer.getvalue()
