"""Reading CSV of any program: UTF-8 with or without a byte order mark; comma, semicolon or tab."""

import csv
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Final

from synapse.kit.import_export.cells import Cell, ErrorCell
from synapse.kit.import_export.csv_limits import ColumnLimitedLines, TooManyColumnsError
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.formula_escaping import unescape_cell_parts
from synapse.kit.import_export.spreadsheet_errors import ERROR_WORDS
from synapse.kit.import_export.xlsx_limits import MAX_COLUMNS

_DELIMITERS: Final = (",", ";", "\t")
_SAYS_ITS_DELIMITER: Final = "sep="
_MAX_CELL_LENGTH: Final = 2**30
"""The upload's own limit is far below; Python's, 131,072 characters, is below real texts."""
_HOW_TO_SAVE: Final = "In Excel choose “CSV UTF-8” when saving; in LibreOffice the character set “Unicode (UTF-8)”."


def read_csv(content: bytes, *, knows: Callable[[str], bool]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows' cells, headings first. Raises FileError."""
    text = _decode_utf8(content)
    first, _, rest = text.partition("\n")
    said = first.removesuffix("\r")
    if said.lower().startswith(_SAYS_ITS_DELIMITER) and len(said) == len(_SAYS_ITS_DELIMITER) + 1:
        return _read_rows(rest, said[-1])
    # The delimiter is the one with which most headings of the first row are known columns.
    return _read_rows(text, max(_DELIMITERS, key=lambda delimiter: _count_known_headings(text, delimiter, knows)))


def _decode_utf8(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError(f"The file is UTF-16, not UTF-8. {_HOW_TO_SAVE}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise FileError(f"The file is no UTF-8: line {line} holds the byte 0x{byte:02X}. {_HOW_TO_SAVE}") from error


def _count_known_headings(text: str, delimiter: str, knows: Callable[[str], bool]) -> tuple[int, int]:
    """Return how many headings of the first row are known, and, for a tie, how many there are."""
    try:
        first = next(_read_rows(text, delimiter), ())
    except TooManyColumnsError:
        # Nothing is known of them, but of delimiters that fit equally badly this one is meant.
        return (0, MAX_COLUMNS + 1)
    except FileError:
        return (0, 0)
    return (sum(knows(str(cell)) for cell in first[:MAX_COLUMNS]), len(first))


def _read_rows(text: str, delimiter: str) -> Iterator[tuple[Cell, ...]]:
    csv.field_size_limit(_MAX_CELL_LENGTH)
    lines = ColumnLimitedLines(StringIO(text, newline=""), delimiter)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            lines.begin_row()
            yield tuple(map(_read_cell, row))
    except csv.Error as error:
        raise FileError(
            f"Line {reader.line_num} of the file can't be read: {error}. Is a quote missing there?"
        ) from error


def _read_cell(text: str) -> Cell:
    return ErrorCell(text) if text in ERROR_WORDS else unescape_cell_parts(text)
