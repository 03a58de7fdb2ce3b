"""How long a snapshot waits for a locked file, and how long a writer waits for the snapshot."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from legacy_import.errors import TransientError
from legacy_import.pipeline.snapshot import online_backup
from legacy_import.pipeline.snapshot.online_backup import WaitLimits

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
        (WaitLimits.note_blocked, "has been locked by another program for 30 seconds"),
        (WaitLimits.note_changed, "kept being written for 30 seconds"),
    ],
)
def test_patience_ends_with_its_seconds_and_not_before(
    clock: Clock, note: Callable[[WaitLimits], None], words: str
) -> None:
    patience = WaitLimits(FILE, 30)
    note(patience)
    clock.seconds += 29.99
    note(patience)
    clock.seconds += 0.01

    with pytest.raises(TransientError, match=words):
        note(patience)


def test_patience_begins_anew_once_the_lock_was_gone(clock: Clock) -> None:
    patience = WaitLimits(FILE, 30)
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


def _step(steps: online_backup._BackupSteps, remaining: int, *, code: int = sqlite3.SQLITE_OK) -> None:
    steps(code, remaining, 1000)


def test_backup_that_begins_again_for_the_third_time_is_given_up(clock: Clock) -> None:
    steps = online_backup._BackupSteps(WaitLimits(FILE, 30), pages=64)
    # What is left grows, or stays, where a commit made it begin again.
    for remaining in (900, 800, 950, 850, 850, 800):
        _step(steps, remaining)

    with pytest.raises(online_backup._RestartedError):
        _step(steps, 801)


def test_last_steps_of_a_small_file_are_no_restart(clock: Clock) -> None:
    steps = online_backup._BackupSteps(WaitLimits(FILE, 30), pages=64)

    for _ in range(5):
        _step(steps, 0)


@pytest.mark.parametrize(
    ("took_seconds", "remaining", "pages", "is_too_long"),
    [
        (0.0249, 10, 64, False),
        (0.0251, 10, 64, True),
        (0.0251, 0, 64, False),
        (0.0251, 10, 4, False),
        (0.0251, 10, 5, True),
    ],
)
def test_step_of_over_20_milliseconds_is_made_smaller_unless_it_is_the_last_or_smallest(
    clock: Clock, took_seconds: float, remaining: int, pages: int, *, is_too_long: bool
) -> None:
    steps = online_backup._BackupSteps(WaitLimits(FILE, 30), pages)
    clock.seconds += took_seconds

    if is_too_long:
        with pytest.raises(online_backup._StepTooLongError):
            _step(steps, remaining)
    else:
        _step(steps, remaining)


def test_time_that_a_step_waited_for_the_lock_is_not_its_own(clock: Clock) -> None:
    steps = online_backup._BackupSteps(WaitLimits(FILE, 30), pages=64)
    clock.seconds += 5
    _step(steps, 0, code=sqlite3.SQLITE_BUSY)
    clock.seconds += 0.01

    _step(steps, 10)


def test_locked_steps_count_towards_patience_until_one_gets_through(clock: Clock) -> None:
    steps = online_backup._BackupSteps(WaitLimits(FILE, 30), pages=64)
    for _ in range(2):
        _step(steps, 0, code=sqlite3.SQLITE_LOCKED)
        clock.seconds += 29
        _step(steps, 0, code=sqlite3.SQLITE_BUSY)
        _step(steps, 0)
    _step(steps, 0, code=sqlite3.SQLITE_BUSY)
    clock.seconds += 30

    with pytest.raises(TransientError):
        _step(steps, 0, code=sqlite3.SQLITE_BUSY)
