"""How long a snapshot waits for a locked file, and how long a writer waits for the snapshot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from legacy_import.errors import TransientError
from legacy_import.pipeline.snapshot import online_backup
from legacy_import.pipeline.snapshot.online_backup import Patience

FILE = Path("legacy/linkedin.db")
BUSY_HANDLER_LOOKS = (1, 3, 8, 18, 33, 53, 78, 103, 128, 178, 228)
"""Milliseconds after which a writer with SQLite's own busy handler looks whether the lock is gone (sqlite3.c)."""


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(online_backup, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (Patience.note_blocked, "has been locked by another program for 30 seconds"),
        (Patience.note_moved, "kept being written for 30 seconds"),
    ],
)
def test_patience_ends_with_its_seconds_and_not_before(
    clock: Clock, note: Callable[[Patience], None], words: str
) -> None:
    patience = Patience(FILE, 30)
    note(patience)
    clock.seconds += 29.99
    note(patience)
    clock.seconds += 0.01

    with pytest.raises(TransientError, match=words):
        note(patience)


def test_patience_begins_anew_once_the_lock_was_gone(clock: Clock) -> None:
    patience = Patience(FILE, 30)
    patience.note_blocked()
    clock.seconds += 29
    patience.note_unblocked()
    patience.note_blocked()
    clock.seconds += 29

    patience.note_blocked()


def test_no_hold_lets_a_writer_wait_for_100_milliseconds() -> None:
    waits = [
        next(look for look in BUSY_HANDLER_LOOKS if look >= hold_seconds * 1000)
        for hold_seconds in online_backup._HOLDS_SECONDS
    ]

    assert waits == [33, 53, 78]


def test_no_step_holds_a_lock_longer_than_a_hold() -> None:
    assert min(online_backup._HOLDS_SECONDS) >= online_backup._MAX_STEP_SECONDS
