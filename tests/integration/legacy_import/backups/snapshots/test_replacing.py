"""Restoring over the live file: what was there is kept, who uses it is not disturbed."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.backups.snapshots import live_lock, replacing
from legacy_import.backups.snapshots.kind import KeptSnapshot
from legacy_import.backups.snapshots.live_place import LivePlace
from legacy_import.backups.snapshots.replacing import Replaced, replace_live_file
from legacy_import.backups.snapshots.restoring import write_restored_copy
from legacy_import.errors import LegacyImportError, TerminalError, TransientError
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.backups.folders import NOW, Ground, days_ago, flip_bit, journal_mode, posts
from tests.integration.legacy_import.pipeline.snapshot.live_files import LOCKER, folder_content, running
from tests.legacy_files import PRIMARY, change, contents

ADD_POST = "INSERT INTO linkedin_posts (post_id, content) VALUES ('later', 'x')"

IDLE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("SELECT count(*) FROM linkedin_posts").fetchall()
print("ready", flush=True)
sys.stdin.read()
"""

READING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM linkedin_posts").fetchall()
print("ready", flush=True)
sys.stdin.read()
"""

CRASHED_WRITER = f"""
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = " + sys.argv[2])
connection.execute("PRAGMA cache_size = 1")
connection.execute({ADD_POST!r})
connection.execute("BEGIN")
connection.execute("UPDATE linkedin_posts SET content = 'lost' || randomblob(9000)")
os.write(1, b"ready\\n")
os._exit(1)
"""


def replace(ground: Ground, snapshot: Snapshot) -> Replaced:
    return replace_live_file(
        ground.kept(snapshot),
        LivePlace(ground.legacy_dir, PRIMARY),
        directory=ground.directory,
        lock_timeout_seconds=1,
        now=NOW,
    )


def set_mode(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"PRAGMA journal_mode = {mode}")


@pytest.mark.parametrize(("mode", "version"), [("delete", 1), ("wal", 2)])
def test_file_is_as_it_was_and_the_one_before_is_kept(ground: Ground, mode: str, version: int) -> None:
    set_mode(ground.live, mode)
    ground.live.chmod(0o640)
    os.chown(ground.live, os.getuid(), os.getgid())
    wanted, snapshot = contents(ground.live), ground.take(days_ago(1))
    change(ground.live, ADD_POST)
    replaced_contents = contents(ground.live)
    names = set(ground.live.parent.iterdir())

    replaced = replace(ground, snapshot)

    assert set(ground.live.parent.iterdir()) == names
    assert contents(ground.live) == wanted
    assert journal_mode(ground.live) == version
    assert stat.S_IMODE(ground.live.stat().st_mode) == 0o640
    assert not replaced.damaged
    assert replaced.saved is not None
    assert contents(replaced.saved) == replaced_contents != wanted


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_owner_stays(ground: Ground) -> None:
    snapshot = ground.take(days_ago(1))
    os.chown(ground.live, 12345, 54321)

    replace(ground, snapshot)

    status = ground.live.stat()
    assert (status.st_uid, status.st_gid) == (12345, 54321)


def test_a_link_within_the_folder_stays_a_link(ground: Ground) -> None:
    real = ground.legacy_dir / "elsewhere.db"
    ground.live.rename(real)
    ground.live.symlink_to(real)
    snapshot = ground.take(days_ago(1))
    count = posts(real)
    change(real, ADD_POST)

    replace(ground, snapshot)

    assert ground.live.is_symlink()
    assert posts(real) == count


@pytest.mark.parametrize("script", [LOCKER, READING, IDLE], ids=["writing", "reading", "idle"])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_file_in_use_is_refused_untouched(ground: Ground, mode: str, script: str) -> None:
    set_mode(ground.live, mode)
    snapshot = ground.take(days_ago(1))
    change(ground.live, ADD_POST)
    before, kept = contents(ground.live), ground.names()
    inode = ground.live.stat().st_ino

    with running(script, ground.live):
        with pytest.raises(TransientError, match="is in use"):
            replace(ground, snapshot)
        assert ground.live.stat().st_ino == inode
        assert ground.names() == kept

    assert contents(ground.live) == before


@pytest.mark.parametrize(("mode", "script"), [("delete", LOCKER), ("delete", READING), ("wal", LOCKER), ("wal", IDLE)])
def test_a_lock_is_seen_where_processes_are_not(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, mode: str, script: str
) -> None:
    monkeypatch.setattr(live_lock, "find_other_holders", lambda _live: [])
    set_mode(ground.live, mode)
    snapshot = ground.take(days_ago(1))

    with running(script, ground.live), pytest.raises(TransientError, match="holds a lock on it"):
        replace(ground, snapshot)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_dead_writers_journal_neither_gets_lost_nor_into_the_new_file(ground: Ground, mode: str) -> None:
    set_mode(ground.live, mode)
    snapshot, wanted = ground.take(days_ago(1)), contents(ground.live)
    count = posts(ground.live)
    script = [sys.executable, "-c", CRASHED_WRITER, str(ground.live), mode]
    assert subprocess.run(script, capture_output=True, check=False).stdout == b"ready\n"
    journal = ground.live.with_name(ground.live.name + {"delete": "-journal", "wal": "-wal"}[mode])
    assert journal.stat().st_size > 0

    replaced = replace(ground, snapshot)

    assert contents(ground.live) == wanted
    assert not journal.exists()
    assert replaced.saved is not None
    assert posts(replaced.saved) == count + 1


@pytest.mark.parametrize("content", [b"", b"no SQLite file", None])
def test_damaged_file_is_kept_byte_for_byte(ground: Ground, content: bytes | None) -> None:
    snapshot, wanted = ground.take(days_ago(1)), contents(ground.live)
    if content is None:
        os.truncate(ground.live, 8192)
    else:
        ground.live.write_bytes(content)
    wal = ground.live.with_name(ground.live.name + "-wal")
    wal.write_bytes(b"rest of a journal")
    before = {ground.live.name: ground.live.read_bytes()}

    replaced = replace(ground, snapshot)

    assert not wal.exists()
    assert contents(ground.live) == wanted
    assert replaced.damaged
    assert replaced.saved is not None
    assert folder_content(replaced.saved).items() >= before.items()
    assert ground.catalogue.strays == ()


def test_missing_file_is_written_anew(ground: Ground) -> None:
    snapshot, wanted = ground.take(), contents(ground.live)
    ground.live.unlink()

    assert replace(ground, snapshot) == Replaced(None)
    assert contents(ground.live) == wanted


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_journal_without_its_file_is_kept_and_not_applied(ground: Ground, suffix: str) -> None:
    snapshot, wanted = ground.take(days_ago(1)), contents(ground.live)
    ground.live.unlink()
    journal = ground.live.with_name(ground.live.name + suffix)
    journal.write_bytes(b"rest of a journal")

    saved = replace(ground, snapshot).saved

    assert not journal.exists()
    assert contents(ground.live) == wanted
    assert saved is not None
    assert folder_content(saved) == {journal.name: b"rest of a journal"}


def test_damaged_snapshot_changes_nothing(ground: Ground) -> None:
    snapshot = ground.take(days_ago(1))
    change(ground.live, ADD_POST)
    before, kept = ground.live.read_bytes(), ground.names()
    flip_bit(snapshot.path)

    with pytest.raises(TerminalError, match="bytes have changed"):
        replace(ground, snapshot)

    assert (ground.live.read_bytes(), ground.names()) == (before, kept)


def test_a_write_after_the_snapshot_is_refused(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = ground.take(days_ago(1))
    count = posts(ground.live)

    def write_late(kept: KeptSnapshot, work: Path) -> Path:
        change(ground.live, ADD_POST)
        return write_restored_copy(kept, work)

    monkeypatch.setattr(replacing, "write_restored_copy", write_late)

    with pytest.raises(TransientError, match="written meanwhile"):
        replace(ground, snapshot)

    assert posts(ground.live) == count + 1


def test_what_a_restore_saved_is_marked_until_an_import_reads_it(ground: Ground) -> None:
    snapshot = ground.take(days_ago(1))
    change(ground.live, ADD_POST)

    saved = replace(ground, snapshot).saved
    assert saved is not None
    marked = {one.path: one.is_before_restore for one in ground.catalogue.backups}
    assert marked == {saved: True, snapshot.path: False}

    ground.live.write_bytes(saved.read_bytes())
    assert ground.take().reused
    assert json.loads(saved.with_suffix(".json").read_text())["before_restore"] is False
    assert replace(ground, snapshot).saved == saved
    assert not ground.kept(ground.take()).is_before_restore


def test_a_folder_in_its_place_is_refused(ground: Ground) -> None:
    snapshot = ground.take()
    ground.live.unlink()
    ground.live.mkdir()

    with pytest.raises(LegacyImportError, match="no regular file"):
        replace(ground, snapshot)
