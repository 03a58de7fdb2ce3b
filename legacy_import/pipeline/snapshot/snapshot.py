"""The snapshot of a legacy file: a checked copy that every import reads instead of the live file.

It is taken by the online backup (online_backup.py), checked, named by time and checksum, and kept with a manifest.
Keeping and pruning them is legacy_import.backups.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from legacy_import.errors import TerminalError, TransientError
from legacy_import.foreign_sqlite.reading import UnreadTableError, find_structure_remarks, open_legacy_copy
from legacy_import.pipeline.snapshot.live_file import JournalMode, LiveFile
from legacy_import.pipeline.snapshot.online_backup import back_up_live_file
from legacy_import.pipeline.snapshot.replaced_file_retry import retry_while_replaced
from legacy_import.pipeline.snapshot.schema_text import check_schema_text
from legacy_import.pipeline.snapshot.sqlite_failures import (
    SQLITE_ERRORS,
    corrupt_file_error,
    describe_lock_error,
    error_message,
)
from synapse.foundation.durable_files import replace_file_durably

_PARTIAL_PREFIX: Final = ".partial-"
_UNKEPT_PREFIX: Final = ".unkept-"
SNAPSHOT_NAME: Final = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")
_DATA_REMARK: Final = re.compile(r"(?:NULL|NUMERIC|TEXT|non-\w+) value in |CHECK constraint failed in ")
"""What quick_check remarks on values rather than on the file: such rows are quarantined later, the file is sound."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One checked copy of a legacy file."""

    path: Path
    sha256: str
    size_bytes: int
    journal_mode: JournalMode
    """The live file's; the snapshot itself is always in rollback mode, so that reading it leaves nothing beside it."""
    taken_at: datetime
    reused: bool
    """True where the file has not changed and an earlier snapshot was returned."""

    def open_read_only(self) -> sqlite3.Connection:
        """Open the copy for reading; nobody writes it, so SQLite need lock nothing."""
        return open_legacy_copy(self.path)


def take_snapshot(
    live: Path, *, directory: Path, lock_timeout_seconds: float, now: datetime, keep: bool = True
) -> Snapshot:
    """Copy the live file's committed content into the directory, check it and return it.

    The directory belongs to this source alone and is made where missing. With `keep` the snapshot gets a manifest and
    an unchanged file returns the newest snapshot; without, the file is the caller's to remove (a killed run's is
    removed by the next snapshot). The live file is not changed and nothing is left beside it.

    Raises TerminalError where the file is missing, unreadable or no sound SQLite file, TransientError where it stays
    locked or keeps being written for lock_timeout_seconds.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with hold_directory_lock(directory, lock_timeout_seconds):
            for path in find_abandoned_snapshots(directory):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            work = Path(tempfile.mkdtemp(prefix=_PARTIAL_PREFIX, dir=directory))
            try:
                return _take_checked_copy(
                    live, work=work, lock_timeout_seconds=lock_timeout_seconds, now=now, keep=keep
                )
            finally:
                shutil.rmtree(work)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TerminalError(f"No snapshot of {live} could be kept in {directory}: {reason}.") from error


def _take_checked_copy(live: Path, *, work: Path, lock_timeout_seconds: float, now: datetime, keep: bool) -> Snapshot:
    partial = work / "snapshot"

    def _copy_and_check() -> LiveFile:
        file = back_up_live_file(live, target=partial, scratch=work, lock_timeout_seconds=lock_timeout_seconds)
        _quick_check(partial, live)
        return file

    file = retry_while_replaced(live, _copy_and_check, timeout_seconds=lock_timeout_seconds)
    taken = Snapshot(
        path=partial,
        sha256=file_checksum(partial),
        size_bytes=partial.stat().st_size,
        journal_mode=file.journal_mode,
        taken_at=now.astimezone(UTC),
        reused=False,
    )
    if keep:
        return _reuse_newest_snapshot(work.parent, taken) or _publish_with_manifest(
            taken, live=live, directory=work.parent
        )
    return _publish_snapshot(
        taken, work.parent / f"{_UNKEPT_PREFIX}{os.getpid()}-{work.name.removeprefix(_PARTIAL_PREFIX)}.db"
    )


def _quick_check(snapshot: Path, live: Path) -> None:
    """Raise TerminalError where the snapshot's structure is damaged, or its schema can't be read."""
    try:
        with closing(open_legacy_copy(snapshot)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            remarks = find_structure_remarks(connection, "PRAGMA quick_check(1000000000)")
            damage = next((remark for remark in remarks if not _DATA_REMARK.match(remark)), None)
            if damage:
                raise corrupt_file_error(live, damage[:80])
            check_schema_text(connection, live)
    except UnreadTableError as error:
        raise TerminalError(f"The legacy file {live} cannot be read here: {error}.") from error
    except SQLITE_ERRORS as error:
        raise corrupt_file_error(live, error_message(error)) from error


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reuse_newest_snapshot(directory: Path, taken: Snapshot) -> Snapshot | None:
    """Return the directory's newest snapshot where it holds what was taken; None where it differs or is damaged."""
    newest = max((path for path in directory.glob("*.json") if SNAPSHOT_NAME.fullmatch(path.stem)), default=None)
    if newest is None:
        return None
    path = newest.with_suffix(".db")
    try:
        manifest = json.loads(newest.read_text())
        same = (manifest["sha256"], manifest["journal_mode"]) == (taken.sha256, taken.journal_mode)
        taken_at = datetime.fromisoformat(manifest["taken_at"])
    except (ValueError, TypeError, KeyError):
        return None  # it can vouch for nothing; `backups verify` names it
    # The kept file is read again: a damaged snapshot must not be imported.
    if not same or not path.is_file() or file_checksum(path) != taken.sha256:
        return None
    # Its 30 days begin when the live file was last seen like this, not when it first was.
    manifest |= {"last_seen_at": taken.taken_at.isoformat(), "before_restore": False}
    _publish_manifest(manifest, work=taken.path.parent, path=newest)
    return replace(taken, path=path, taken_at=taken_at, reused=True)


def _publish_with_manifest(taken: Snapshot, *, live: Path, directory: Path) -> Snapshot:
    path = directory / f"{taken.taken_at:%Y%m%dT%H%M%S%fZ}-{taken.sha256[:12]}.db"
    manifest: dict[str, Any] = {
        "sha256": taken.sha256,
        "size_bytes": taken.size_bytes,
        "taken_at": taken.taken_at.isoformat(),
        "live_path": str(live),
        "journal_mode": taken.journal_mode,
    }
    # The manifest first: one without its file is swept up later, a file without its manifest would stay for ever.
    _publish_manifest(manifest, work=taken.path.parent, path=path.with_suffix(".json"))
    return _publish_snapshot(taken, path)


def _publish_manifest(manifest: dict[str, Any], *, work: Path, path: Path) -> None:
    partial = work / "manifest"
    partial.write_text(json.dumps(manifest, indent=2) + "\n")
    replace_file_durably(partial, path)


def _publish_snapshot(taken: Snapshot, path: Path) -> Snapshot:
    replace_file_durably(taken.path, path)
    return replace(taken, path=path)


@contextmanager
def hold_directory_lock(directory: Path, timeout_seconds: float) -> Iterator[None]:
    """Hold the directory's lock (flock, released with the process): what is partial in it is a killed run's."""
    deadline = time.monotonic() + timeout_seconds
    descriptor = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TransientError(f"Another snapshot is being taken in {directory}.") from None
                time.sleep(0.05)
            except OSError as error:
                raise TerminalError(
                    f"The folder {directory} cannot be locked: {describe_lock_error(error)}. Let BACKUP_DIR name a"
                    " folder on a local disk, or mount the share with working locks."
                ) from error
        yield
    finally:
        os.close(descriptor)


def find_abandoned_snapshots(directory: Path) -> Iterator[Path]:
    """Yield what killed runs left in the directory; the caller holds its lock."""
    yield from directory.glob(f"{_PARTIAL_PREFIX}*")
    for path in directory.glob(f"{_UNKEPT_PREFIX}*.db"):
        if not _is_process_alive(int(path.name.removeprefix(_UNKEPT_PREFIX).split("-")[0])):
            yield path
    for path in directory.glob("*.json"):
        if SNAPSHOT_NAME.fullmatch(path.stem) and not path.with_suffix(".db").exists():
            yield path


def _is_process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs under another account
    return True
