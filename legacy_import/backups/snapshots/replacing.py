"""A snapshot put over the live file, so that no moment of it can lose anything.

What lives here: the order of the steps. Whatever line a kill hits, the live file is the old one or the new one, whole,
and from the first change on the old one's content lies in the backup folder.

1. Others are refused. 2. SQLite folds the file's own journal into it. 3. The file is snapshotted, or copied byte for
byte where it is damaged. 4. The new file is written beside it. 5. Under SQLite's exclusive lock: nothing has changed
since 3, then the emptied journals go, then the rename. A journal must go first: SQLite would apply it to the new file.
"""

import json
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from legacy_import.backups.catalogue import DAMAGED_PREFIX, TIME_FORMAT, KeptSnapshot, read_catalogue
from legacy_import.backups.snapshots.live_lock import sole_hold
from legacy_import.backups.snapshots.restoring import checked, companions, make_folder, sync, workshop, write_copy
from legacy_import.errors import TerminalError, TransientError
from legacy_import.pipeline.snapshot.snapshot import hold_directory_lock, publish_file, take_snapshot

_CLOCK_TICK_SECONDS: Final = 0.05
"""A file system stamps times by a coarse clock: a write within one tick of another looks like none."""
_BUSY_CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

_Signature: TypeAlias = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Where the replaced file's content lies: a snapshot, a folder of its damaged bytes, None where there was none."""

    saved: Path | None
    damaged: bool = False


def replace_live(
    snapshot: KeptSnapshot, live: Path, *, directory: Path, lock_timeout_seconds: float, now: datetime
) -> Replaced:
    """Put the snapshot over the live file; directory is the source's backup folder.

    The new file has the old one's owner and mode and the snapshot's journal mode; a link stays a link.
    Raises TransientError where another program uses the file, TerminalError where a person is needed.
    """
    checked(snapshot)
    real = Path(os.path.realpath(live))
    make_folder(real.parent)
    _settle(real)
    time.sleep(_CLOCK_TICK_SECONDS)
    before = _signature(real)
    replaced = _save(live, real, directory=directory, lock_timeout_seconds=lock_timeout_seconds, now=now)
    with hold_directory_lock(directory, lock_timeout_seconds), workshop(real) as work:
        copy = write_copy(snapshot, work)
        with _hold(real):
            if _signature(real) != before:
                raise TransientError(f"The legacy file {live} was written meanwhile; try again.")
            _swap(copy, real, damaged=replaced.damaged)
    return replaced


def _hold(real: Path) -> AbstractContextManager[None]:
    return sole_hold(real) if real.exists() else nullcontext()


def _settle(real: Path) -> None:
    """Refuse a file in use; let SQLite roll back or fold in what a dead program left in a journal."""
    if not real.exists():
        return
    with sole_hold(real):
        pass
    if not any(path.exists() for path in companions(real)):
        return
    with closing(sqlite3.connect(f"{real.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF in _BUSY_CODES:
                raise TransientError(f"The legacy file {real} is in use: another program holds a lock on it.") from None
            # Too damaged for SQLite: it is kept byte for byte, journals included.


def _signature(real: Path) -> _Signature:
    wal, _shm, journal = companions(real)
    return tuple(_file_signature(path) for path in (real, wal, journal))


def _file_signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _save(live: Path, real: Path, *, directory: Path, lock_timeout_seconds: float, now: datetime) -> Replaced:
    """Keep what the live file holds; damaged ones can't be snapshotted, so their bytes are kept."""
    present = [path for path in (real, *companions(real)) if path.exists()]
    if not present:
        return Replaced(None)
    known = {one.path for one in read_catalogue("", directory).snapshots if not one.is_before_restore}
    try:
        taken = take_snapshot(live, directory=directory, lock_timeout_seconds=lock_timeout_seconds, now=now)
        if taken.path not in known:
            with hold_directory_lock(directory, lock_timeout_seconds):
                _mark(taken.path.with_suffix(".json"))
    except TerminalError:
        with hold_directory_lock(directory, lock_timeout_seconds):
            return Replaced(_set_aside(present, directory, now), damaged=True)
    return Replaced(taken.path)


def _mark(manifest: Path) -> None:
    """Say in the manifest that only a restore took this snapshot."""
    partial = manifest.with_name(".partial-manifest")
    partial.write_text(json.dumps(json.loads(manifest.read_text()) | {"before_restore": True}, indent=2) + "\n")
    publish_file(partial, manifest)


def _set_aside(files: list[Path], directory: Path, now: datetime) -> Path:
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory))
    try:
        for path in files:
            shutil.copyfile(path, work / path.name)
            (work / path.name).chmod(0o600)
            sync(work / path.name)
        sync(work)
        folder = directory / f"{DAMAGED_PREFIX}{now.astimezone(UTC).strftime(TIME_FORMAT)}"
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sync(directory)
    return folder


def _swap(copy: Path, real: Path, *, damaged: bool) -> None:
    """Rename the copy over the live file; the caller holds that one's lock."""
    wal = companions(real)[0]
    if not damaged and wal.exists() and wal.stat().st_size:
        raise TransientError(f"The legacy file {real} is in use: its -wal holds what is not yet in the file.")
    if real.exists():
        _dress(copy, real.stat())
    for path in companions(real):
        path.unlink(missing_ok=True)
    sync(real.parent)
    copy.replace(real)
    sync(real.parent)


def _dress(copy: Path, status: os.stat_result) -> None:
    """Give the copy the live file's owner and mode: the old scripts must be able to go on with it."""
    mine = copy.stat()
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        os.chown(copy, status.st_uid, status.st_gid)
    copy.chmod(stat.S_IMODE(status.st_mode))
