"""Restoring a snapshot as the SQLite file it was taken from: a verified copy, then an atomic link where no file is.

`replacing` puts one over a live file.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from legacy_import.backups.checking import require_sound_backup
from legacy_import.backups.snapshots.kind import SNAPSHOTS, KeptSnapshot
from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.snapshot import file_checksum
from synapse.foundation.durable_files import fsync_path
from synapse.foundation.private_files import make_private_folder


def restore_to_new_file(snapshot: KeptSnapshot, target: Path) -> None:
    """Write the snapshot to target, where no file may be.

    Raises TerminalError where a file, or a journal SQLite would apply to the new one, is in the way.
    """
    for path in (target, *sidecar_paths(target)):
        if os.path.lexists(path):
            raise TerminalError(f"{path} is already there; restore into a folder of its own.")
    make_private_folder(target.parent)
    with open_work_folder(target) as work:
        copy = write_restored_copy(snapshot, work)
        try:
            # A link, not a rename: it fails where another program has made the file meanwhile.
            os.link(copy, target)
        except FileExistsError:
            raise TerminalError(f"{target} is already there; restore into a folder of its own.") from None
        fsync_path(target.parent)


def sidecar_paths(path: Path) -> tuple[Path, Path, Path]:
    """Return where SQLite keeps the file's write-ahead log, its shared memory and its rollback journal."""
    wal, shared_memory, journal = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))
    return wal, shared_memory, journal


@contextmanager
def open_work_folder(target: Path) -> Iterator[Path]:
    """Yield a private folder beside the target, on its file system; one that a killed restore left is cleared."""
    folder = work_folder_path(target)
    _remove_folder(folder)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        _remove_folder(folder)


def work_folder_path(target: Path) -> Path:
    """Return where a restore of that file works; it is there only meanwhile, or after a kill."""
    return target.with_name(f".{target.name}.restoring")


def _remove_folder(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)


def write_restored_copy(snapshot: KeptSnapshot, work: Path) -> Path:
    """Write the snapshot into the work folder, in the live file's journal mode, fsynced, and return its path."""
    require_sound_backup(SNAPSHOTS, snapshot)
    manifest = snapshot.manifest
    assert manifest is not None  # noqa: S101 - a sound snapshot has one
    copy = work / "restored"
    shutil.copyfile(snapshot.path, copy)
    copy.chmod(0o600)
    # The copy is read back: a full disk or bad memory may have spoilt it since the snapshot was verified.
    if file_checksum(copy) != manifest.sha256:
        raise TerminalError(f"Nothing was restored: the copy of {snapshot.path} differs from it; try again.")
    if manifest.journal_mode != "delete":
        # A snapshot is always in rollback mode: the old scripts expect the mode that the live file had.
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            # The schema may be written for a later SQLite than this one.
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(f"PRAGMA journal_mode = {manifest.journal_mode}")
    fsync_path(copy)
    return copy
