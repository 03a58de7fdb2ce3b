"""Text from the database made safe to read: characters that hide or move others become visible signs. Pure.

Templates escape it for HTML.
"""

from typing import Final

# Control characters move the cursor or end the line; the others, as bidirectional overrides, reorder or hide text.
_CONTROLS: Final = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: "\u2421"}
_HIDING: Final = (*range(0x80, 0xA0), 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
# A file's name that is no UTF-8 has a lone surrogate for each such byte; no terminal, page or database takes one.
_BYTES: Final = {code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)}
_SURROGATES: Final = {code: f"\u27e8U+{code:04X}\u27e9" for code in range(0xD800, 0xE000)} | _BYTES
_VISIBLE: Final = _CONTROLS | {code: f"\u27e8U+{code:04X}\u27e9" for code in _HIDING} | _SURROGATES


def visible(text: str) -> str:
    """Return the text with every character that would hide or move others replaced by a sign for it."""
    return text.translate(_VISIBLE)


def visible_line(text: str) -> str:
    """Return the text as one line: a line end is a sign as well, for what follows could pass for another sentence."""
    return visible(text).replace("\n", "\u240a")


def shorten(text: str, length: int) -> str:
    """Return the text, cut to so many characters with an ellipsis where it has more."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "\u2026"
