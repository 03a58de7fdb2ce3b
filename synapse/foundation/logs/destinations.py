"""Where lines go: standard error, and locally a file; whole lines only, from however many processes.

A line is one write under a file lock, since a pipe keeps only the first 4,096 bytes of a write together.
"""

import fcntl
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_LOCK_WAIT_SECONDS: Final = 0.2
"""How long a line waits for another process's; a process that was stopped in mid-line must not stop the others."""
_LOCK_POLL_SECONDS: Final = 0.002
_MAX_FILE_BYTES: Final = 20_000_000
_PIPE_KEEPS_TOGETHER: Final = 4_096


class StderrHandler(logging.Handler):
    """Writes each line to standard error; a long one under the lock file, where there is one."""

    def __init__(self, lock_file: Path | None = None) -> None:
        super().__init__()
        self._lock_file = lock_file

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line."""
        try:
            line = self.format(record) + "\n"
        except Exception as error:  # noqa: BLE001 - whatever a field's own code raises, the program goes on
            line = _unwritable_line(record, error)
        with suppress(OSError, ValueError), _hold_lock(self._lock_file):
            sys.stderr.write(line)
            sys.stderr.flush()


class LineFileHandler(logging.Handler):
    """Appends each line to a file of its owner's; at 20 MB the file becomes `.1` and a new one begins."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Append the record's line; without a file, as in a folder nobody may write, nothing happens."""
        try:
            line = self.format(record) + "\n"
        except Exception as error:  # noqa: BLE001 - as above
            line = _unwritable_line(record, error)
        with suppress(OSError):
            self._append_line(line.encode())

    def _append_line(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _hold_lock(self._path.with_suffix(".lock")):
            # Opened for each line: a process that is forked, or sees the file renamed, writes into the right one.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, line)
                is_full = os.fstat(descriptor).st_size > _MAX_FILE_BYTES
            finally:
                os.close(descriptor)
            if is_full:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))


@contextmanager
def _hold_lock(path: Path | None) -> Iterator[None]:
    """Hold the file's lock, or go on without it where it can't be had in time."""
    descriptor = _open_lock(path)
    try:
        if descriptor is not None:
            _try_acquire_lock(descriptor)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_lock(path: Path | None) -> int | None:
    # Opened anew each time: a descriptor that was there before a fork is one lock for parent and child.
    try:
        return None if path is None else os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _try_acquire_lock(descriptor: int) -> None:
    """Wait for the lock for a moment; go on without it where it can't be had."""
    deadline = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return


def _unwritable_line(record: logging.LogRecord, error: Exception) -> str:
    """Return a line about an event that could not be written, so that it is not lost without a word."""
    words = {"level": "error", "event": "log.unwritable", "logger": record.name, "error_type": type(error).__name__}
    return json.dumps(words) + "\n"
