"""Whether PostgreSQL can hold a text or a JSON value, and texts made so: without NUL or lone surrogates."""

import re
from typing import Any, Final

_NOT_STORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def is_storable_text(text: str) -> bool:
    """Say whether a column of text can hold the text."""
    return _NOT_STORABLE.search(text) is None


def storable_text(text: str, *, nul: str = "\\x00") -> str:
    """Return the text with halves of characters written as backslash escapes, and NUL as `nul`."""
    return text.replace("\0", nul).encode("utf-8", "backslashreplace").decode("utf-8")


def is_storable_json(loaded: Any) -> bool:
    """Say whether a column of JSON can hold the loaded value: its texts and the names in it are looked at."""
    remaining = [loaded]
    while remaining:
        match remaining.pop():
            case str() as text:
                if not is_storable_text(text):
                    return False
            case list() as items:
                remaining += items
            case dict() as members:
                remaining += [*members, *members.values()]
    return True
