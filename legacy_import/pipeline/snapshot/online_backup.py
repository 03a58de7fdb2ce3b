"""A consistent copy of a live SQLite file by SQLite's online backup API, taken so that no writer waits 100 ms.

Three ways, tried in this order:
- in place: the online backup, read-only, in steps of 256 KiB. In WAL mode it holds a read transaction, so writers never
  restart it.
- settled copy: a WAL file nobody has open, a read-only folder, a crashed writer's journal. SQLite would have to make
  or recover files beside the live one, so it does that in a private copy.
- locked copy: a rollback-journal file that is written so often that every backup restarts. It is read into memory
  under a SHARED lock (held_read), held for 30 ms at first and for 60 ms where that was too short.
The live file is checked by live_file.py; snapshot.py names and keeps the copy.
"""

import os
import sqlite3
import tempfile
import time
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path
from typing import Final

from legacy_import.errors import TransientError
from legacy_import.pipeline.snapshot.held_read import HeldReader
from legacy_import.pipeline.snapshot.live_file import FileChangedError, LiveFile, copy_if_unchanged, inspect_live_file
from legacy_import.pipeline.snapshot.sqlite_failures import (
    SQLITE_ERRORS,
    extended_result_code,
    probe_lock_error,
    translate_read_error,
)

_STEP_BYTES: Final = 256 * 1024
_MIN_STEP_PAGES: Final = 4
_MAX_STEP_SECONDS: Final = 0.02
_HOLDS_SECONDS: Final = (0.03, 0.045, 0.06)
"""SQLite's busy handler retries after 1, 3, 8, 18, 33, 53, 78, 103 ms: these holds cost a writer 33, 53 and 78 ms."""
_MAX_RESTARTS: Final = 3
_BUSY_SLEEP_SECONDS: Final = 0.005
_BETWEEN_HOLDS_SECONDS: Final = 0.03
_MAX_HELD_BYTES: Final = 1024**3
"""No machine reads more in one hold, and the copy is in memory."""

_BEGIN_READING: Final = "PRAGMA schema_version"
"""Reads the file without parsing its schema."""
_TOLERATE_SCHEMA: Final = "PRAGMA writable_schema = ON"
"""The schema may be written for a later SQLite than this one: what it cannot parse is passed over, nothing written."""
_BUSY_CODES: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NEEDS_COPY_CODES: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


class _NeedsCopyError(Exception):
    """SQLite would have to write beside the live file to read it."""


class _RestartedError(Exception):
    """Writers made the backup begin again too often."""


class _StepTooLongError(Exception):
    """A step held the lock for longer than a writer should wait."""


class WaitLimits:
    """The timeouts of one snapshot: how long its file may stay locked, or keep being written."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._blocked_since: float | None = None
        self._moving_since: float | None = None

    def note_blocked(self) -> bool:
        """Note that the file is locked; return whether it was not before. Raises TransientError after too long."""
        is_new = self._blocked_since is None
        self._blocked_since = self._blocked_since or time.monotonic()
        if time.monotonic() - self._blocked_since >= self._seconds:
            raise TransientError(
                f"The legacy file {self._path} has been locked by another program for {self._seconds:g} seconds."
            )
        return is_new

    def note_unblocked(self) -> None:
        """Note that the lock is gone."""
        self._blocked_since = None

    def note_changed(self) -> None:
        """Note that the file was written meanwhile. Raises TransientError where that goes on for too long."""
        self._moving_since = self._moving_since or time.monotonic()
        if time.monotonic() - self._moving_since >= self._seconds:
            raise TransientError(
                f"The legacy file {self._path} kept being written for {self._seconds:g} seconds, "
                "so that no consistent copy could be taken."
            )


def back_up_live_file(path: Path, *, target: Path, scratch: Path, lock_timeout_seconds: float) -> LiveFile:
    """Copy the live file's committed content to target and return what the file was.

    target must not exist; scratch is a private folder for copies, left to the caller to remove.
    Raises TerminalError where the file is no sound SQLite file, TransientError where it is locked or written too long,
    OSError where the target's disk is full.
    """
    patience = WaitLimits(path, lock_timeout_seconds)
    in_place = True
    while True:
        live = inspect_live_file(path)
        folder = Path(tempfile.mkdtemp(dir=scratch))
        try:
            if in_place and live.can_open_in_place():
                _back_up_with_fallback(live, target=target, folder=folder, patience=patience)
            else:
                _back_up_copy(live, copy_if_unchanged(live, folder), target)
        except _NeedsCopyError:
            in_place = False
        except FileChangedError:
            in_place = True
            patience.note_changed()
            time.sleep(_BUSY_SLEEP_SECONDS)
        else:
            return live


def _back_up_with_fallback(live: LiveFile, *, target: Path, folder: Path, patience: WaitLimits) -> None:
    """Back up the file in place, or from a locked copy where writers restart the backup too often."""
    try:
        _back_up_in_place(live, target=target, patience=patience)
    except _RestartedError:
        copy = _copy_under_lock(live, folder=folder, patience=patience)
        if copy is None:
            raise FileChangedError from None
        _back_up_copy(live, copy, target)


def _back_up_in_place(live: LiveFile, *, target: Path, patience: WaitLimits) -> None:
    with closing(_open_read_only(live)) as source:
        _begin_read_transaction(source, live=live, patience=patience)
        (page_bytes,) = source.execute("PRAGMA page_size").fetchone()
        # In WAL mode the read transaction stays open: it pins the version that is copied. In rollback mode it
        # would be a SHARED lock that writers wait for.
        if live.journal_mode == "delete":
            source.execute("ROLLBACK")
        pages = max(_MIN_STEP_PAGES, _STEP_BYTES // page_bytes)
        while True:
            target.unlink(missing_ok=True)
            steps = _BackupSteps(patience, pages)
            try:
                _copy_pages(live, source=source, target=target, steps=steps)
            except _StepTooLongError:
                pages = max(_MIN_STEP_PAGES, pages // 4)
            else:
                return


def _open_read_only(live: LiveFile) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{live.real_path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0)
    connection.execute(_TOLERATE_SCHEMA)
    return connection


def _begin_read_transaction(source: sqlite3.Connection, *, live: LiveFile, patience: WaitLimits) -> None:
    """Begin a read transaction, waiting for writers as long as patience lasts."""
    source.execute("BEGIN")
    while True:
        try:
            source.execute(_BEGIN_READING).fetchone()
        except SQLITE_ERRORS as error:
            if extended_result_code(error) & 0xFF not in _BUSY_CODES:
                raise _translate_error(live, error, extended_result_code(error)) from error
            if patience.note_blocked() and (trouble := probe_lock_error(live.real_path)):
                raise trouble from error
            time.sleep(_BUSY_SLEEP_SECONDS)
        else:
            patience.note_unblocked()
            return


class _BackupSteps:
    """The progress callback of one online backup: counts waits, restarts and how long each step held the lock."""

    def __init__(self, patience: WaitLimits, pages: int) -> None:
        self.pages = pages
        self.extended_result_code = sqlite3.SQLITE_OK
        self._patience = patience
        self._remaining: int | None = None
        self._restarts = 0
        self._began = time.monotonic()

    def __call__(self, extended_result_code: int, remaining: int, _page_count: int) -> None:
        """Look at one step. sqlite3's loop sleeps and retries for ever: only an exception from here ends it."""
        self.extended_result_code = extended_result_code
        if extended_result_code & 0xFF in _BUSY_CODES:
            self._patience.note_blocked()
            self._began = time.monotonic()
            return
        self._patience.note_unblocked()
        # Pages are copied in order, so a remainder that did not shrink says that a commit made the backup restart.
        if self._remaining is not None and remaining >= self._remaining > 0:
            self._restarts += 1
            if self._restarts >= _MAX_RESTARTS:
                raise _RestartedError
        self._remaining = remaining
        took_too_long = time.monotonic() - self._began > _MAX_STEP_SECONDS + _BUSY_SLEEP_SECONDS
        if took_too_long and remaining and self.pages > _MIN_STEP_PAGES:
            raise _StepTooLongError
        self._began = time.monotonic()


def _copy_pages(live: LiveFile, *, source: sqlite3.Connection, target: Path, steps: _BackupSteps) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute(_TOLERATE_SCHEMA)
        copy.execute("PRAGMA synchronous = OFF")  # the snapshot is synced once, when it is whole
        try:
            source.backup(copy, pages=steps.pages, progress=steps, sleep=_BUSY_SLEEP_SECONDS)
            # A snapshot never changes, and in rollback mode reading it makes no -wal and -shm beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        except SQLITE_ERRORS as error:
            raise _translate_error(live, error, steps.extended_result_code) from error


def _translate_error(live: LiveFile, error: Exception, code: int) -> Exception:
    """Return the exception for what SQLite's error means for this file."""
    if code & 0xFF in _NEEDS_COPY_CODES:
        return _NeedsCopyError()
    return translate_read_error(live.path, error, {code, extended_result_code(error)})


def _back_up_copy(live: LiveFile, copy: Path, target: Path) -> None:
    """Open the private copy for writing, so that SQLite recovers its journal there, and back that up."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy, isolation_level=None)) as source:
        source.execute(_TOLERATE_SCHEMA)
        try:
            source.execute(_BEGIN_READING).fetchone()
        except SQLITE_ERRORS as error:
            raise _translate_error(live, error, extended_result_code(error)) from error
        _copy_pages(live, source=source, target=target, steps=_BackupSteps(WaitLimits(live.path, 60), -1))


def _copy_under_lock(live: LiveFile, *, folder: Path, patience: WaitLimits) -> Path | None:
    """Copy the file under short SHARED locks; return the copy's path, None where it was replaced or is too large."""
    holds = chain(_HOLDS_SECONDS, repeat(_HOLDS_SECONDS[-1]))
    # The live descriptor outlives the connection: closing it first would drop the connection's lock.
    with live.real_path.open("rb") as source, HeldReader(source) as reader:
        for hold_seconds in holds:
            if reader.size_bytes > _MAX_HELD_BYTES:
                return None
            reader.prepare_memory()
            with closing(_open_read_only(live)) as connection:
                _begin_read_transaction(connection, live=live, patience=patience)
                # Replaced by renaming, the lock is on another file than the one being copied.
                if not os.path.samestat(os.fstat(source.fileno()), live.real_path.stat()):
                    return None
                is_whole = reader.read_for_seconds(hold_seconds)
            if is_whole:
                break
            patience.note_changed()
            time.sleep(_BETWEEN_HOLDS_SECONDS)
        copy = folder / live.real_path.name
        with copy.open("wb") as target:
            reader.write_to(target)
    return copy
