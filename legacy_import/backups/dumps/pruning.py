"""Removing dumps that no one will need back, and what killed programs left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from legacy_import.backups.dumps.catalogue import DumpCatalogue, KeptDump, leftovers, read_dumps
from legacy_import.backups.dumps.checking import check_dump
from legacy_import.backups.pruning import Pruned, remove, size_in_bytes
from legacy_import.pipeline.snapshot.snapshot import hold_directory_lock


@dataclass(frozen=True, slots=True)
class DumpPruneOrder:
    """One database's folder and how many days are kept."""

    database: str
    directory: Path
    days: int
    now: datetime
    dry_run: bool
    lock_timeout_seconds: float


def removable_dumps(catalogue: DumpCatalogue, *, before: datetime) -> list[KeptDump]:
    """Return the dumps taken before that moment, less the newest sound one and all that are newer."""
    if not any(dump.taken_at < before for dump in catalogue.dumps):
        return []
    for position, dump in enumerate(catalogue.dumps):
        if check_dump(dump) is None:
            older = [one for one in catalogue.dumps[position + 1 :] if one.taken_at < before]
            return [one for one in older if one.path.is_file()]
    return []


def prune_dumps_in(order: DumpPruneOrder) -> Pruned:
    """Remove what is old and what is dead; a dump that is being taken holds the folder's lock."""
    before = order.now - timedelta(days=order.days)
    with hold_directory_lock(order.directory, order.lock_timeout_seconds):
        old = removable_dumps(read_dumps(order.database, order.directory), before=before)
        dead = list(leftovers(order.directory))
        # The file goes before its manifest: a manifest alone is swept up later, a file alone would stay for ever.
        paths = dict.fromkeys([path for one in old for path in (one.path, one.manifest_path)] + dead)
        freed_bytes = sum(map(size_in_bytes, paths))
        if not order.dry_run:
            for path in paths:
                remove(path)
    return Pruned(order.database, tuple(dump.path for dump in old), tuple(dead), freed_bytes)
