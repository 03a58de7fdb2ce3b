"""Writing XLSX, and refusing what its cells can't hold.

Numbers are numbers as long as a spreadsheet keeps all their digits; everything else is text, never a formula.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from synapse.kit.import_export.cells import Cell, serialize_cell
from synapse.kit.import_export.errors import ExportError

MAX_ROWS: Final = 50_000
"""More take longer than a person waits; the format's own limit is 1,048,575."""
_MAX_TEXT_LENGTH: Final = 32_767
"""UTF-16 units; openpyxl would cut a longer text silently."""
_MAX_DIGITS: Final = 15
"""Of a 64-bit float, the only number that spreadsheets have."""
# XML 1.0 drops or rewrites these. `_x000D_` is the format's own escape, so an underscore that begins one is escaped,
# too.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
# Surrogates are no characters: what looks like the escape of one is plain text.
_ESCAPED: Final = re.compile("_x(?![dD][89A-Fa-f])([0-9A-Fa-f]{4})_")


def write_xlsx(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write the rows as the only sheet of a workbook. Raises ExportError for what the format can't hold."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    sheet.freeze_panes = "A2"
    sheet.append(list(headings))
    try:
        for number, row in enumerate(rows, start=2):
            _refuse_too_many_rows(number)
            named = zip(headings, row, strict=True)
            sheet.append([_written_cell(sheet, cell, f"{name} of row {number}") for name, cell in named])
    except BaseException:
        # The write-only sheet has a temporary file of its own.
        sheet.close()
        raise
    book.save(file)


def decode_xlsx_escapes(text: str) -> str:
    """Return a cell's text with its `_xHHHH_` escapes decoded."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _refuse_too_many_rows(number: int) -> None:
    if number > MAX_ROWS + 1:
        raise ExportError(f"More than {MAX_ROWS:,} rows are too many for XLSX. Export CSV, which has no limit.")


def _written_cell(sheet: Any, cell: Cell, place: str) -> Any:
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float | Decimal) and _is_exact_as_float(cell):
        return cell
    text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", serialize_cell(cell))
    if len(text) > _MAX_TEXT_LENGTH // 2 and len(text.encode("utf-16-le")) // 2 > _MAX_TEXT_LENGTH:
        raise ExportError(
            f"{place} has {len(text):,} characters, and a cell of XLSX holds {_MAX_TEXT_LENGTH:,}."
            " Export CSV, which holds all."
        )
    written = WriteOnlyCell(sheet, text)
    # Set the type by hand: openpyxl would take "#N/A" for an error and "=…" for a formula.
    written.data_type = "s"
    return written


def _is_exact_as_float(number: float | Decimal) -> bool:
    """Say whether a spreadsheet, which counts in floats, gives the number back as it is."""
    if isinstance(number, float):
        return number == number and abs(number) != float("inf")  # noqa: PLR0124  # NaN
    exact = Decimal(number)
    return exact.is_finite() and len(exact.as_tuple().digits) <= _MAX_DIGITS
