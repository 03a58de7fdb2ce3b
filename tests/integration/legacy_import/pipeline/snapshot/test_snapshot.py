"""A snapshot holds the file's committed content and leaves the file and its folder as they were."""

import hashlib
import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import (
    CRASHED,
    CRASHED_WAL,
    NOW,
    folder_content,
    make_database,
    rows_of,
    run_to_crash,
    running,
)

WAL_READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("INSERT INTO t (v) VALUES ('not yet in the file')")
print("ready", flush=True)
sys.stdin.read()
"""

Take = Callable[..., Snapshot]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_quiet_file_is_copied_and_left_alone(mode: str, live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "odd name #1?.db", mode=mode)
    before = folder_content(live_folder)

    snapshot = take(live)

    assert rows_of(snapshot, "SELECT count(*), sum(length(v)) FROM t") == [(50, 5000)]
    assert snapshot.journal_mode == mode
    assert folder_content(live_folder) == before


def test_snapshot_has_a_manifest_and_belongs_to_its_owner(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db")

    snapshot = take(live)

    digest = hashlib.sha256(snapshot.path.read_bytes()).hexdigest()
    assert snapshot.sha256 == digest
    assert snapshot.path == snapshots / f"20260304T050607000089Z-{digest[:12]}.db"
    assert json.loads(snapshot.path.with_suffix(".json").read_text()) == {
        "sha256": digest,
        "size_bytes": snapshot.path.stat().st_size,
        "taken_at": NOW.isoformat(),
        "live_path": str(live),
        "journal_mode": "delete",
    }
    assert stat.S_IMODE(snapshots.stat().st_mode) == 0o700
    assert stat.S_IMODE(snapshot.path.stat().st_mode) == 0o600


def test_unchanged_file_references_the_first_snapshot(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db", mode="wal")
    first = take(live)

    second = take(live, now=NOW + timedelta(days=1))

    assert second.reused
    assert (second.path, second.taken_at) == (first.path, first.taken_at)
    assert len(list(snapshots.glob("*.db"))) == 1


def test_changed_file_is_copied_again(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db")
    take(live)
    with closing(sqlite3.connect(live)) as connection, connection:
        connection.execute("UPDATE t SET v = 'changed' WHERE id = 7")

    second = take(live, now=NOW + timedelta(days=1))

    assert not second.reused
    assert rows_of(second, "SELECT v FROM t WHERE id = 7") == [("changed",)]
    assert len(list(snapshots.glob("*.db"))) == 2


def test_damaged_snapshot_is_not_referenced(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db")
    first = take(live)
    first.path.write_bytes(first.path.read_bytes()[:-1] + b"!")

    second = take(live, now=NOW + timedelta(days=1))

    assert not second.reused


def test_unkept_snapshot_has_no_manifest_and_is_not_referenced(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db")

    unkept = take(live, keep=False)
    kept = take(live)

    assert rows_of(unkept, "SELECT count(*) FROM t") == [(50,)]
    assert not kept.reused
    assert [path.stem for path in snapshots.glob("*.json")] == [kept.path.stem]


def test_leftovers_of_dead_runs_are_removed(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db")
    (snapshots / ".partial-dead").mkdir(parents=True)
    (snapshots / ".partial-dead" / "snapshot").write_bytes(b"half")
    (snapshots / ".unkept-999999999-dead.db").write_bytes(b"left")
    (snapshots / "20250101T000000000000Z-0123456789ab.json").write_text("{}")

    snapshot = take(live)

    expected = {".lock", snapshot.path.name, snapshot.path.with_suffix(".json").name}
    assert {path.name for path in snapshots.iterdir()} == expected


def test_rows_only_in_the_wal_are_in_the_snapshot(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db", mode="wal")
    with running(WAL_READER, live):
        before = folder_content(live_folder)
        snapshot = take(live)
        after = folder_content(live_folder)

    assert rows_of(snapshot, "SELECT v FROM t WHERE id = 51") == [("not yet in the file",)]
    assert before.keys() == after.keys() == {"live.db", "live.db-shm", "live.db-wal"}
    assert (after["live.db"], after["live.db-wal"]) == (before["live.db"], before["live.db-wal"])


@pytest.mark.parametrize("with_shm", [True, False])
def test_wal_of_a_crashed_writer_is_read_and_kept(live_folder: Path, take: Take, *, with_shm: bool) -> None:
    live = make_database(live_folder / "live.db", mode="wal")
    run_to_crash(CRASHED_WAL, live)
    if not with_shm:
        (live_folder / "live.db-shm").unlink()
    before = folder_content(live_folder)

    snapshot = take(live)

    assert rows_of(snapshot, "SELECT v FROM t WHERE id = 51") == [("only in the wal",)]
    after = folder_content(live_folder)
    before.pop("live.db-shm", None)  # SQLite's shared index of the -wal: rebuilt at will, no content
    assert after.keys() - {"live.db-shm"} == before.keys()
    assert with_shm == ("live.db-shm" in after)
    assert {name: after[name] for name in before} == before


def test_hot_journal_is_rolled_back_in_the_copy_only(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db", rows=5000)
    run_to_crash(CRASHED, live)
    before = folder_content(live_folder)
    assert before.keys() == {"live.db", "live.db-journal"}
    assert b"lost" in before["live.db"]

    snapshot = take(live)

    assert rows_of(snapshot, "SELECT count(*) FROM t WHERE v = 'lost'") == [(0,)]
    assert rows_of(snapshot, "SELECT count(*) FROM t") == [(5000,)]
    assert folder_content(live_folder) == before


def test_both_ways_give_the_same_bytes(live_folder: Path, tmp_path: Path, take: Take) -> None:
    quiet = make_database(live_folder / "live.db", mode="wal", rows=5000)
    copied = take(quiet)
    with running("import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM t').fetchone(); "
                 "print('ready', flush=True); sys.stdin.read()", quiet):  # fmt: skip
        in_place = take(quiet, now=NOW + timedelta(days=1))

    assert in_place.reused
    assert in_place.sha256 == copied.sha256


@pytest.mark.parametrize("name", ["one", "two\nlines"])
def test_values_that_break_their_constraints_do_not_condemn_the_file(live_folder: Path, take: Take, name: str) -> None:
    live = make_database(live_folder / "live.db")
    with closing(sqlite3.connect(live)) as connection, connection:
        connection.execute(f'CREATE TABLE "{name}" (v TEXT)')
        connection.execute(f'INSERT INTO "{name}" (v) VALUES (NULL)')
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'v TEXT', 'v TEXT NOT NULL') WHERE name = ?", [name]
        )

    snapshot = take(live)

    assert rows_of(snapshot, "PRAGMA quick_check") == [(f"NULL value in {name}.v",)]


def test_linked_file_is_read_where_it_lies(live_folder: Path, tmp_path: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db", mode="wal")
    run_to_crash(CRASHED_WAL, live)
    link = tmp_path / "link.db"
    link.symlink_to(live)

    assert rows_of(take(link), "SELECT count(*) FROM t") == [(51,)]


def test_real_files_are_copied_whole(take: Take, real_legacy_dir: Path, tmp_path: Path) -> None:
    lives = sorted(real_legacy_dir.rglob("*.db"))
    before = {live: live.read_bytes() for live in lives}

    taken = {live: take(live, directory=tmp_path / str(number)) for number, live in enumerate(lives)}

    assert len(taken) == 13
    assert sum(snapshot.journal_mode == "wal" for snapshot in taken.values()) == 3
    assert {live: live.read_bytes() for live in lives} == before
