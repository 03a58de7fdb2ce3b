"""A file that takes longer to read than its writers may wait: read in several holds, whole or not at all."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from legacy_import.errors import TransientError
from legacy_import.pipeline.snapshot import held_read, online_backup
from legacy_import.pipeline.snapshot.held_read import HeldReader
from legacy_import.pipeline.snapshot.live_file import FileChangedError
from legacy_import.pipeline.snapshot.online_backup import back_up_live_file
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import (
    CRASHED,
    WRITER,
    make_database,
    rows_of,
    run_to_crash,
    running,
)

Slow = Callable[[float], None]
CHUNK = held_read._CHUNK_BYTES


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Make each chunk take so many seconds more: a machine whose memory is that slow."""
    read = HeldReader._read_chunk

    def _slow(seconds: float) -> None:
        def _read(reader: HeldReader, offset: int) -> int:
            time.sleep(seconds)
            return read(reader, offset)

        monkeypatch.setattr(HeldReader, "_read_chunk", _read)
        monkeypatch.setattr(held_read, "_thread_count", lambda: 1)

    return _slow


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """Return a file of 5 chunks and a bit."""
    path = make_database(tmp_path / "live.db", rows=2600, width=1000)
    assert 5 * CHUNK < path.stat().st_size < 6 * CHUNK
    return path


@contextmanager
def prepared(path: Path) -> Iterator[HeldReader]:
    with path.open("rb") as source, HeldReader(source) as reader:
        reader.prepare_memory()
        yield reader


def content(reader: HeldReader, folder: Path) -> bytes:
    with (folder / "copy.db").open("wb") as target:
        reader.write_to(target)
    return (folder / "copy.db").read_bytes()


def commit(path: Path, statement: str = "UPDATE t SET v = 'new' WHERE id = 1") -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_fast_file_takes_one_hold(live: Path, tmp_path: Path) -> None:
    with prepared(live) as reader:
        assert reader.read_for_seconds(10)
        assert content(reader, tmp_path) == live.read_bytes()


def test_slow_file_takes_three_holds_or_more_where_nothing_is_written(live: Path, tmp_path: Path, slow: Slow) -> None:
    with prepared(live) as reader:
        slow(0.02)
        holds = 1
        while not reader.read_for_seconds(0.03):
            holds += 1
            assert holds <= 6
        assert holds >= 3
        assert content(reader, tmp_path) == live.read_bytes()


def test_commit_between_holds_begins_again(live: Path, tmp_path: Path, slow: Slow) -> None:
    with prepared(live) as reader:
        slow(0.02)
        assert not reader.read_for_seconds(0.05)
        commit(live)
        assert not reader.read_for_seconds(0.05)
        assert reader.read_for_seconds(10)
        assert content(reader, tmp_path) == live.read_bytes()


def test_file_grown_beyond_the_memory_is_read_after_more_was_taken(live: Path, tmp_path: Path) -> None:
    with prepared(live) as reader:
        commit(live, "INSERT INTO t (v) SELECT v FROM t")
        assert not reader.read_for_seconds(10)
        reader.prepare_memory()
        assert reader.read_for_seconds(10)
        assert content(reader, tmp_path) == live.read_bytes()


def test_file_cut_short_during_the_hold_is_no_copy(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = HeldReader._read_chunk

    def cut_and_read(reader: HeldReader, offset: int) -> int:
        os.truncate(live, CHUNK)
        return read(reader, offset)

    with prepared(live) as reader:
        monkeypatch.setattr(HeldReader, "_read_chunk", cut_and_read)
        with pytest.raises(FileChangedError):
            reader.read_for_seconds(10)


def test_file_too_large_for_memory_is_given_up_in_one_sentence(
    tmp_path: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_database(tmp_path / "live.db", rows=20_000, width=900)
    monkeypatch.setattr(online_backup, "_MAX_HELD_BYTES", 1_000_000)

    with running(WRITER, live, "delete", 0), pytest.raises(TransientError, match="kept being written for 1 seconds"):
        take(live, lock_timeout_seconds=1)


def test_writer_that_crashes_before_the_lock_leaves_what_was_committed(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restarted_by_a_writer_that_crashes(*_: object, **__: object) -> None:
        run_to_crash(CRASHED, live)
        raise online_backup._RestartedError

    monkeypatch.setattr(online_backup, "_back_up_in_place", restarted_by_a_writer_that_crashes)

    back_up_live_file(live, target=tmp_path / "copy.db", scratch=tmp_path, lock_timeout_seconds=5)

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM t WHERE v = 'lost'").fetchone() == (0,)


# Milliseconds for 40 chunks: more than the first hold; more than any hold, for a writer that pauses between.
@pytest.mark.faults
@pytest.mark.alone
@pytest.mark.parametrize(("milliseconds", "pause_seconds"), [(38, 0), (100, 0.4)])
def test_slow_file_that_is_being_written_is_taken_and_no_writer_waits_over_100_ms(
    milliseconds: int, pause_seconds: float, tmp_path: Path, slow: Slow, take: Callable[..., Snapshot]
) -> None:
    live = make_database(tmp_path / "live.db", rows=20_500, width=900)
    assert 39 * CHUNK < live.stat().st_size < 42 * CHUNK
    slow(milliseconds / 40 / 1000)

    with running(WRITER, live, "delete", pause_seconds) as result:
        snapshot = take(live, lock_timeout_seconds=20)

    assert rows_of(snapshot, "PRAGMA integrity_check") == [("ok",)]
    assert rows_of(snapshot, "SELECT sum(side = 'left') = sum(side = 'right') FROM pair") == [(1,)]
    assert result["longest_ms"] < 100
