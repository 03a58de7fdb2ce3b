"""Readers of the materialized views while the job refreshes them under writers: never blocked, never an empty view.

What lives here: the job refresh-views on real workers, real readers and writers. What does not: what the views say.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import pytest

from synapse.foundation.databases import ANALYTICS, REVENUE
from tests.faults.jobs.struck import Machine, temporary_machine
from tests.reliability import Tally

pytestmark = [pytest.mark.faults, pytest.mark.alone]

_VIEWS: Final = {ANALYTICS: "top_performing_patterns", REVENUE: "revenue_pipeline_summary"}
_ROWS: Final = 20_000
_READERS: Final = 3
_REFRESHES: Final = 8
_LOCK_PATIENCE: Final = "100ms"
"""No reader may wait for a lock longer than that; PostgreSQL itself measures, so a busy machine changes nothing."""

_FILL: Final = {
    ANALYTICS: """
        INSERT INTO content_patterns (pattern_type, pattern_value, avg_engagement_rate, avg_consultation_conversion,
                                      sample_size, confidence_score)
        SELECT 'hook', 'pattern ' || n, 0.1, 0.1, 50, 0.9 FROM generate_series(1, %s) AS n
    """,
    REVENUE: """
        INSERT INTO revenue_opportunities (lead_source, customer_segment, revenue_potential, confidence_score,
                                           qualification_score)
        SELECT 'a test', 'segment ' || n, 100, 0.5, 50 FROM generate_series(1, %s) AS n
    """,
}
_WRITE: Final = {
    ANALYTICS: "UPDATE content_patterns SET avg_engagement_rate = random() WHERE sample_size = 50 AND random() < 0.02",
    REVENUE: "UPDATE revenue_opportunities SET revenue_potential = random() * 100 WHERE random() < 0.02",
}


@dataclass(slots=True)
class Reading:
    """What one reader saw."""

    longest_seconds: float = 0.0
    fewest_rows: int = sys.maxsize
    reads: int = 0
    blocked: int = 0
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with temporary_machine() as made:
        for alias, fill in _FILL.items():
            with psycopg.connect(**made.address(alias), autocommit=True) as connection:
                connection.execute(fill.encode(), [_ROWS])
                connection.execute(f"REFRESH MATERIALIZED VIEW {_VIEWS[alias]}".encode())
        yield made


def test_readers_are_never_blocked_and_never_see_an_empty_view(machine: Machine, tally: Tally) -> None:
    ground = machine.ground
    with machine.outer(), _readers(machine) as readings:
        ground.wait_until_up()
        with _writers(machine):
            for _ in range(_REFRESHES):
                (run,) = ground.queue("refresh-views")
                ground.wait_for_state(run, "done")

    longest = max(reading.longest_seconds for reading in readings)
    reads = sum(reading.reads for reading in readings)
    sys.stdout.write(f"{reads} reads while {_REFRESHES} refreshes ran, the longest took {longest * 1000:.0f} ms\n")
    assert all(reading.reads > _REFRESHES for reading in readings)
    assert [error for reading in readings for error in reading.errors] == []
    assert sum(reading.blocked for reading in readings) == 0
    assert min(reading.fewest_rows for reading in readings) == _ROWS
    tally("reads of the materialized views during refreshes, none blocked, none empty", reads)


def test_a_refresh_that_blocks_readers_would_be_seen(machine: Machine) -> None:
    """The measuring itself: without CONCURRENTLY the same readers are blocked."""
    with _readers(machine) as readings, psycopg.connect(**machine.address(ANALYTICS)) as connection:
        connection.execute(f"REFRESH MATERIALIZED VIEW {_VIEWS[ANALYTICS]}".encode())
        time.sleep(1)

    assert sum(reading.blocked for reading in readings) > 0


@contextmanager
def _readers(machine: Machine) -> Iterator[list[Reading]]:
    with _threads(machine, _read, {alias: [Reading() for _ in range(_READERS)] for alias in _VIEWS}) as readings:
        yield readings


@contextmanager
def _writers(machine: Machine) -> Iterator[None]:
    with _threads(machine, _write, {alias: [Reading()] for alias in _VIEWS}) as written:
        yield
    assert all(reading.reads > 0 and not reading.errors for reading in written)


@contextmanager
def _threads(
    machine: Machine, act: Callable[[psycopg.Connection, str], int], kept: dict[str, list[Reading]]
) -> Iterator[list[Reading]]:
    """Do that on a connection for each of those that keep what they see, again and again, until the block ends."""
    over = threading.Event()
    threads = [
        threading.Thread(target=_repeat, args=(machine.address(alias), alias, act, reading, over))
        for alias, readings in kept.items()
        for reading in readings
    ]
    for thread in threads:
        thread.start()
    try:
        yield [reading for readings in kept.values() for reading in readings]
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _repeat(
    address: dict[str, Any],
    alias: str,
    act: Callable[[psycopg.Connection, str], int],
    reading: Reading,
    over: threading.Event,
) -> None:
    with psycopg.connect(**address, autocommit=True) as connection:
        while not over.is_set():
            began = time.monotonic()
            try:
                reading.fewest_rows = min(reading.fewest_rows, act(connection, alias))
            except psycopg.errors.LockNotAvailable:
                reading.blocked += 1
            except psycopg.Error as error:
                reading.errors.append(str(error))
                return
            reading.reads += 1
            reading.longest_seconds = max(reading.longest_seconds, time.monotonic() - began)
            time.sleep(0.02)


def _read(connection: psycopg.Connection, alias: str) -> int:
    connection.execute(f"SET lock_timeout = '{_LOCK_PATIENCE}'".encode())
    found = connection.execute(f"SELECT count(*) FROM {_VIEWS[alias]}".encode()).fetchone()
    return int(found[0]) if found else 0


def _write(connection: psycopg.Connection, alias: str) -> int:
    return connection.execute(_WRITE[alias].encode()).rowcount
