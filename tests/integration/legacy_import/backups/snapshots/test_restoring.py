"""Restoring to a folder gives the file back as it was and touches nothing that is there."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.backups.snapshots.restoring import restore_to_new_file, work_folder_path
from legacy_import.errors import TerminalError
from tests.integration.legacy_import.backups.folders import Ground, days_ago, flip_bit, journal_mode, posts
from tests.legacy_files import contents


def to_wal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = wal")


@pytest.mark.parametrize(("wal", "version"), [(False, 1), (True, 2)])
def test_file_comes_back_in_its_journal_mode_for_its_owner_only(
    ground: Ground, tmp_path: Path, *, wal: bool, version: int
) -> None:
    if wal:
        to_wal(ground.live)
    snapshot = ground.take()
    target = tmp_path / "out" / "deep" / "file.db"

    restore_to_new_file(ground.kept(snapshot), target)

    assert contents(target) == contents(ground.live)
    assert journal_mode(target) == version
    assert [path.name for path in target.parent.iterdir()] == ["file.db"]
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (target, target.parent, target.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


@pytest.mark.parametrize("name", ["file.db", "file.db-wal", "file.db-journal"])
def test_what_is_in_the_way_is_refused_and_stays(ground: Ground, tmp_path: Path, name: str) -> None:
    snapshot = ground.kept(ground.take())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")

    with pytest.raises(TerminalError, match=f"{name} is already there"):
        restore_to_new_file(snapshot, tmp_path / "out" / "file.db")

    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_dangling_link_is_in_the_way(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "file.db").symlink_to(tmp_path / "nowhere")

    with pytest.raises(TerminalError, match="already there"):
        restore_to_new_file(ground.kept(ground.take()), tmp_path / "file.db")


def test_damaged_snapshot_is_not_restored(ground: Ground, tmp_path: Path) -> None:
    snapshot = ground.take()
    flip_bit(snapshot.path)

    with pytest.raises(TerminalError, match=r"Nothing was restored: .*bytes have changed.*--at"):
        restore_to_new_file(ground.kept(snapshot), tmp_path / "file.db")

    assert not (tmp_path / "file.db").exists()


def test_what_a_killed_restore_left_is_cleared(ground: Ground, tmp_path: Path) -> None:
    work = work_folder_path(tmp_path / "file.db")
    work.mkdir()
    (work / "restored").write_bytes(b"half")
    (work / "restored-wal").write_bytes(b"half")

    restore_to_new_file(ground.kept(ground.take(days_ago(1))), tmp_path / "file.db")

    assert posts(tmp_path / "file.db") == posts(ground.live)
    assert not work.exists()
