"""Containment: where one unit of work ends, its unforeseen exception ends with it, and its siblings go on.

A unit is one of several that are done one after the other: a source of an import, a check of a validation, a step of a
job, a panel of a page. What failed is told in one sentence with an error id; the log has the traceback under that id.

Used wherever units are looped over. The web server's own net, for a page that fails as a whole, is Django's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from synapse.foundation.logs.tracebacks import redacted_error_message
from synapse.foundation.logs.unforeseen import log_unforeseen_error
from synapse.foundation.text.visible import visible

_MAX_REASON_CHARS: Final = 200


class EndsAllUnitsError(Exception):
    """An exception that no unit contains, for no sibling may go on: the run's locks are lost, as an example."""


@dataclass(slots=True)
class Trouble:
    """What ended a unit before its end; without an error where nothing did.

    `sentence` is for the person who is told. `error_id` is empty where the error was foreseen: its sentence is enough,
    and it is not in the log.
    """

    error: Exception | None = None
    sentence: str = ""
    error_id: str = ""

    def __bool__(self) -> bool:
        return self.error is not None


@contextmanager
def contain_errors(
    unit: str,
    *,
    foresee: Callable[[str, Exception], str] = lambda _unit, _error: "",
    passing: tuple[type[Exception], ...] = (),
    **facts: Any,
) -> Iterator[Trouble]:
    """Do a unit's work; what it raises is kept in the trouble that this yields, and nothing is raised.

    `foresee` returns the sentence for an error that has one of its own, else an empty text; any other error is logged
    with its traceback. Exceptions of the `passing` classes are the caller's and raised, as are EndsAllUnitsError and
    what is no Exception: KeyboardInterrupt, SystemExit, a job's time limit. `facts` (source=…, run=…) go into the log.
    """
    trouble = Trouble()
    let_through: tuple[type[Exception], ...] = (EndsAllUnitsError, *passing)
    try:
        yield trouble
    except let_through:
        raise
    except Exception as error:  # noqa: BLE001  # the net below every unit
        trouble.error = error
        trouble.sentence = foresee(unit, error)
        if not trouble.sentence:
            trouble.error_id = log_unforeseen_error(error, unit=unit, **facts)
            trouble.sentence = unforeseen_error_sentence(unit, error, trouble.error_id)
        reset_broken_connections()


def unforeseen_error_sentence(unit: str, error: BaseException, error_id: str) -> str:
    """Return the sentence that tells of an error that was logged under the id; the reason is one short line."""
    return f"{visible(unit)}: unforeseen error {error_id} ({summarize_error(error)}); the log has more under that id"


def summarize_error(error: BaseException) -> str:
    """Return the error's class and the first line of what it says, without secrets, safe to print and to store."""
    lines = redacted_error_message(error).strip().splitlines()
    text = visible(lines[0] if lines else "").encode("utf-8", "backslashreplace").decode()
    name = type(error).__name__
    return f"{name}: {text[:_MAX_REASON_CHARS]}" if text else name


def reset_broken_connections() -> None:
    """Close this thread's connections that the next unit could not use: it opens new ones.

    A connection within a transaction is left alone: whoever began that ends it.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            with suppress(Exception):
                if not _is_ready(connection):
                    connection.close()


def _is_ready(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the connection is open and within no transaction: one that was left open might be an aborted one."""
    session = connection.connection
    if session is None:
        return True
    return not session.closed and session.info.transaction_status == TransactionStatus.IDLE
