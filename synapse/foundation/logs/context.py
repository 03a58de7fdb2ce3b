"""The fields that every line of one unit of work has: a request, a job's run, a source, a command.

Held in context variables (structlog's), so they reach each line of this thread, also those of libraries. A thread
begins with none: start it in `contextvars.copy_context()`, or bind there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Add the fields to every line logged within the block; blocks nest, and the inner one's field wins.

    A callable is asked when a line is written: for what is not known yet, or costs a query.
    """
    with bound_contextvars(**fields):
        yield


def add_to_log_context(**fields: Any) -> None:
    """Add what is known late to every line until the enclosing `log_context` of the same fields ends."""
    structlog.contextvars.bind_contextvars(**fields)


def current_log_fields() -> Mapping[str, Any]:
    """Return what the lines of this moment have, callables asked and empty ones left out."""
    found = {name: _resolve_value(value) for name, value in get_contextvars().items()}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _resolve_value(value: Any) -> Any:
    """Return the value; of a callable what it returns, None where it fails."""
    if not callable(value):
        return value
    try:
        return value()
    except Exception:  # noqa: BLE001 - the event matters more than one of its fields
        return None
