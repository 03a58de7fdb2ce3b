"""A snapshot written out as the legacy file it was taken from, whole or not at all.

What lives here: the checked copy and putting it where no file is. What does not: replacing a live file (replacing).
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from legacy_import.backups.catalogue import KeptSnapshot
from legacy_import.backups.checking import check_snapshot
from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.live_file import JournalMode
from legacy_import.pipeline.snapshot.snapshot import file_checksum


def checked(snapshot: KeptSnapshot) -> KeptSnapshot:
    """Return the snapshot if it is what was taken. Raises TerminalError where its bytes can't be trusted."""
    finding = check_snapshot(snapshot)
    if finding and not finding.faithful:
        raise TerminalError(f"Nothing was restored: {finding}; or restore an earlier one with --at.")
    return snapshot


def restore_beside(snapshot: KeptSnapshot, target: Path) -> None:
    """Write the snapshot to target, where no file may be.

    Raises TerminalError where a file, or a journal SQLite would apply to the new one, is in the way.
    """
    for path in (target, *companions(target)):
        if os.path.lexists(path):
            raise TerminalError(f"{path} is already there; restore into a folder of its own.")
    make_folder(target.parent)
    with workshop(target) as work:
        copy = write_copy(snapshot, work)
        try:
            os.link(copy, target)
        except FileExistsError:
            raise TerminalError(f"{target} is already there; restore into a folder of its own.") from None
        sync(target.parent)


def companions(path: Path) -> tuple[Path, ...]:
    """Return the files SQLite keeps beside the file."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """Yield a private folder beside the target, on its file system; one that a killed restore left is cleared."""
    work = workshop_of(target)
    clear(work)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        clear(work)


def workshop_of(target: Path) -> Path:
    """Return where a restore of that file works; it is there only meanwhile, or after a kill."""
    return target.with_name(f".{target.name}.restoring")


def clear(folder: Path) -> None:
    """Remove a folder that may not be there."""
    if folder.is_dir():
        shutil.rmtree(folder)


def write_copy(snapshot: KeptSnapshot, work: Path) -> Path:
    """Write the snapshot into the work folder, in the live file's journal mode, synced, and return its path."""
    manifest = checked(snapshot).manifest
    assert manifest is not None  # noqa: S101 - a checked snapshot has one
    copy = work / "restored"
    shutil.copyfile(snapshot.path, copy)
    copy.chmod(0o600)
    if file_checksum(copy) != manifest.sha256:
        raise TerminalError(f"Nothing was restored: the copy of {snapshot.path} differs from it; try again.")
    _set_journal_mode(copy, manifest.journal_mode)
    sync(copy)
    return copy


def _set_journal_mode(copy: Path, mode: JournalMode) -> None:
    """Give the file its mode back; a snapshot is always in rollback mode."""
    if mode == "delete":
        return
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")


def make_folder(folder: Path) -> None:
    """Make the folder and its missing parents, each for its owner only."""
    for path in [*reversed(folder.parents), folder]:
        path.mkdir(mode=0o700, exist_ok=True)


def sync(path: Path) -> None:
    """Have the file, or the names in the folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
