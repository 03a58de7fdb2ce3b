"""Text as a spreadsheet may hold it, and exactly back.

What lives here: the apostrophe that keeps a text from being run as a formula, and the emptiness of a text. What does
not: other types (widgets.py) and files.

An empty cell is NULL. A text that a spreadsheet would run, that is empty, or that itself begins like one so marked,
gets an apostrophe in front; reading takes exactly that apostrophe away. So each text has one spelling, and each
spelling one text.
"""

from typing import Final

NO_TEXT: Final = "'"
"""The spelling of the empty text."""

_APOSTROPHE: Final = "'"
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Programs skip blanks and what can't be seen before they look for the sign of a formula.
_SKIPPED: Final = (
    " \u00a0\u3000\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x0b\x0c"
    + ("".join(map(chr, (*range(1, 9), *range(0x0E, 0x20), 0x7F))))
)


def escaped(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs."""
    return _APOSTROPHE + text if _needs_apostrophe(text) else text


def unescaped(cell: str) -> str:
    """Return the text of a cell; a cell that `escaped` never writes stands for itself."""
    return cell[1:] if cell.startswith(_APOSTROPHE) and _needs_apostrophe(cell[1:]) else cell


def _needs_apostrophe(text: str) -> bool:
    if text[:1].isalnum():
        # Nearly all texts; an export asks this of every cell.
        return False
    bare = text.lstrip(_APOSTROPHE)
    return not bare or bare.lstrip(_SKIPPED).startswith(_BEGINS_A_FORMULA)
