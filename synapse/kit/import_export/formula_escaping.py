"""Formula escaping: text as a spreadsheet may hold it without running it (CSV injection), and exactly back.

An empty cell is NULL. A text that a spreadsheet would run, that is empty, that is the word of a failed formula, or that
itself begins like one so marked, gets an apostrophe in front; reading takes exactly that apostrophe away. So each text
has one spelling, and each spelling one text. In a CSV file, which programs split where their language splits, each part
of a text that could become a cell of its own is marked in the same way: after a semicolon, a pipe, a tab, a line end.
"""

import re
import unicodedata
from itertools import filterfalse
from typing import Final

from synapse.kit.import_export.spreadsheet_errors import ERROR_WORDS

NO_TEXT: Final = "'"
"""The spelling of the empty text."""

_APOSTROPHE: Final = "'"
_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Signs that a program may take for those of ASCII: full-width and small ones.
_SIGNS: Final = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_SEPARATORS: Final = "\t\r\n"
# Not invisible by their category: fillers, variation selectors, joiners and the like.
_INVISIBLE: Final = (0x034F, 0x115F, 0x1160, *range(0x180B, 0x180F), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFFA0)
# Spreadsheets skip blanks and invisible characters before they look for the sign of a formula. Of all characters, only
# the blank and what is not printable are of these categories; private ones (U+E000 to U+F8FF) are not.
_UNPRINTABLE: Final = filterfalse(
    str.isprintable, map(chr, (*range(1, 0xD800), *range(0xF900, 0x10000), *range(0xE0000, 0xE0080)))
)
_SKIPPED: Final = "".join(
    sign
    for sign in sorted({" ", *_UNPRINTABLE, *map(chr, _INVISIBLE)})
    if sign not in _SEPARATORS and (unicodedata.category(sign) in _INVISIBLE_CATEGORIES or ord(sign) in _INVISIBLE)
)
_BEGINS_A_FORMULA: Final = tuple(_SIGNS + _SEPARATORS)
_RUNS: Final = f"(?='*[\"{re.escape(_SKIPPED)}]*[{re.escape(_SIGNS)}])"
"""A quote is skipped as well: in the middle of a cell programs drop it, or not."""
_PART_THAT_RUNS: Final = re.compile(f"(?<=[;|\t\r\n]){_RUNS}")
_MARKED_PART: Final = re.compile(f"(?<=[;|\t\r\n])'{_RUNS}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def escape_formula(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs; `unescape_formula` is its inverse."""
    return _APOSTROPHE + text if _needs_apostrophe(text) else text


def unescape_formula(cell: str) -> str:
    """Return the text of a cell; a cell that `escape_formula` never writes is its own text."""
    return cell[1:] if cell.startswith(_APOSTROPHE) and _needs_apostrophe(cell[1:]) else cell


def escape_cell_parts(cell: str) -> str:
    """Return the cell so that nothing in it runs where a program splits at semicolons, tabs or line ends."""
    return _PART_THAT_RUNS.sub(_APOSTROPHE, cell)


def unescape_cell_parts(cell: str) -> str:
    """Return the cell that `escape_cell_parts` was given."""
    # Nearly all cells have no apostrophe; an import asks this of every one.
    return _MARKED_PART.sub("", cell) if _APOSTROPHE in cell else cell


def escape_foreign_cell(cell: str) -> str:
    """Return a cell of somebody's file, which may be unmarked, so that no spreadsheet runs it; its meaning stays."""
    runs = cell.lstrip(_SKIPPED).startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(cell)
    return _APOSTROPHE + cell if runs else cell


def _needs_apostrophe(text: str) -> bool:
    first = text[:1]
    if first.isalnum() and first not in _SKIPPED and text not in ERROR_WORDS:
        # Nearly all texts; an export asks this of every cell.
        return False
    bare = text.lstrip(_APOSTROPHE)
    return not bare or bare in ERROR_WORDS or bare.lstrip(_SKIPPED).startswith(_BEGINS_A_FORMULA)
