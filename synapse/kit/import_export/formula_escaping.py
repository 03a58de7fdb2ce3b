"""Formula escaping: text as a spreadsheet may hold it without running it (CSV injection), and exactly back.

An empty cell is NULL. A text that a spreadsheet would run, that is empty, or that itself begins like one so marked,
gets an apostrophe in front; reading takes exactly that apostrophe away. So each text has one spelling, and each
spelling one text. In a CSV file, which programs split where their language splits, each part of a text that could
become a cell of its own is marked in the same way.
"""

import re
from typing import Final

NO_TEXT: Final = "'"
"""The spelling of the empty text."""

_APOSTROPHE: Final = "'"
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Spreadsheets skip blanks and invisible characters before they look for the sign of a formula.
_SKIPPED: Final = (
    " \u00a0\u3000\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x0b\x0c"
    + ("".join(map(chr, (*range(1, 9), *range(0x0E, 0x20), 0x7F))))
)
_IN_A_CLASS: Final = re.escape(_SKIPPED)
_RUNS: Final = f"(?='*[\"{_IN_A_CLASS}]*[=+\\-@\uff1d\uff0b\uff0d\uff20])"
"""A quote is skipped as well: in the middle of a cell programs drop it, or not."""
_PART_THAT_RUNS: Final = re.compile(f"(?<=[;\t\r\n]){_RUNS}")
_MARKED_PART: Final = re.compile(f"(?<=[;\t\r\n])'{_RUNS}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def escape_formula(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs; `unescape_formula` is its inverse."""
    return _APOSTROPHE + text if _needs_apostrophe(text) else text


def unescape_formula(cell: str) -> str:
    """Return the text of a cell; a cell that `escape_formula` never writes is its own text."""
    return cell[1:] if cell.startswith(_APOSTROPHE) and _needs_apostrophe(cell[1:]) else cell


def escape_parts(cell: str) -> str:
    """Return the cell so that nothing in it runs where a program splits at semicolons, tabs or line ends."""
    return _PART_THAT_RUNS.sub(_APOSTROPHE, cell)


def unescape_parts(cell: str) -> str:
    """Return the cell that `escape_parts` was given."""
    return _MARKED_PART.sub("", cell)


def escape_foreign_cell(cell: str) -> str:
    """Return a cell of somebody's file, which may be unmarked, so that no spreadsheet runs it; its meaning stays."""
    runs = cell.lstrip(_SKIPPED).startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(cell)
    return _APOSTROPHE + cell if runs else cell


def _needs_apostrophe(text: str) -> bool:
    if text[:1].isalnum():
        # Nearly all texts; an export asks this of every cell.
        return False
    bare = text.lstrip(_APOSTROPHE)
    return not bare or bare.lstrip(_SKIPPED).startswith(_BEGINS_A_FORMULA)
