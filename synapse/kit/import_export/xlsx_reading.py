"""XLSX files of people and their programs.

What lives here: the cells of the first sheet. What does not: writing (xlsx_files.py), what the cells mean.
"""

import warnings
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.exceptions import InvalidFileException

from synapse.kit.import_export.cells import Cell, Formula
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.xlsx_limits import MOST_COLUMNS, refuse_too_large
from synapse.kit.import_export.xlsx_writing import decoded

_UNREADABLE: Final = "The file can't be read as XLSX. Save it again in your spreadsheet program, or as CSV UTF-8."


def read_xlsx(content: bytes) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of the first sheet's rows, headings first. Raises FileError."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            refuse_too_large(packed)
        with warnings.catch_warnings():
            # Of styles and extensions that don't concern the cells.
            warnings.simplefilter("ignore")
            yield from _rows(content)
    except (
        BadZipFile,
        zlib.error,
        InvalidFileException,
        LookupError,
        ValueError,
        ArithmeticError,
        OSError,
        EOFError,
        AttributeError,
        TypeError,
        SyntaxError,
        # Of ways to pack that Python doesn't know, too.
        RuntimeError,
    ) as error:
        raise error if isinstance(error, FileError) else FileError(_UNREADABLE) from error


def _rows(content: bytes) -> Iterator[tuple[Cell, ...]]:
    book = load_workbook(BytesIO(content), read_only=True)
    try:
        sheet = next(iter(book.worksheets), None)
        if sheet is None:
            raise FileError("The workbook has no sheet with rows.")
        # The size a program wrote into the file may be wrong; the rows tell.
        sheet.reset_dimensions()
        width = 0
        # Cells beyond hold nothing, else the file were refused.
        for row in sheet.iter_rows(max_col=MOST_COLUMNS):
            cells = tuple(_cell(cell) for cell in _filled(row))
            # Empty cells at the end of a row are not in the file.
            width = width or len(cells)
            yield cells + (None,) * (width - len(cells))
    finally:
        book.close()


def _filled(row: Sequence[Any]) -> Sequence[Any]:
    """Return the cells up to the last that the file has."""
    last = next((place for place in range(len(row), 0, -1) if row[place - 1] is not EMPTY_CELL), 0)
    return row[:last]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        return Formula(value) if cell.data_type == "f" else decoded(value)
    if value is None or isinstance(value, bool | int | float) or hasattr(value, "isoformat"):
        known: Cell = value
        return known
    return Formula(str(getattr(value, "text", value)))
