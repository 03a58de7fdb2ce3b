"""Locking a live SQLite file exclusively while it is replaced, so that no other program reads or writes it.

It takes SQLite's own EXCLUSIVE lock by SQLite's protocol, and finds processes that have the file open without a lock.
Called by `replacing`.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from legacy_import.errors import TerminalError, TransientError
from legacy_import.pipeline.snapshot.sqlite_failures import describe_lock_error

_FIRST_LOCK_BYTE: Final = 0x40000000
_LOCK_BYTES: Final = 512
"""SQLite's PENDING, RESERVED and SHARED bytes (os_unix.c): who write-locks them all holds its EXCLUSIVE lock.

In WAL mode every open connection holds SHARED all the time, so this detects an idle one too.
"""


@contextmanager
def hold_exclusive_lock(live: Path) -> Iterator[None]:
    """Hold the live file so that no SQLite program can read or write it.

    Works on damaged files as well. Nothing in the block may open the file: closing it would drop the lock.
    Raises TransientError where another program holds a lock or has the file open, TerminalError where it is no
    regular file or may not be written.
    """
    if not stat.S_ISREG(live.stat().st_mode):
        raise TerminalError(f"The legacy file {live} is no regular file.")
    try:
        descriptor = os.open(live, os.O_RDWR)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TerminalError(f"The legacy file {live} cannot be written: {reason}.") from None
    try:
        try:
            # A POSIX lock (lockf), as SQLite takes them: a BSD lock (flock) would not keep SQLite off.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _FIRST_LOCK_BYTE)
        except (BlockingIOError, PermissionError):
            raise TransientError(f"The legacy file {live} is in use: another program holds a lock on it.") from None
        except OSError as error:
            raise TerminalError(
                f"The legacy file {live} cannot be locked: {describe_lock_error(error)}. Mount the share with working"
                " locks, or restore into another folder (--output)."
            ) from error
        if holders := find_other_holders(live):
            pids = ", ".join(map(str, holders))
            raise TransientError(f"The legacy file {live} is in use: process {pids} has it open; end it first.")
        yield
    finally:
        # POSIX locks belong to the process and the file: closing any descriptor of the file drops them.
        os.close(descriptor)


def find_other_holders(live: Path) -> list[int]:
    """Return the ids of other processes that have the file open, as far as this user may see them; Linux only.

    In rollback mode an idle connection holds no lock; after a rename it would go on writing to the old file.
    """
    status = live.stat()
    wanted = (status.st_dev, status.st_ino)
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return sorted(pid for pid in pids if pid != os.getpid() and wanted in _list_open_files(pid))


def _list_open_files(pid: int) -> Iterator[tuple[int, int]]:
    """Yield device and inode of each file the process has open; nothing where it has ended or is another user's."""
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            status = descriptor.stat()
        except OSError:
            continue
        yield status.st_dev, status.st_ino
