"""Replacing the live SQLite file with a snapshot by an atomic rename, so that a kill at any moment loses nothing.

The invariant: whatever line a kill hits, the live file is the old one or the new one, whole, and from the first change
on the old one's content is in the backup folder. The steps:

1. Programs that use the file make it refuse. 2. SQLite folds the file's own journal into it. 3. The file is
snapshotted, or copied byte for byte where it is damaged. 4. The new file is written beside it. 5. Under SQLite's
exclusive lock: nothing has changed since 3, then the emptied journals are removed, then the rename. A journal must go
first: SQLite would apply it to the new file.
"""

import json
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.checking import require_sound_backup
from legacy_import.backups.kept_backup import NAME_TIME_FORMAT
from legacy_import.backups.snapshots.kind import DAMAGED_PREFIX, SNAPSHOTS, KeptSnapshot
from legacy_import.backups.snapshots.live_lock import hold_exclusive_lock
from legacy_import.backups.snapshots.live_place import LivePlace, find_replaceable_file
from legacy_import.backups.snapshots.restoring import (
    open_work_folder,
    sidecar_paths,
    write_restored_copy,
)
from legacy_import.errors import TerminalError, TransientError
from legacy_import.pipeline.snapshot.snapshot import hold_directory_lock, take_snapshot
from legacy_import.pipeline.snapshot.sqlite_failures import SQLITE_ERRORS, extended_result_code
from synapse.foundation.durable_files import fsync_path, replace_file_durably
from synapse.foundation.private_files import make_private_folder, write_private_text

_CLOCK_TICK_SECONDS: Final = 0.05
"""A file system stamps times by a coarse clock: a write within one tick of another looks like none."""
_BUSY_CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

_FileSignature: TypeAlias = tuple[int, int, int] | None
"""A file's size, time of modification in nanoseconds, and inode; None where there is none."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Where the replaced file's content is kept: a snapshot, a folder of its damaged bytes, None without a file."""

    saved: Path | None
    damaged: bool = False


def replace_live_file(
    snapshot: KeptSnapshot, place: LivePlace, *, directory: Path, lock_timeout_seconds: float, now: datetime
) -> Replaced:
    """Put the snapshot over the live file; directory is the source's backup folder.

    The new file has the old one's owner and mode and the snapshot's journal mode; a link within the legacy folder stays
    a link, and one that leads out of it is not followed.
    Raises TransientError where another program uses the file, TerminalError where a person is needed.
    """
    live, real = place.path, find_replaceable_file(place)
    require_sound_backup(SNAPSHOTS, snapshot)
    make_private_folder(real.parent)
    _recover_journal(real)
    # Without the pause, a write right after this would leave the same time stamps as the fold did.
    time.sleep(_CLOCK_TICK_SECONDS)
    before = _read_signatures(real)
    replaced = _back_up_live_file(live, real, directory=directory, lock_timeout_seconds=lock_timeout_seconds, now=now)
    with hold_directory_lock(directory, lock_timeout_seconds), open_work_folder(real) as work:
        copy = write_restored_copy(snapshot, work)
        with hold_exclusive_lock(real) if real.exists() else nullcontext():
            # Optimistic concurrency: the slow steps ran without the lock, so a write in between is looked for now.
            if _read_signatures(real) != before:
                raise TransientError(f"The legacy file {live} was written meanwhile; try again.")
            _rename_over_live_file(copy, real, damaged=replaced.damaged)
    return replaced


def _recover_journal(real: Path) -> None:
    """Refuse a file in use; let SQLite roll back or checkpoint a journal that a dead program left."""
    if not real.exists():
        return
    with hold_exclusive_lock(real):
        pass
    if not any(path.exists() for path in sidecar_paths(real)):
        return
    with closing(sqlite3.connect(f"{real.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)) as connection:
        try:
            # Reading anything makes SQLite roll a hot journal back, also beside a statement that it cannot parse.
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("PRAGMA schema_version").fetchone()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except SQLITE_ERRORS as error:
            # The low byte is the primary result code; the rest says more about it.
            if extended_result_code(error) & 0xFF in _BUSY_CODES:
                raise TransientError(f"The legacy file {real} is in use: another program holds a lock on it.") from None
            # Too damaged for SQLite: it is kept byte for byte, journals included.


def _read_signatures(real: Path) -> list[_FileSignature]:
    """Return by what a write to the file or its journals is noticed; shared memory changes with mere readers."""
    wal, _shared_memory, journal = sidecar_paths(real)
    signatures: list[_FileSignature] = []
    for path in (real, wal, journal):
        try:
            status = path.stat()
        except FileNotFoundError:
            signatures.append(None)
        else:
            signatures.append((status.st_size, status.st_mtime_ns, status.st_ino))
    return signatures


def _back_up_live_file(
    live: Path, real: Path, *, directory: Path, lock_timeout_seconds: float, now: datetime
) -> Replaced:
    """Keep what the live file holds; damaged ones can't be snapshotted, so their bytes are kept."""
    present = [path for path in (real, *sidecar_paths(real)) if path.exists()]
    if not present:
        return Replaced(None)
    backups = read_catalogue(SNAPSHOTS, "", directory).backups
    imported = {backup.path for backup in backups if not backup.is_before_restore}
    try:
        taken = take_snapshot(live, directory=directory, lock_timeout_seconds=lock_timeout_seconds, now=now)
        # An unchanged file gives an earlier snapshot back: where an import has read that one, it stays unmarked.
        if taken.path not in imported:
            with hold_directory_lock(directory, lock_timeout_seconds):
                manifest = taken.path.with_suffix(".json")
                partial = manifest.with_name(".partial-manifest")
                marked = json.loads(manifest.read_text()) | {"before_restore": True}
                write_private_text(partial, json.dumps(marked, indent=2) + "\n")
                replace_file_durably(partial, manifest)
    except TerminalError:
        with hold_directory_lock(directory, lock_timeout_seconds):
            return Replaced(_copy_damaged_files(present, directory, now), damaged=True)
    return Replaced(taken.path)


def _copy_damaged_files(files: list[Path], directory: Path, now: datetime) -> Path:
    """Copy the files byte for byte into a new folder of the backup folder, whole or not at all; return it."""
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory))
    try:
        for path in files:
            shutil.copyfile(path, work / path.name)
            (work / path.name).chmod(0o600)
            fsync_path(work / path.name)
        fsync_path(work)
        folder = directory / f"{DAMAGED_PREFIX}{now.astimezone(UTC).strftime(NAME_TIME_FORMAT)}"
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    fsync_path(directory)
    return folder


def _rename_over_live_file(copy: Path, real: Path, *, damaged: bool) -> None:
    """Rename the copy over the live file, atomically; the caller holds that one's lock."""
    wal = sidecar_paths(real)[0]
    if not damaged and wal.exists() and wal.stat().st_size:
        raise TransientError(f"The legacy file {real} is in use: its -wal holds what is not yet in the file.")
    if real.exists():
        # The live file's owner and mode: the old scripts must be able to go on with it.
        live_status, copy_status = real.stat(), copy.stat()
        if (copy_status.st_uid, copy_status.st_gid) != (live_status.st_uid, live_status.st_gid):
            os.chown(copy, live_status.st_uid, live_status.st_gid)
        copy.chmod(stat.S_IMODE(live_status.st_mode))
    for path in sidecar_paths(real):
        path.unlink(missing_ok=True)
    # The removals reach the disk before the rename: after a power cut no old journal lies beside the new file.
    fsync_path(real.parent)
    copy.replace(real)
    fsync_path(real.parent)
