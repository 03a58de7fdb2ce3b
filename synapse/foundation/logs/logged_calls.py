"""Events of what people and programs do: a service's verb is logged when it is done, and when it refuses."""

import functools
import inspect
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

import structlog

from synapse.foundation.logs.tracebacks import error_name

_P = ParamSpec("_P")
_R = TypeVar("_R")

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

Fields = Callable[[Mapping[str, Any], Any], Mapping[str, Any] | None]
"""From a call's arguments by name and its result to the event's fields; None for a call that is not to be logged."""


def log_calls(event: str, fields: Fields) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Log the function's calls as `event`, with the fields and the seconds taken; what raises, as `event.refused`.

    Of a refusal only the exception's type is logged: its sentence may quote the rows it is about. For verbs that end
    their own transaction: what is logged has happened.
    """

    def _decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        signature = inspect.signature(function)
        refusal = f"{event}.refused"
        logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(function.__module__)

        @functools.wraps(function)
        def _logged(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            began_at = time.perf_counter()
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                logger.warning(refusal, error_type=error_name(error))
                raise
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            found = fields(bound.arguments, result)
            if found is not None:
                logger.info(event, **found, seconds=round(time.perf_counter() - began_at, 3))
            return result

        return _logged

    return _decorate


def log_row_count(event: str, rows: Iterable[_R], **fields: Any) -> Generator[_R, None, None]:
    """Yield the rows and log, when the reader has them all or goes away, how many left: who takes rows out, and where.

    Closing it closes the rows, where they can be closed.
    """
    count, is_complete = 0, False
    try:
        for row in rows:
            count += 1
            yield row
        is_complete = True
    finally:
        _logger.info(event, **fields, rows=count, complete=is_complete)
        if isinstance(rows, Generator):
            rows.close()
