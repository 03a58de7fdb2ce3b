"""Databases that hang: nobody waits for them, and no thread is left behind."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from synapse.console.health.deadline_queries import query_each_database
from synapse.foundation.databases import ALIASES, DATABASE_NAMES

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a server in the place of analytics that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        silent = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": str(port)}
        monkeypatch.setitem(connections.settings, "analytics", {**connections.settings["analytics"], **silent})
        yield


def _select(alias: str, sql: str = "SELECT current_database()") -> Callable[[], Any]:
    def _ask() -> Any:
        with connections[alias].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    return _ask


def _threads() -> int:
    return sum(thread.name.startswith("ask ") for thread in threading.enumerate())


def _wait_for_no_thread(*, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _threads():
        assert time.monotonic() < deadline, "a thread still waits for its database"
        time.sleep(0.02)


def test_each_database_answers_on_a_connection_of_its_own() -> None:
    answers = query_each_database({alias: _select(alias) for alias in ALIASES}, seconds=5)

    names = [str(answer.value) for answer in answers.values()]
    assert all(DATABASE_NAMES[alias] in name for alias, name in zip(ALIASES, names, strict=True))


def test_a_server_that_says_nothing_is_given_up_and_the_others_are_heard(silent_server: None) -> None:
    began = time.monotonic()

    answers = query_each_database({alias: _select(alias) for alias in ALIASES}, seconds=1)

    assert time.monotonic() - began < 1.5
    assert answers["analytics"].error == "It does not answer in time."
    assert answers["default"].value
    assert answers["revenue"].value
    _wait_for_no_thread(seconds=4)


def test_a_hanging_statement_is_cut_off_with_its_thread() -> None:
    began = time.monotonic()

    answers = query_each_database(
        {"revenue": _select("revenue", "SET statement_timeout = 0; SELECT pg_sleep(60)")}, seconds=0.5
    )

    assert answers["revenue"].error == "It does not answer in time."
    _wait_for_no_thread(seconds=2)
    assert time.monotonic() - began < 3


def test_a_database_that_hangs_is_not_asked_twice_at_a_time(silent_server: None) -> None:
    question = _select("analytics")

    for _ in range(3):
        query_each_database({"analytics": question}, seconds=0.1)

    assert _threads() == 1
    _wait_for_no_thread(seconds=4)


def test_what_a_database_refuses_is_its_answer() -> None:
    answers = query_each_database({"revenue": _select("revenue", "SELECT nothing")}, seconds=5)

    assert answers["revenue"].value is None
    assert answers["revenue"].error == 'column "nothing" does not exist'
