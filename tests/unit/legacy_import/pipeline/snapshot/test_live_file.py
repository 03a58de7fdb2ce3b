"""Copying a file without a lock: only what stood still meanwhile counts."""

import os
from pathlib import Path

import pytest

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot import live_file
from legacy_import.pipeline.snapshot.live_file import FileChangedError, LiveFile, copy_if_unchanged, inspect_live_file

NOW_NS = 1_800_000_000 * 10**9
HEADER = b"SQLite format 3\x00" + bytes(84)


class Clock:
    """A clock of a file system: what happens while it sleeps is the test's."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.meanwhile: Path | None = None

    def time_ns(self) -> int:
        return NOW_NS

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.meanwhile is not None:
            self.meanwhile.write_bytes(HEADER + b"more")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(live_file, "time", clock)
    return clock


@pytest.fixture
def live(tmp_path: Path) -> LiveFile:
    (tmp_path / "live.db").write_bytes(HEADER)
    (tmp_path / "copies").mkdir()
    return inspect_live_file(tmp_path / "live.db")


def _written(live: LiveFile, milliseconds_ago: float) -> None:
    written_ns = NOW_NS - int(milliseconds_ago * 1e6)
    os.utime(live.path, ns=(written_ns, written_ns))


@pytest.mark.parametrize(("milliseconds_ago", "slept"), [(51, []), (50, [0.05]), (0, [0.05]), (-50, [0.05]), (-51, [])])
def test_file_of_the_last_fifty_milliseconds_is_looked_at_twice(
    live: LiveFile, clock: Clock, milliseconds_ago: float, slept: list[float]
) -> None:
    _written(live, milliseconds_ago)

    copy = copy_if_unchanged(live, live.path.parent / "copies")

    assert clock.slept == slept
    assert copy.read_bytes() == HEADER


def test_young_file_that_is_written_meanwhile_is_not_copied(live: LiveFile, clock: Clock) -> None:
    _written(live, 10)
    clock.meanwhile = live.path

    with pytest.raises(FileChangedError):
        copy_if_unchanged(live, live.path.parent / "copies")

    assert list((live.path.parent / "copies").iterdir()) == []


def test_journals_are_copied_and_those_of_an_earlier_copy_go(live: LiveFile, clock: Clock) -> None:
    copies = live.path.parent / "copies"
    _written(live, 1000)
    live.sidecar_path("-wal").write_bytes(b"wal")
    os.utime(live.sidecar_path("-wal"), ns=(0, 0))
    (copies / "live.db-journal").write_bytes(b"old")

    copy_if_unchanged(live, copies)

    assert sorted(path.name for path in copies.iterdir()) == ["live.db", "live.db-wal"]


@pytest.mark.parametrize(("length", "is_whole"), [(99, False), (100, True)])
def test_a_file_has_the_hundred_bytes_of_sqlites_header(tmp_path: Path, length: int, *, is_whole: bool) -> None:
    (tmp_path / "live.db").write_bytes(HEADER[:length])

    if is_whole:
        assert inspect_live_file(tmp_path / "live.db").journal_mode == "delete"
    else:
        with pytest.raises(TerminalError, match="is no SQLite file"):
            inspect_live_file(tmp_path / "live.db")


def test_the_nineteenth_byte_says_whether_a_file_is_in_wal_mode(tmp_path: Path) -> None:
    header = bytearray(HEADER)
    header[18] = 2
    (tmp_path / "live.db").write_bytes(header)

    live = inspect_live_file(tmp_path / "live.db")

    assert (live.journal_mode, live.can_open_in_place()) == ("wal", False)
    live.sidecar_path("-wal").touch()
    assert not live.can_open_in_place()
    live.sidecar_path("-shm").touch()
    assert live.can_open_in_place()
