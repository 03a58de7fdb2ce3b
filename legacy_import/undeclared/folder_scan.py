"""Find the SQLite files of the legacy folder that no source declares, by their first bytes, in all of its subfolders.

Links to folders are not followed; a link to a file counts as the file, and a declared file under another name (a link,
a hard link, another letter case where the file system knows none) is no other file. Journals and what Synapse itself
keeps or writes are left out. Called by listing.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = b"SQLite format 3\x00"
_JOURNAL_SUFFIXES: Final = ("-wal", "-shm", "-journal")
_WORK_FOLDER_SUFFIX: Final = ".restoring"
MAX_ENTRIES: Final = 20_000
"""So many files and folders are looked at; a folder that holds more is said to."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that begins as SQLite's do, or can't be read; `path` is relative to the folder.

    `signature` changes when the file or its journals do. `error` says why it could not be looked at.
    """

    path: str
    size_bytes: int
    signature: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class FolderScan:
    """What was found; `remark` is empty where all of the folder was looked at."""

    files: tuple[FoundFile, ...]
    remark: str = ""


def scan_folder(folder: Path, *, declared: Iterable[str], excluded: Iterable[Path] = ()) -> FolderScan:
    """Return the undeclared files, by path; `declared` are the sources' paths, `excluded` folders are not entered."""
    seen = set(filter(None, (_file_identity(folder / path) for path in declared)))
    known_paths = set(declared)
    files: list[FoundFile] = []
    entries = 0
    for path, error in _walk_files(folder, {Path(os.path.realpath(one)) for one in excluded}):
        entries += 1
        if entries > MAX_ENTRIES:
            remark = f"the folder holds more than {MAX_ENTRIES:,} files and folders: the rest was not looked at"
            return FolderScan(tuple(sorted(files, key=lambda file: file.path)), remark)
        relative = path.relative_to(folder).as_posix()
        if error:
            files.append(FoundFile(relative, 0, "", error))
            continue
        if relative in known_paths:
            continue
        found = _inspect_file(path, relative)
        identity = _file_identity(path)
        if found is None or (identity and identity in seen):
            continue
        if identity:
            seen.add(identity)
        files.append(found)
    return FolderScan(tuple(sorted(files, key=lambda file: file.path)))


def read_file_signature(path: Path) -> str:
    """Return size, time and inode of the file and its journals; empty where there is no file."""
    parts = []
    for suffix in ("", *_JOURNAL_SUFFIXES[::2]):
        try:
            status = path.with_name(path.name + suffix).stat()
        except OSError:
            parts.append("-")
        else:
            parts.append(f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}:{status.st_dev}")
    return "" if parts[0] == "-" else " ".join(parts)


def _walk_files(folder: Path, excluded: set[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file, and each folder that can't be read with the reason, in the order of their names."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            if here != folder:
                yield here, f"the folder cannot be read: {(error.strerror or str(error)).lower()}"
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                is_ours = Path(os.path.realpath(path)) in excluded or entry.name.endswith(_WORK_FOLDER_SUFFIX)
                if not is_ours:
                    waiting.append(path)
            else:
                yield path, ""


def _inspect_file(path: Path, relative: str) -> FoundFile | None:
    """Return the file where it begins as SQLite's do, or cannot be read; None for any other."""
    for suffix in _JOURNAL_SUFFIXES:
        if path.name.endswith(suffix) and path.with_name(path.name.removesuffix(suffix)).exists():
            return None
    try:
        status = path.stat()
        # No pipe and no device: opening one may wait for ever.
        if not stat.S_ISREG(status.st_mode) or status.st_size < len(_MAGIC):
            return None
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
    except (FileNotFoundError, NotADirectoryError):
        return None  # it went meanwhile, or is a link to nothing
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return FoundFile(relative, 0, read_file_signature(path), f"it cannot be read: {reason}")
    return FoundFile(relative, status.st_size, read_file_signature(path))


def _file_identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
