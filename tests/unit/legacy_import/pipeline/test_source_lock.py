"""How long an import waits: three seconds for its source, thirty for tables that somebody writes."""

from types import SimpleNamespace
from typing import Any

import pytest

from legacy_import.errors import TransientError
from legacy_import.pipeline import source_lock


class Clock:
    """A clock that only sleeping moves, in steps of a tenth of a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return round(self.seconds, 3)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(source_lock, "time", clock)
    monkeypatch.setattr(source_lock, "_lock_held_message", lambda *_: "it is held")
    return clock


CURSOR: Any = SimpleNamespace(
    execute=lambda _: None, db=SimpleNamespace(alias="default", settings_dict={"NAME": "synapse_business_core"})
)


def test_source_that_stays_held_is_given_up_after_three_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_lock, "try_source_lock", lambda *_, **__: False)

    with pytest.raises(TransientError, match="it is held"):
        source_lock.take_source_lock(CURSOR, source="primary", run="")

    assert clock.seconds == pytest.approx(3.1)


def test_source_that_is_free_after_three_seconds_is_taken(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_lock, "try_source_lock", lambda *_, **__: clock.monotonic() >= 3.0)

    source_lock.take_source_lock(CURSOR, source="primary", run="")

    assert clock.seconds == pytest.approx(3.0)


def test_tables_that_stay_held_are_given_up_after_thirty_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_lock, "_lock_tables", lambda *_: False)

    with pytest.raises(TransientError, match=r"synapse_business_core\w* for 30 seconds, so nothing was changed"):
        source_lock.lock_targets(CURSOR)

    assert clock.seconds == pytest.approx(30.1)


def test_tables_that_are_free_after_thirty_seconds_are_taken(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_lock, "_lock_tables", lambda *_: clock.monotonic() >= 30.0)

    source_lock.lock_targets(CURSOR)

    assert clock.seconds == pytest.approx(30.0)
