"""What SQLite's errors mean for a legacy file, each in one sentence: damage, locks that a share lacks, a full disk.

Called by online_backup.py and snapshot.py.
"""

import errno
import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.live_file import UnsoundFileError
from synapse.foundation.text.visible import visible

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What sqlite3 raises: its own errors, and the other one where SQLite's message quotes a name that is no UTF-8."""

_MAX_MESSAGE_CHARS: Final = 80
_LOCK_CODES: Final = {
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_PROTOCOL,
}
_HELD_ERRNOS: Final = {errno.EAGAIN, errno.EACCES}
"""How a lock that another program holds is answered; every other answer says that locking itself does not work."""
_FIRST_LOCK_BYTE: Final = 0x40000000
_LOCK_BYTES: Final = 512
"""SQLite's own lock bytes (os_unix.c)."""
_LOCK_ADVICE: Final = (
    "Mount the share with working locks, or copy the file with its -wal and -journal to a local folder"
    " and import it from there (--legacy-dir)."
)


def extended_result_code(error: Exception) -> int:
    """Return SQLite's extended result code; that of damage for a message that could not even be decoded."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT))


def error_message(error: Exception) -> str:
    """Return what SQLite says, cut at 80 characters, safe to print."""
    said = error.object.decode("utf-8", "backslashreplace") if isinstance(error, UnicodeDecodeError) else str(error)
    return visible(" ".join(said.split()))[:_MAX_MESSAGE_CHARS]


def translate_read_error(path: Path, error: Exception, codes: set[int]) -> Exception:
    """Return the exception for what an error with these extended codes means for the live file."""
    primary_codes = {code & 0xFF for code in codes}
    if sqlite3.SQLITE_FULL in primary_codes:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if codes & _LOCK_CODES:
        return TerminalError(
            f"The legacy file {path} cannot be locked: {error_message(error)} ({_code_name(error)}). {_LOCK_ADVICE}"
        )
    if sqlite3.SQLITE_IOERR in primary_codes:
        return TerminalError(
            f"The snapshot of {path} failed: {error_message(error)} ({_code_name(error)}). Check the disk or share of"
            " the file, and that of BACKUP_DIR, then import it again."
        )
    return corrupt_file_error(path, error_message(error))


def corrupt_file_error(path: Path, reason: str) -> UnsoundFileError:
    """Return the exception for a file that SQLite cannot read whole."""
    return UnsoundFileError(f"The legacy file {path} is truncated or corrupt: {reason}.")


def probe_lock_error(path: Path) -> TerminalError | None:
    """Return the exception for a file that nobody holds and that can't be locked all the same, None for any other.

    On a share without locks SQLite says that the file is busy (ENOLCK). Not for a process that holds a lock on the
    file: closing a descriptor of it drops that lock.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, _LOCK_BYTES, _FIRST_LOCK_BYTE)
    except OSError as error:
        if error.errno in _HELD_ERRNOS:
            return None
        return TerminalError(f"The legacy file {path} cannot be locked: {describe_lock_error(error)}. {_LOCK_ADVICE}")
    finally:
        os.close(descriptor)
    return None


def describe_lock_error(error: OSError) -> str:
    """Return why a lock failed: the system's words and the name of its error number."""
    name = errno.errorcode.get(error.errno or 0, f"error {error.errno}")
    return f"{(error.strerror or str(error)).lower()} ({name})"


def _code_name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", "SQLITE_CORRUPT"))
