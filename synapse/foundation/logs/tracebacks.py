"""Tracebacks as text, without what rows and settings hold: no local variables, no cell a database error quotes.

Where PostgreSQL refuses a row its DETAIL and CONTEXT quote the row's cells; its message does for a value that is of
another type. Names of tables, columns and constraints are kept.
"""

import re
from collections.abc import Iterator
from traceback import FrameSummary, StackSummary, extract_tb
from types import TracebackType
from typing import Final

import psycopg

from synapse.foundation.logs.redaction import redact_secrets

_MAX_FRAMES: Final = 40
_MAX_CHAIN: Final = 8
_MAX_MESSAGE: Final = 500
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTING_LINES: Final = re.compile(r"\n(?:DETAIL|CONTEXT|HINT|QUERY|LINE \d+):")
_QUOTES_A_VALUE: Final = re.compile(r"invalid input|out of range|malformed|too long")
"""PostgreSQL's messages whose quoted part is the value: `invalid input syntax for type integer: "abc"`."""
_QUOTED: Final = re.compile(r'".*"', re.DOTALL)


def traceback_text(error: BaseException) -> str:
    """Return the exception's traceback, its causes before it, as Python writes them."""
    parts = []
    for one, link in _with_causes(error):
        parts.append(f"{_format_stack(one.__traceback__)}{error_name(one)}: {redacted_error_message(one)}{link}")
    return "\n\n".join(reversed(parts))


def error_name(error: BaseException) -> str:
    """Return the exception's type as a traceback names it."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def redacted_error_message(error: BaseException) -> str:
    """Return the exception's message without cells, e-mail addresses and secrets, cut at 500 characters."""
    words = _QUOTING_LINES.split(_error_message(error), maxsplit=1)[0]
    if _QUOTES_A_VALUE.search(words):
        words = _QUOTED.sub('"(value)"', words)
    cut = words if len(words) <= _MAX_MESSAGE else f"{words[:_MAX_MESSAGE]}…"
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    state = f" [{cause.sqlstate}]" if isinstance(cause, psycopg.Error) and cause.sqlstate else ""
    return _EMAIL.sub("(e-mail)", redact_secrets(cut)) + state


def _error_message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception's own __str__ may fail, and the log must not
        return "(its message can't be read)"


def _with_causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield the exception and what it was raised from, the last one first, each with the words that lead on."""
    seen: set[int] = set()
    link = ""
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < _MAX_CHAIN:
        yield current, link
        seen.add(id(current))
        if current.__cause__ is not None:
            link = "\n\nThe above exception was the direct cause of the following exception:"
            current = current.__cause__
        else:
            link = "\n\nDuring handling of the above exception, another exception occurred:"
            current = None if current.__suppress_context__ else current.__context__


def _format_stack(traceback: TracebackType | None) -> str:
    if traceback is None:
        return ""
    frames: list[FrameSummary] = list(extract_tb(traceback))
    left_out = ""
    if len(frames) > _MAX_FRAMES:
        left_out = f"  ({len(frames) - _MAX_FRAMES} frames left out)\n"
        frames = [*frames[: _MAX_FRAMES // 2], *frames[-_MAX_FRAMES // 2 :]]
    return "Traceback (most recent call last):\n" + left_out + "".join(StackSummary.from_list(frames).format())
