"""In which respects snapshots and dumps differ, as a value that catalogue, checking, choosing and pruning read.

There are two: `snapshots.kind.SNAPSHOTS` and `dumps.kind.DUMPS`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from legacy_import.backups.kept_backup import KeptBackup, Manifest

BackupT = TypeVar("BackupT", bound=KeptBackup[Any])


@dataclass(frozen=True, slots=True)
class ContentFlaw:
    """What is wrong inside a file whose checksum is right."""

    problem: str
    fix: str = ""
    """What to do; empty where the backup has to be brought back from a copy."""
    is_original: bool = False
    """True where the original had the flaw already, so that the backup is faithful to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupKind(Generic[BackupT]):
    """Snapshots or dumps."""

    noun: str
    """What messages call one."""
    suffix: str
    """Of the file; the manifest's is .json."""
    backup_type: type[BackupT]
    work_prefixes: tuple[str, ...]
    """What the names of files begin with that are not backups and belong in the folder: locks, work folders."""
    parse_manifest: Callable[[dict[str, Any]], Manifest]
    """Raises ValueError, TypeError, KeyError or AttributeError where a field is missing or malformed."""
    find_content_flaw: Callable[[BackupT], ContentFlaw | None]
    """Called for a file whose checksum is right."""
    find_abandoned: Callable[[Path, datetime], Iterable[Path]]
    """Yields what killed programs left in the folder, and what else is older than that moment; under its lock."""
    taking_command: Callable[[str], str]
    """Returns the command that takes a new backup of a source or database."""
