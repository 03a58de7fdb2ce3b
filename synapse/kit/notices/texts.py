"""Texts made fit for a column, a subject line and a mail's body.

What lives here: that, pure. What does not: signs for what hides (synapse.foundation.text.visible), escaping for HTML
(templates).
"""

import unicodedata
from typing import Final

from synapse.foundation.text.visible import visible

_ELLIPSIS: Final = "…"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs"})
"""Controls, and what only steers the letters beside it."""


def storable_text(text: str, most: int) -> str:
    """Return the text as PostgreSQL can hold it, without NUL or half a character, cut at `most` characters."""
    whole = text.replace("\0", "\u2400").encode("utf-8", "replace").decode("utf-8")
    return cut_text(whole, most)


def one_line(text: str) -> str:
    """Return the text as one line that nothing in it can break or turn round."""
    return " ".join(readable_text(text).split())


def readable_text(text: str) -> str:
    """Return the text with its lines, but with nothing in it that hides or moves what stands beside it."""
    lines = visible(text.replace("\r\n", "\n")).split("\n")
    return "\n".join("".join(sign for sign in line if not _is_hidden(sign)) for line in lines)


def cut_text(text: str, most: int) -> str:
    """Return the text, shortened to `most` characters with an ellipsis where it is longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS


def _is_hidden(sign: str) -> bool:
    return sign != "\t" and unicodedata.category(sign) in _HIDDEN
