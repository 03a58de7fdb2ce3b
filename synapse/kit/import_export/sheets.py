"""An uploaded file as a sheet: headings and rows of cells, whatever its format; with its limits.

The formats are csv_reading.py's and xlsx_reading.py's; what the cells mean is columns.py's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from synapse.kit.import_export.cells import Cell, is_empty_cell, serialize_cell
from synapse.kit.import_export.csv_reading import read_csv
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.xlsx_limits import MAX_COLUMNS

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: its number as a spreadsheet counts, the headings being row 1, and its cells."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's headings as they are written, and its rows; blank rows are left out, formatted ones too."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes, *, most_rows: int, knows: Callable[[str], bool]) -> Sheet:
    """Return the rows of a CSV or XLSX file; `knows` says whether a heading is a column's, to guess a CSV's delimiter.

    Raises FileError.
    """
    if content.startswith(_OLD_EXCEL):
        raise FileError("This is a file of the old Excel (.xls). Save it as .xlsx or as CSV UTF-8.")
    rows = _read_xlsx(content) if content.startswith(_ZIP) else read_csv(content, knows=knows)
    numbered = enumerate(rows, start=1)
    _, first = next(numbered, (0, ()))
    headings = tuple(serialize_cell(cell).strip() for cell in first)
    headings = headings[: _filled_width(headings)]
    if not headings:
        raise FileError("The file has no headings: its first row must name the columns. Begin with an export.")
    if len(headings) > MAX_COLUMNS:
        raise FileError(f"The file has {len(headings):,} columns, more than the {MAX_COLUMNS} that are taken.")
    sheet_rows: list[SheetRow] = []
    for number, cells in numbered:
        # A blank row is skipped, but its number is not given away: numbers are those the spreadsheet shows.
        if all(map(_is_blank, cells)):
            continue
        if len(sheet_rows) == most_rows:
            raise FileError(f"The file has more than {most_rows:,} rows. Split it into several files.")
        filled = _filled_width(cells)
        sheet_rows.append(SheetRow(number, cells[: max(len(headings), filled)]))
    return Sheet(headings, tuple(sheet_rows))


def _read_xlsx(content: bytes) -> Iterator[tuple[Cell, ...]]:
    from synapse.kit.import_export.xlsx_reading import read_xlsx  # noqa: PLC0415  # takes 0.3 s, as in exporting.py

    return read_xlsx(content)


def _is_blank(cell: Cell) -> bool:
    """Say whether the cell shows nothing: it is empty, or has blanks only."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled_width(cells: Sequence[Cell]) -> int:
    """Return how many cells there are up to the last that isn't empty."""
    return next((place for place in range(len(cells), 0, -1) if not is_empty_cell(cells[place - 1])), 0)
