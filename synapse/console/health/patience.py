"""Asking databases that may hang: each in a thread and on a connection of its own, and nobody waits past the deadline.

What lives here: that. What does not: the questions. They ask `connections[alias]` as always, which in the thread is a
new connection that is no pool's and whose every statement has a time limit.
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

_CONNECT_SECONDS: Final = 2
"""libpq's least."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a database answered; where it did not, `value` is None and `error` says why."""

    value: T | None
    error: str = ""


def ask_each(questions: Mapping[str, Callable[[], T]], *, seconds: float) -> dict[str, Answer[T]]:
    """Ask each database, by its alias, its question at the same time; return what there is after `seconds` at most.

    One that hangs is not asked again before its last question has come to an end.
    """
    deadline = time.monotonic() + seconds
    asked = {alias: _asked(alias, question, seconds) for alias, question in questions.items()}
    return {alias: _answer(one, deadline) for alias, one in asked.items()}


class _Question(threading.Thread):
    """One question to one database; `answer` is None while it is out."""

    def __init__(self, alias: str, question: Callable[[], Any], *, seconds: float) -> None:
        super().__init__(name=f"ask {alias}", daemon=True)
        self._alias, self._question, self._seconds = alias, question, seconds
        self._wrapper: Any = None
        self._closing = threading.Lock()
        self.answer: Answer[Any] | None = None

    def run(self) -> None:
        """Ask, and keep the answer."""
        try:
            self._wrapper = connections[self._alias] = _impatient(self._alias)
            self.answer = Answer(self._ask())
        except Exception as error:  # noqa: BLE001  # whatever it is, the database did not answer
            self.answer = Answer(None, _sentence(error))
        finally:
            with self._closing, suppress(Exception):
                wrapper, self._wrapper = self._wrapper, None
                wrapper.close()

    def _ask(self) -> Any:
        with transaction.atomic(using=self._alias):
            with connections[self._alias].cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(self._seconds * 1000)}")
            return self._question()

    def give_up(self) -> None:
        """End the wait for a server that does not answer: the socket is cut, and the thread ends with an error."""
        with self._closing, suppress(psycopg.Error, OSError, AttributeError):
            copy = socket.socket(fileno=os.dup(self._wrapper.connection.pgconn.socket))
            with copy:
                copy.shutdown(socket.SHUT_RDWR)


_out: dict[tuple[str, Any], _Question] = {}
_starting = threading.Lock()


def _asked(alias: str, question: Callable[[], Any], seconds: float) -> _Question:
    key = (alias, getattr(question, "func", question))
    with _starting:
        before = _out.get(key)
        if before is not None and before.is_alive() and before.answer is None:
            return before
        _out[key] = asked = _Question(alias, question, seconds=seconds)
        asked.start()
        return asked


def _answer(asked: _Question, deadline: float) -> Answer[Any]:
    asked.join(max(0.0, deadline - time.monotonic()))
    if asked.answer is None:
        asked.give_up()
        return Answer(None, "It does not answer in time.")
    return asked.answer


def _impatient(alias: str) -> Any:
    """Return a connection to the alias's database that no pool lends and nobody keeps."""
    usual = connections.create_connection(alias)
    options = {name: value for name, value in usual.settings_dict["OPTIONS"].items() if name != "pool"}
    patience = {"OPTIONS": {**options, "connect_timeout": _CONNECT_SECONDS}, "CONN_MAX_AGE": 0}
    return type(usual)({**usual.settings_dict, **patience}, alias)


def _sentence(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
