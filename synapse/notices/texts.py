"""Texts made fit for a column, a subject line and a mail's body.

What lives here: that, pure. What does not: signs for what hides (synapse.visible_text), escaping for HTML (templates).
"""

from typing import Final

_ELLIPSIS: Final = "…"


def storable(text: str, most: int) -> str:
    """Return the text as PostgreSQL can hold it, without NUL or half a character, cut at `most` characters."""
    whole = text.replace("\0", "\u2400").encode("utf-8", "replace").decode("utf-8")
    return cut(whole, most)


def cut(text: str, most: int) -> str:
    """Return the text, shortened to `most` characters with an ellipsis where it is longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS
