"""The limit of a CSV file's columns, held before a line is parsed: a line of 19 MB of commas is 19 million cells.

Called by csv_reading.py, which reads through ColumnLimitedLines.
"""

import re
from collections.abc import Iterator
from typing import Final

from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.xlsx_limits import MAX_COLUMNS

_FILLED: Final = "x"
"""Stands for a quoted cell while delimiters are counted."""
MAX_LINES: Final = 2_000_000
"""Blank ones and those within quoted cells among them; more take seconds to go through."""
# The quantifiers give nothing back (possessive), so that a line is gone through once.
_REST_OF_QUOTED: Final = '[^"]*+(?:""[^"]*+)*+'


class TooManyColumnsError(FileError):
    """A line of a CSV file has more columns than are taken."""


class ColumnLimitedLines:
    """The lines of a CSV file for the parser, each checked for its columns; empty cells at its right end are cut off.

    The reader says where a row ends (`begin_row`), so that delimiters within a quoted cell of several lines count for
    nothing.
    """

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._is_in_row = False
        self._number = 0
        mark = re.escape(delimiter)
        self._quoted_cell = re.compile(f'(?:^|(?<={mark}))"{_REST_OF_QUOTED}(?:"|$)')
        self._end_of_quoted = re.compile(f'{_REST_OF_QUOTED}(?:"|$)')

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line. Raises FileError."""
        line = next(self._lines)
        self._number += 1
        if self._number > MAX_LINES:
            raise FileError(f"The file has more than {MAX_LINES:,} lines. Delete the blank ones, or split it.")
        is_in_quotes, self._is_in_row = self._is_in_row, True
        return (
            self._cut_trailing_empty_cells(line, is_in_quotes=is_in_quotes)
            if line.count(self._delimiter) >= MAX_COLUMNS
            else line
        )

    def begin_row(self) -> None:
        """Take the next line for the first of a row."""
        self._is_in_row = False

    def _cut_trailing_empty_cells(self, line: str, *, is_in_quotes: bool) -> str:
        content = line.rstrip("\r\n")
        bare = self._end_of_quoted.sub(_FILLED, content, count=1) if is_in_quotes else content
        bare = self._quoted_cell.sub(_FILLED, bare)
        delimiters = bare.count(self._delimiter)
        if delimiters < MAX_COLUMNS:
            return line
        trailing = len(bare) - len(bare.rstrip(self._delimiter))
        if delimiters - trailing >= MAX_COLUMNS:
            raise TooManyColumnsError(
                f"The file has {delimiters + 1:,} columns in line {self._number:,}, more than the {MAX_COLUMNS} that"
                " are taken."
            )
        # Both end with the same delimiters, for a quoted cell left something.
        return content[: len(content) - trailing] + line[len(content) :]
