"""How long readiness waits for databases that hang, and for how long it remembers what it heard."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from synapse.console.health import readiness as module
from synapse.console.health import stale_data
from synapse.console.health.deadline_queries import Answer
from synapse.console.health.readiness import Readiness, ReadinessCache, read_readiness

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_databases_have_two_and_a_half_of_the_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def query_each_database(questions: Mapping[str, Any], *, seconds: float) -> dict[str, Answer[Any]]:
        given.append(seconds)
        return {alias: Answer(None, "It does not answer in time.") for alias in questions}

    monkeypatch.setattr(module, "query_each_database", query_each_database)

    read_readiness(NOW)

    assert given == [2.5]


def test_readiness_is_asked_anew_when_it_is_older_than_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = Clock(), []
    monkeypatch.setattr(module, "time", clock)
    cache = ReadinessCache(lambda _now: asked.append(clock.seconds) or Readiness(()))  # type: ignore[func-returns-value]

    for seconds in (0.0, 2.0, 2.01):
        clock.seconds = 1000 + seconds
        cache.current_readiness(NOW)

    assert asked == [1000, 1002.01]


def test_the_line_about_stale_data_is_read_anew_after_fifteen_seconds(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    clock, read = Clock(), []
    monkeypatch.setattr(stale_data, "time", clock)
    monkeypatch.setattr(stale_data, "_read_stale_data_sentences", lambda: read.append(clock.seconds) or [])  # type: ignore[func-returns-value]
    settings.STALE_DATA_SECONDS = 15.0
    cache = stale_data._SentenceCache()

    for seconds in (0.0, 14.99, 15.0):
        clock.seconds = 1000 + seconds
        cache.read_sentences()

    assert read == [1000, 1015]
