"""Reading XLSX of any program: the cells of the first sheet, within the limits of xlsx_limits.py."""

import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.exceptions import InvalidFileException

from synapse.kit.import_export.cells import Cell, ErrorCell, Formula
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.xlsx_limits import MAX_COLUMNS, check_xlsx_limits
from synapse.kit.import_export.xlsx_writing import decode_xlsx_escapes

_UNREADABLE: Final = "The file can't be read as XLSX. Save it again in your spreadsheet program, or as CSV UTF-8."


def read_xlsx(content: bytes) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of the first sheet's rows, headings first. Raises FileError."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            check_xlsx_limits(packed)
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that don't concern the cells.
            warnings.simplefilter("ignore")
            yield from _read_rows(content)
    except (
        BadZipFile,
        zlib.error,
        InvalidFileException,
        LookupError,
        ValueError,
        ArithmeticError,
        OSError,
        EOFError,
        # openpyxl raises these on malformed XML.
        AttributeError,
        TypeError,
        SyntaxError,
        # Also of compression methods that Python doesn't have.
        RuntimeError,
    ) as error:
        raise error if isinstance(error, FileError) else FileError(_UNREADABLE) from error


def _read_rows(content: bytes) -> Iterator[tuple[Cell, ...]]:
    book = load_workbook(BytesIO(content), read_only=True)
    try:
        sheet = next(iter(book.worksheets), None)
        if sheet is None:
            raise FileError("The workbook has no sheet with rows.")
        # The dimensions that a program wrote into the file may be wrong.
        sheet.reset_dimensions()
        width = 0
        # Beyond MAX_COLUMNS nothing is filled: check_xlsx_limits has seen to it.
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            last = next((place for place in range(len(row), 0, -1) if row[place - 1] is not EMPTY_CELL), 0)
            cells = tuple(_read_cell(cell) for cell in row[:last])
            # The file has no empty cells at the end of a row: fill up to the width of the headings.
            width = width or len(cells)
            yield cells + (None,) * (width - len(cells))
    finally:
        book.close()


def _read_cell(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        if cell.data_type == "e":
            return ErrorCell(value)
        return Formula(value) if cell.data_type == "f" else decode_xlsx_escapes(value)
    if value is None or isinstance(value, bool | int | float) or hasattr(value, "isoformat"):
        known: Cell = value
        return known
    return Formula(str(getattr(value, "text", value)))
