"""Removing what no one will need back: snapshots older than the days asked for, and what killed programs left.

What lives here: which ones go, and removing them. What does not: knowing which imports run (operations).
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from legacy_import.backups.catalogue import DAMAGED_PREFIX, Catalogue, KeptSnapshot, name_time, read_catalogue
from legacy_import.backups.checking import check_snapshot
from legacy_import.backups.snapshots.restoring import workshop_of
from legacy_import.pipeline.snapshot.snapshot import find_leftovers, hold_directory_lock

LEAST_DAYS: Final = 30
"""The specification: SQLite backups are kept for 30 days."""


@dataclass(frozen=True, slots=True)
class PruneOrder:
    """One source's folder, its live file, and how many days are kept."""

    source: str
    directory: Path
    live: Path
    days: int
    now: datetime
    dry_run: bool
    lock_timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be, of one source (or, with dumps for snapshots, of one database)."""

    source: str
    snapshots: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    freed_bytes: int = 0
    skipped: str = ""
    """Why nothing of this source was looked at; empty where it was."""


def removable_snapshots(catalogue: Catalogue, *, before: datetime) -> list[KeptSnapshot]:
    """Return the snapshots last seen before that moment, less the newest sound one and all that are newer."""
    if not any(snapshot.last_seen_at < before for snapshot in catalogue.snapshots):
        return []
    for position, snapshot in enumerate(catalogue.snapshots):
        finding = check_snapshot(snapshot)
        if finding is None or finding.faithful:
            older = [one for one in catalogue.snapshots[position + 1 :] if one.last_seen_at < before]
            return [one for one in older if one.path.is_file()]
    return []


def prune_folder(order: PruneOrder) -> Pruned:
    """Remove what is old; the caller knows that no import of the source is running.

    A snapshot's days count from when the live file was last seen like that, not from when it was first.
    """
    before = order.now - timedelta(days=order.days)
    with hold_directory_lock(order.directory, order.lock_timeout_seconds):
        old = removable_snapshots(read_catalogue(order.source, order.directory), before=before)
        dead = [*find_leftovers(order.directory), *_old_damaged(order.directory, before), *_workshop(order.live)]
        # The file goes before its manifest: a manifest alone is swept up later, a file alone would stay for ever.
        paths = dict.fromkeys([path for one in old for path in (one.path, one.manifest_path)] + dead)
        freed_bytes = sum(map(size_in_bytes, paths))
        if not order.dry_run:
            for path in paths:
                remove(path)
    return Pruned(order.source, tuple(snapshot.path for snapshot in old), tuple(dead), freed_bytes)


def _workshop(live: Path) -> list[Path]:
    """Return the folder a killed restore left beside the live file."""
    folder = workshop_of(Path(os.path.realpath(live)))
    return [folder] if folder.is_dir() else []


def _old_damaged(directory: Path, before: datetime) -> list[Path]:
    found = {path: name_time(path.name.removeprefix(DAMAGED_PREFIX)) for path in directory.glob(f"{DAMAGED_PREFIX}*")}
    return sorted(path for path, taken_at in found.items() if taken_at and taken_at < before)


def size_in_bytes(path: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.exists())


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
