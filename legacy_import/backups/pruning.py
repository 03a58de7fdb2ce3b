"""Retention: removing backups that are older than the days asked for or redundant, and what killed programs left.

The caller (`services.snapshots`, `services.dumps`) knows that no import of the source is running; a dump that is being
taken holds the folder's lock.
"""

import shutil
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from legacy_import.backups.backup_kind import BackupKind, BackupT
from legacy_import.backups.catalogue import Catalogue, read_catalogue
from legacy_import.backups.checking import check_backup
from legacy_import.backups.thinning import Thinning, redundant_backups
from legacy_import.pipeline.snapshot.snapshot import hold_directory_lock

MIN_RETENTION_DAYS: Final = 30
"""The specification: SQLite backups are kept for 30 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneOrder:
    """The folder of one source or database, and how many days are kept."""

    origin: str
    directory: Path
    days: int
    now: datetime
    dry_run: bool
    lock_timeout_seconds: float
    needed: frozenset[str] = frozenset()
    """Checksums of backups that are kept however old they are, and however many there are of their day."""
    thinning: Thinning | None = None
    """Which of the younger ones are redundant; None keeps all of them."""
    restore_folder: Path | None = None
    """The work folder that a killed restore may have left beside a live SQLite file; None for a database."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be, of one source or database."""

    origin: str
    backups: tuple[Path, ...] = ()
    """Those that are older than the days asked for."""
    thinned: tuple[Path, ...] = ()
    """Younger ones of whose hour or day a later one is kept."""
    leftovers: tuple[Path, ...] = ()
    freed_bytes: int = 0
    skipped: str = ""
    """Why nothing of this source was looked at; empty where it was."""


def pruning_log_fields(call: Mapping[str, Any], pruned: Sequence[Pruned]) -> dict[str, Any]:
    """Return what the log says of a pruning: names, numbers and the days that were asked for."""
    return {
        "days": call["days"],
        "dry_run": call["dry_run"],
        "of": [one.origin for one in pruned],
        "backups": sum(len(one.backups) for one in pruned),
        "thinned": sum(len(one.thinned) for one in pruned),
        "leftovers": sum(len(one.leftovers) for one in pruned),
        "freed_bytes": sum(one.freed_bytes for one in pruned),
    }


def prune_backups(kind: BackupKind[BackupT], order: PruneOrder) -> Pruned:
    """Remove backups past their retention and abandoned files; with dry_run only say which."""
    before = order.now - timedelta(days=order.days)
    with hold_directory_lock(order.directory, order.lock_timeout_seconds):
        catalogue = read_catalogue(kind, order.origin, order.directory)
        old = removable_backups(catalogue, before=before, needed=order.needed)
        thinned = _thinned_backups(catalogue, order, old)
        abandoned = list(kind.find_abandoned(order.directory, before))
        if order.restore_folder and order.restore_folder.is_dir():
            abandoned.append(order.restore_folder)
        # The file goes before its manifest: a manifest alone is swept up later, a file alone would stay for ever.
        paths = dict.fromkeys(
            [path for backup in old + thinned for path in (backup.path, backup.manifest_path)] + abandoned
        )
        freed_bytes = sum(map(_measure_bytes, paths))
        if not order.dry_run:
            for path in paths:
                remove_path(path)
    return Pruned(
        order.origin,
        backups=tuple(backup.path for backup in old),
        thinned=tuple(backup.path for backup in thinned),
        leftovers=tuple(abandoned),
        freed_bytes=freed_bytes,
    )


def removable_backups(
    catalogue: Catalogue[BackupT], *, before: datetime, needed: AbstractSet[str] = frozenset()
) -> list[BackupT]:
    """Return the backups last seen before that moment, less the newest sound one, all that are newer, and the needed.

    The days of a snapshot count from when the live file was last seen in that state, not from when it first was.
    """
    if not any(backup.last_seen_at < before for backup in catalogue.backups):
        return []
    for position, backup in enumerate(catalogue.backups):
        finding = check_backup(catalogue.kind, backup)
        if finding is None or finding.is_faithful:
            older = [one for one in catalogue.backups[position + 1 :] if one.last_seen_at < before]
            return [one for one in older if one.path.is_file() and not (one.manifest and one.manifest.sha256 in needed)]
    # None is sound: the damaged ones are all there is to restore from.
    return []


def _thinned_backups(catalogue: Catalogue[BackupT], order: PruneOrder, old: Sequence[BackupT]) -> list[BackupT]:
    if order.thinning is None:
        return []
    redundant = redundant_backups(catalogue, order.thinning, now=order.now, needed=order.needed)
    return [backup for backup in redundant if backup not in old]


def remove_path(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _measure_bytes(path: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.exists())
