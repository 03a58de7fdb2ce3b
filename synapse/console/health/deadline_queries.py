"""Queries with a deadline, for databases that may hang: each in a thread and on a connection of its own.

Called by readiness and metrics. The queries use `connections[alias]` as always, which in the thread is a new connection
from no pool, whose every statement has a timeout.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import psycopg
from django.db import connections, transaction

T = TypeVar("T")

_CONNECT_TIMEOUT_SECONDS: Final = 2
"""The shortest timeout that libpq knows."""
_MAX_ERROR_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a database answered; where it did not, `value` is None and `error` says why."""

    value: T | None
    error: str = ""


def query_each_database(questions: Mapping[str, Callable[[], T]], *, seconds: float) -> dict[str, Answer[T]]:
    """Run each database's query at the same time; return what there is after `seconds` at most.

    One that hangs is not asked again before its last question has come to an end.
    """
    deadline = time.monotonic() + seconds
    asked = {alias: _start_query(alias, question, seconds) for alias, question in questions.items()}
    return {alias: question.wait_for_answer(deadline) for alias, question in asked.items()}


class _QueryThread(threading.Thread):
    """A thread with one question to one database; `answer` is None while there is none."""

    def __init__(self, alias: str, question: Callable[[], Any], *, seconds: float) -> None:
        super().__init__(name=f"ask {alias}", daemon=True)
        self._alias, self._question, self._seconds = alias, question, seconds
        self._wrapper: Any = None
        self._closing = threading.Lock()
        self.answer: Answer[Any] | None = None

    def run(self) -> None:
        """Ask, and keep the answer."""
        try:
            self._wrapper = connections[self._alias] = _unpooled_connection(self._alias)
            with transaction.atomic(using=self._alias):
                with connections[self._alias].cursor() as cursor:
                    cursor.execute(f"SET LOCAL statement_timeout = {int(self._seconds * 1000)}")
                value = self._question()
            self.answer = Answer(value)
        except Exception as error:  # noqa: BLE001  # whatever it is, the database did not answer
            lines = str(error).strip().splitlines()
            self.answer = Answer(None, lines[0][:_MAX_ERROR_CHARS] if lines else type(error).__name__)
        finally:
            with self._closing, suppress(Exception):
                wrapper, self._wrapper = self._wrapper, None
                wrapper.close()

    def wait_for_answer(self, deadline: float) -> Answer[Any]:
        """Return the answer, or that there was none by the deadline (of `time.monotonic`)."""
        self.join(max(0.0, deadline - time.monotonic()))
        if self.answer is None:
            self.abort_query()
            return Answer(None, "It does not answer in time.")
        return self.answer

    def abort_query(self) -> None:
        """End the wait for a server that does not answer: with its socket shut down, the thread ends with an error."""
        # A duplicate of the descriptor: shutting it down ends libpq's read, and libpq keeps its own to close.
        with self._closing, suppress(psycopg.Error, OSError, AttributeError):
            copy = socket.socket(fileno=os.dup(self._wrapper.connection.pgconn.socket))
            with copy:
                copy.shutdown(socket.SHUT_RDWR)


_asked_questions: dict[tuple[str, Any], _QueryThread] = {}
_starting = threading.Lock()


def _start_query(alias: str, question: Callable[[], Any], seconds: float) -> _QueryThread:
    # Of a partial its function: each call makes a new partial, with another `now`.
    """Start the query's thread, or return the running one where the last has not ended."""
    key = (alias, getattr(question, "func", question))
    with _starting:
        # A database that hangs would otherwise collect a thread and a connection at every scrape.
        before = _asked_questions.get(key)
        if before is not None and before.is_alive() and before.answer is None:
            return before
        _asked_questions[key] = asked = _QueryThread(alias, question, seconds=seconds)
        asked.start()
        return asked


def _unpooled_connection(alias: str) -> Any:
    """Return a new connection to the alias's database, outside of pools and of Django's persistent connections."""
    usual = connections.create_connection(alias)
    options = {name: value for name, value in usual.settings_dict["OPTIONS"].items() if name != "pool"}
    overrides = {"OPTIONS": {**options, "connect_timeout": _CONNECT_TIMEOUT_SECONDS}, "CONN_MAX_AGE": 0}
    return type(usual)({**usual.settings_dict, **overrides}, alias)
