"""Texts made fit for a column, a subject line and a mail's body; pure. Templates escape for HTML."""

import unicodedata
from typing import Final

from synapse.foundation.text.visible import shorten, visible

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories of controls, formatting characters and surrogates: none of them has a glyph."""


def storable_text(text: str, most: int) -> str:
    """Return the text as PostgreSQL can hold it, without NUL or half a character, cut at `most` characters."""
    whole = text.replace("\0", "\u2400").encode("utf-8", "replace").decode("utf-8")
    return shorten(whole, most)


def one_line(text: str) -> str:
    """Return the text as one line, without characters that break it or reorder it (no header injection)."""
    return " ".join(readable_text(text).split())


def readable_text(text: str) -> str:
    """Return the text with its lines, without characters that hide or move others."""
    lines = visible(text.replace("\r\n", "\n")).split("\n")
    return "\n".join(
        "".join(sign for sign in line if sign == "\t" or unicodedata.category(sign) not in _HIDDEN) for line in lines
    )
