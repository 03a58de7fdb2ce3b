"""Keeping other programs off a live SQLite file while it is replaced.

What lives here: SQLite's own exclusive lock, taken by its protocol, and finding who has the file open without a lock.
What does not: replacing (legacy_import.backups.snapshots.replacing).
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from legacy_import.errors import TerminalError, TransientError

_FIRST_LOCK_BYTE: Final = 0x40000000
_LOCK_BYTES: Final = 512
"""SQLite's PENDING, RESERVED and SHARED bytes (os_unix.c): who write-locks them all holds its EXCLUSIVE lock.

In WAL mode every open connection holds SHARED all the time, so this tells an idle one too.
"""


@contextmanager
def sole_hold(live: Path) -> Iterator[None]:
    """Hold the live file so that no SQLite program can read or write it.

    Works on damaged files as well. Nothing in the block may open the file: closing it would drop the lock.
    Raises TransientError where another program holds a lock or has the file open, TerminalError where it is no
    regular file or may not be written.
    """
    descriptor = _open(live)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _FIRST_LOCK_BYTE)
        except (BlockingIOError, PermissionError):
            raise TransientError(f"The legacy file {live} is in use: another program holds a lock on it.") from None
        if holders := processes_with(live):
            pids = ", ".join(map(str, holders))
            raise TransientError(f"The legacy file {live} is in use: process {pids} has it open; end it first.")
        yield
    finally:
        os.close(descriptor)


def _open(live: Path) -> int:
    if not stat.S_ISREG(live.stat().st_mode):
        raise TerminalError(f"The legacy file {live} is no regular file.")
    try:
        return os.open(live, os.O_RDWR)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TerminalError(f"The legacy file {live} cannot be written: {reason}.") from None


def processes_with(live: Path) -> list[int]:
    """Return the other processes that have the file open, as far as this user may see them; Linux only.

    In rollback mode an idle connection holds no lock; after a rename it would go on writing to the old file.
    """
    status = live.stat()
    wanted = (status.st_dev, status.st_ino)
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return sorted(pid for pid in pids if pid != os.getpid() and _has_open(pid, wanted))


def _has_open(pid: int, wanted: tuple[int, int]) -> bool:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    return any(_identity(descriptor) == wanted for descriptor in descriptors)


def _identity(descriptor: Path) -> tuple[int, int] | None:
    try:
        status = descriptor.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
