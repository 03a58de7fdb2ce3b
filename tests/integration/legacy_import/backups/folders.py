"""Backup folders made by real snapshots of real files, and what lies in them."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from legacy_import.backups.catalogue import Catalogue, read_catalogue
from legacy_import.backups.snapshots.kind import SNAPSHOTS, KeptSnapshot
from legacy_import.pipeline.snapshot.snapshot import Snapshot, take_snapshot
from tests.legacy_files import PRIMARY, change

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


class Ground:
    """The primary source's live file and its backup folder."""

    def __init__(self, legacy_dir: Path, backup_dir: Path) -> None:
        self.legacy_dir = legacy_dir
        self.live = legacy_dir / PRIMARY
        self.directory = backup_dir / "primary"

    def take(self, at: datetime = NOW) -> Snapshot:
        return take_snapshot(self.live, directory=self.directory, lock_timeout_seconds=5, now=at)

    def take_changed(self, at: datetime) -> Snapshot:
        change(self.live, "INSERT INTO linkedin_posts (post_id, content) VALUES (?, 'new')", f"{at:%Y%m%d%H%M%S}")
        return self.take(at)

    @property
    def catalogue(self) -> Catalogue[KeptSnapshot]:
        return read_catalogue(SNAPSHOTS, "primary", self.directory)

    def kept(self, snapshot: Snapshot) -> KeptSnapshot:
        return next(one for one in self.catalogue.backups if one.path == snapshot.path)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir() if path.name != ".lock")


def flip_bit(path: Path, offset: int = 5000) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def posts(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (count,) = file.execute("SELECT count(*) FROM linkedin_posts").fetchone()
        return int(count)


def journal_mode(path: Path) -> int:
    """Return the write version in the file's header: 1 rollback journal, 2 WAL."""
    return path.read_bytes()[18]
