"""Stream an archived table as CSV, for a spreadsheet; called by page.

It is no exact copy: `export_legacy` writes that. NULL is an empty field, an empty text is "" (as PostgreSQL's COPY has
it), blobs are hex, and a text that a spreadsheet would run as a formula begins with an apostrophe (CSV injection).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Final

from legacy_import.admin.archive.rows import Cells, RowChoice, column_headings, stream_cells
from legacy_import.cell_words import visible
from legacy_import.cells import BadText, sqlite_value
from synapse.foundation.logs.verbs import log_rows

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for their system's own encoding."""
_LINES_AT_ONCE: Final = 100
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^$|^\s|\s$')


def stream_csv(choice: RowChoice) -> Iterator[str]:
    """Yield the rows as CSV, headings first, a hundred lines at a time."""
    # Closing ends the transaction when the reader goes away.
    table = f"{choice.table.source}.{choice.table.name}"
    with closing(log_rows("rows.exported", stream_cells(choice), table=table, format="csv")) as rows:
        # Rows that left the file may have columns it no longer has: the first ones tell.
        first = list(islice(rows, _LINES_AT_ONCE))
        names = column_headings(choice.table, first)
        yield _BYTE_ORDER_MARK + _csv_line(map(_quoted_text, names)) + _csv_lines(first, names)
        while some := list(islice(rows, _LINES_AT_ONCE)):
            yield _csv_lines(some, names)


def _csv_lines(rows: Iterable[Cells], names: Sequence[str]) -> str:
    return "".join(_csv_line(_csv_field(cells.get(name)) for name in names) for cells in rows)


def _csv_line(fields: Iterable[str]) -> str:
    return ",".join(fields) + "\r\n"


def _csv_field(exact: str | None) -> str:
    match sqlite_value(exact):
        case None:
            return ""
        case BadText() as raw:
            return _quoted_text(visible(raw.decode(errors="backslashreplace")))
        case bytes() as blob:
            return f"0x{blob.hex()}"
        case str() as text:
            return _quoted_text(text)
        case int() | float() as number:
            return repr(number)


def _quoted_text(text: str) -> str:
    if text.startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
