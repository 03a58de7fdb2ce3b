"""When an unsound file is read again, and when its trouble is told."""

from functools import partial
from pathlib import Path

import pytest

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot import replaced_file_retry
from legacy_import.pipeline.snapshot.live_file import UnsoundFileError
from legacy_import.pipeline.snapshot.replaced_file_retry import retry_while_replaced

LONG_AGO = 1_000_000_000.0


class Clock:
    """Time that passes only where somebody sleeps; at given moments something is done."""

    def __init__(self) -> None:
        self.seconds = LONG_AGO + 1_000
        self.plans: list[tuple[float, partial[None]]] = []

    def monotonic(self) -> float:
        return self.seconds

    time = monotonic

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for at, act in list(self.plans):
            if self.seconds >= at:
                act()
                self.plans.remove((at, act))


class Script:
    """A script's file in a folder, with times of its own; every read of it is counted."""

    def __init__(self, path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.clock, self.reads = path, clock, 0
        self.written_at, self.signature = LONG_AGO, 0
        monkeypatch.setattr(replaced_file_retry, "read_signature", lambda _path: (self.signature,))
        is_fresh = lambda _path: clock.seconds - self.written_at < replaced_file_retry.quiet_seconds  # noqa: E731
        monkeypatch.setattr(replaced_file_retry, "_was_just_written", is_fresh)

    def write(self, *, sound: bool = False) -> None:
        self.written_at, self.signature, self.is_sound = self.clock.seconds, self.signature + 1, sound

    is_sound = False

    def read(self) -> str:
        self.reads += 1
        if not self.is_sound:
            raise UnsoundFileError("empty")
        return "content"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(replaced_file_retry, "time", clock)
    monkeypatch.setattr(replaced_file_retry, "quiet_seconds", 2.0)
    monkeypatch.setattr(replaced_file_retry, "pause_seconds", 0.1)
    return clock


@pytest.fixture
def script(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script(tmp_path / "linkedin.db", clock, monkeypatch)


def settle(script: Script, *, timeout_seconds: float = 30) -> str:
    return retry_while_replaced(script.path, script.read, timeout_seconds=timeout_seconds)


def test_sound_file_is_read_once(script: Script) -> None:
    script.write(sound=True)

    assert settle(script) == "content"
    assert script.reads == 1


def test_old_unsound_file_is_read_twice_before_it_is_told(script: Script, clock: Clock) -> None:
    began = clock.seconds

    with pytest.raises(UnsoundFileError, match="empty"):
        settle(script)

    assert script.reads == 2
    assert clock.seconds - began == pytest.approx(0.1)


@pytest.mark.parametrize("after_seconds", [0.3, 1.9])
def test_file_that_was_just_removed_is_waited_for(after_seconds: float, script: Script, clock: Clock) -> None:
    script.write()
    clock.plans.append((clock.seconds + after_seconds, partial(script.write, sound=True)))

    assert settle(script) == "content"


def test_file_that_was_removed_two_seconds_ago_is_told(script: Script, clock: Clock) -> None:
    script.write()
    clock.plans.append((clock.seconds + 2.2, partial(script.write, sound=True)))

    with pytest.raises(UnsoundFileError):
        settle(script)


def test_file_that_is_being_written_is_waited_for_as_long_as_it_changes(script: Script, clock: Clock) -> None:
    for second in range(1, 20):
        clock.plans.append((clock.seconds + second, partial(script.write)))
    clock.plans.append((clock.seconds + 20, partial(script.write, sound=True)))

    script.write()

    assert settle(script) == "content"


def test_file_that_never_stops_changing_is_told_after_the_timeout(script: Script, clock: Clock) -> None:
    began = clock.seconds
    for tenth in range(1, 400):
        clock.plans.append((clock.seconds + tenth / 10, partial(script.write)))

    with pytest.raises(UnsoundFileError):
        settle(script, timeout_seconds=30)

    assert clock.seconds - began == pytest.approx(30, abs=0.2)


def test_other_trouble_is_told_at_once(script: Script) -> None:
    def _locked() -> str:
        script.reads += 1
        raise TerminalError("locked")

    with pytest.raises(TerminalError, match="locked"):
        retry_while_replaced(script.path, _locked, timeout_seconds=30)

    assert script.reads == 1
