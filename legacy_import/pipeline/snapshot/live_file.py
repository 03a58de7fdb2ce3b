"""A live legacy file on disk: the checks before it is read, its journal mode, and copying it while nobody writes it.

Not for a process that has the same file open through SQLite itself: closing any descriptor of a file drops every POSIX
lock this process holds on it.
"""

import os
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from legacy_import.errors import MissingFileError, TerminalError

JournalMode: TypeAlias = Literal["wal", "delete"]
Signature: TypeAlias = tuple[tuple[int, int, int] | None, ...]

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_WRITE_VERSION_OFFSET: Final = 18
_WAL_VERSION: Final = 2
_SUFFIXES: Final = ("", "-wal", "-journal")
_SETTLED_SECONDS: Final = 0.05
"""File times have a coarse clock: two writes within one tick look alike, so a younger file is looked at twice."""


class FileChangedError(Exception):
    """The file changed while it was being copied."""


class UnsoundFileError(TerminalError):
    """The file is missing, empty, no SQLite file or damaged as it is now: it may be about to be replaced."""


class AbsentFileError(UnsoundFileError, MissingFileError):
    """There is no file, or it is being replaced at this moment."""


@dataclass(frozen=True, slots=True)
class LiveFile:
    """One legacy file that exists, can be read and begins as a SQLite file does."""

    path: Path
    """As the operator named it, for messages."""
    real_path: Path
    """With links resolved: SQLite keeps journals beside the real file."""
    journal_mode: JournalMode

    def sidecar_path(self, suffix: str) -> Path:
        """Return the path of a companion file; suffix is -wal, -shm or -journal."""
        return self.real_path.with_name(self.real_path.name + suffix)

    def can_open_in_place(self) -> bool:
        """Say whether SQLite can read the file where it is without making files beside it.

        In WAL mode opening makes -wal and -shm unless both are there already.
        """
        if self.journal_mode == "delete":
            return True
        return self.sidecar_path("-wal").exists() and self.sidecar_path("-shm").exists()


def is_present_or_unreadable(path: Path) -> bool:
    """Say whether the path exists; also True where that can't be told: the import then says why it can't read it."""
    try:
        return path.exists()
    except OSError:
        return True


def inspect_live_file(path: Path) -> LiveFile:
    """Return what the file is. Raises TerminalError, one sentence, where it is no readable SQLite file."""
    real_path = Path(os.path.realpath(path))
    try:
        _reject_unusable_file(path, real_path.stat())
        with real_path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise AbsentFileError(_missing_message(path, real_path)) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TerminalError(f"The legacy file {path} cannot be read: {reason}.") from None
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise UnsoundFileError(f"The legacy file {path} is no SQLite file: it does not begin with SQLite's header.")
    mode: JournalMode = "wal" if header[_WRITE_VERSION_OFFSET] == _WAL_VERSION else "delete"
    return LiveFile(path=path, real_path=real_path, journal_mode=mode)


def _reject_unusable_file(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise TerminalError(f"The legacy file {path} is a folder.")
    if not stat.S_ISREG(status.st_mode):
        raise TerminalError(f"The legacy file {path} is no regular file.")
    if status.st_size == 0:
        raise UnsoundFileError(f"The legacy file {path} is empty (0 bytes).")


def _missing_message(path: Path, real_path: Path) -> str:
    if not path.parent.is_dir():
        return f"The legacy file {path} is missing: there is no folder {path.parent}."
    if path.is_symlink():
        return f"The legacy file {path} is missing: it is a link to {real_path}, which does not exist."
    return f"The legacy file {path} is missing."


def copy_if_unchanged(live: LiveFile, folder: Path) -> Path:
    """Copy the file with its -wal and -journal into the folder and return the copy's path.

    No lock is taken: the copy counts only where size, time and inode of all files were the same before and after.
    Raises FileChangedError where they were not.
    """
    before = read_signature(live.real_path)
    now_ns = time.time_ns()
    if any(abs(now_ns - part[1]) <= _SETTLED_SECONDS * 1e9 for part in before if part is not None):
        time.sleep(_SETTLED_SECONDS)
        if read_signature(live.real_path) != before:
            raise FileChangedError
    for suffix in _SUFFIXES:
        source, target = live.sidecar_path(suffix), folder / (live.real_path.name + suffix)
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError:
            target.unlink(missing_ok=True)
        except PermissionError:
            raise TerminalError(f"The legacy file {source} cannot be read: permission denied.") from None
    if read_signature(live.real_path) != before:
        raise FileChangedError
    return folder / live.real_path.name


def read_signature(path: Path) -> Signature:
    """Return size, time and inode of the file and its companions, None for those that can't be asked."""
    parts: list[tuple[int, int, int] | None] = []
    for suffix in _SUFFIXES:
        try:
            status = path.with_name(path.name + suffix).stat()
        except OSError:
            parts.append(None)
        else:
            parts.append((status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(parts)
