"""Legacy cells, keys and reasons in words for people; pure, and the page that shows them escapes them.

Exact spellings are legacy_import.cells.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from legacy_import.cells import MARK, BadText, SqliteValue, deserialize_cell
from synapse.foundation.text.visible import visible

__all__ = [
    "MAX_TEXT_LENGTH",
    "ShownCell",
    "describe_found_value",
    "describe_reason",
    "format_cell",
    "format_key",
    "key_spellings",
    "visible",
]

MAX_TEXT_LENGTH: Final = 2_000
_MAX_BLOB_BYTES: Final = 32
_KEY_SEPARATOR: Final = "\x1f"
_KEY_JOINT: Final = " · "
_MAX_FOUND_LENGTH: Final = 80
"""A reason's `found` is cut at this length by pipeline/judge/judge.py."""

_TAG_WITHIN: Final = re.compile(f"{MARK}([irtxb]):")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell for a person: its storage class, its text, and what is odd or was left out (empty where nothing)."""

    storage_class: str
    text: str
    remark: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({', '.join(filter(None, [self.storage_class, self.remark]))})"


def format_cell(exact: str | None, *, longest: int = MAX_TEXT_LENGTH) -> ShownCell:
    """Return a cell, spelled exactly, in words; texts are cut at `longest` characters."""
    match _parse_cut_cell(exact):
        case None:
            return ShownCell("null", "NULL")
        case BadText() as raw:
            return _format_odd_text_cell(raw, longest)
        case bytes() as blob:
            cut = "…" if len(blob) > _MAX_BLOB_BYTES else ""
            size = "1 byte" if len(blob) == 1 else f"{len(blob):,} bytes"
            return ShownCell("blob", f"0x{blob[:_MAX_BLOB_BYTES].hex()}{cut}", size)
        case str() as text:
            return _format_text_cell(text, longest)
        case int() as number:
            return ShownCell("integer", str(number))
        case float() as number:
            return ShownCell("real", repr(number))


def format_key(key: str) -> str:
    """Return a row's legacy key as the ledger spells it, in words: its parts joined, no tags."""
    parts = map(format_cell, key.split(_KEY_SEPARATOR))
    return _KEY_JOINT.join(
        part.text if part.storage_class in {"text", "integer", "real"} else str(part) for part in parts
    )


def key_spellings(shown: str) -> list[str]:
    """Return the ledger's spellings that a key, typed or copied from a page, may stand for."""
    return list(dict.fromkeys([shown, shown.replace(_KEY_JOINT, _KEY_SEPARATOR)]))


def describe_reason(reason: Mapping[str, Any]) -> str:
    """Return why a row was refused: the column, what was expected there and what was found."""
    columns = str(reason.get("column", ""))
    noun = "columns" if ", " in columns else "column"
    found = describe_found_value(reason.get("found"), several=noun == "columns")
    return f"{noun} {visible(columns)}: expected {visible(str(reason.get('expected', '')))}, found {found}"


def describe_found_value(found: str | None, *, several: bool) -> str:
    """Return what a reason says was found: an exact cell, or several joined, cut at 80 characters."""
    if found is None:
        return "nothing (NULL)"
    cut = "…" if len(found) >= _MAX_FOUND_LENGTH else ""
    if several:
        return visible(_TAG_WITHIN.sub("", found)) + cut
    cell = format_cell(found)
    text = f"'{cell.text}{cut}'" if cell.storage_class == "text" else f"{cell.text}{cut}"
    return str(ShownCell(cell.storage_class, text, "" if cut else cell.remark))


def _parse_cut_cell(exact: str | None) -> SqliteValue | BadText:
    """Return the SQLite value of an exact cell that may be cut in the middle of a byte."""
    try:
        return deserialize_cell(exact)
    except ValueError:
        # A reason's `found` may be cut in the middle of a byte.
        return deserialize_cell(exact[:-1]) if exact else None


def _format_text_cell(text: str, longest: int) -> ShownCell:
    if len(text) <= longest:
        return ShownCell("text", visible(text))
    return ShownCell("text", visible(text[:longest]) + "…", f"{len(text):,} characters")


def _format_odd_text_cell(raw: BadText, longest: int) -> ShownCell:
    shown = _format_text_cell(raw.decode(errors="backslashreplace"), longest)
    try:
        raw.decode()
        odd = "holds NUL"
    except UnicodeDecodeError:
        odd = "no UTF-8"
    return ShownCell("text", shown.text, ", ".join(filter(None, [odd, shown.remark])))
