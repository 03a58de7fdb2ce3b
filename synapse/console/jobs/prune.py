"""The job that removes what nobody needs any more: old snapshots and dumps, the way back from old imports, old rows.

What lives here: what goes, after how long, and what is said of it. What does not: how each kind goes (the rooms'
own pruning).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from legacy_import.backups.pruning import MIN_RETENTION_DAYS, Pruned
from legacy_import.errors import LegacyImportError
from legacy_import.mapping import Source
from legacy_import.models import ValidationRun
from legacy_import.services import last_validation, prune_dumps, prune_snapshots
from legacy_import.services.undoing import forget_old_runs
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.kit.import_export.uploads import forget_old
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.pruning import delete_in_batches, prune_clusters, prune_effects, prune_runs, prune_tasks
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work
from synapse.kit.notices.models import Notice

_ROWS_KEPT: Final = timedelta(days=90)
_VALIDATIONS_KEPT: Final = timedelta(days=365)
_BYTES_IN_A_MB: Final = 1_000_000


class PruningFailedError(Exception):
    """What could not be removed, each in its sentence; the rest is."""


@dataclass(frozen=True, slots=True)
class Gone:
    """How many of a kind went, and how many bytes of files that freed; `skipped` says what was left and why."""

    kind: str
    count: int = 0
    freed_bytes: int = 0
    skipped: str = ""


_Step: TypeAlias = Callable[[datetime], Gone]


def _prune(work: Work) -> Result:
    """Take one step after the other, then fail where one did; each leaves nothing half-done and may come again."""
    steps = list(_steps())
    gone: list[Gone] = []
    failures = []
    for place, (words, step) in enumerate(steps):
        work.report_progress(place, len(steps), words)
        try:
            gone.append(step(work.now))
        except (LegacyImportError, DatabaseError, InterfaceError, OSError) as error:
            failures.append(f"{words}: {' '.join(str(error).split())}")
    if failures:
        raise PruningFailedError(f"{_summary(gone)} Not removed: {' '.join(failures)}")
    freed_bytes = sum(one.freed_bytes for one in gone)
    return {"summary": _summary(gone), "freed_bytes": freed_bytes, "removed": dict(_counts(gone))}


def _steps() -> Iterator[tuple[str, _Step]]:
    """Yield each step and what it is called where it fails."""
    for source in SOURCES:
        yield f"snapshots of {source.name}", partial(_snapshots, source)
    for alias in ALIASES:
        yield f"dumps of {DATABASE_NAMES[alias]}", partial(_dumps, alias)
        yield f"what old imports found in {DATABASE_NAMES[alias]}", partial(_before_images, alias)
    # Runs before the keys of their effects: a key stays as long as its run does.
    for kind, prune in (
        ("job runs", prune_runs),
        ("keys of effects", prune_effects),
        ("task rows", prune_tasks),
        ("rows of former workers", prune_clusters),
        ("resolved notices", _prune_notices),
    ):
        yield kind, partial(_rows, kind, prune)
    yield "old validations", _validations
    yield "uploads", _uploads


def _snapshots(source: Source, now: datetime) -> Gone:
    pruned = prune_snapshots([source], days=MIN_RETENTION_DAYS, dry_run=False, legacy_dir=settings.LEGACY_DIR, now=now)
    return _files("snapshots", pruned)


def _dumps(alias: str, now: datetime) -> Gone:
    return _files("dumps", prune_dumps([alias], days=MIN_RETENTION_DAYS, dry_run=False, now=now))


def _files(kind: str, pruned: Sequence[Pruned]) -> Gone:
    return Gone(
        kind,
        count=sum(len(one.backups) for one in pruned),
        freed_bytes=sum(one.freed_bytes for one in pruned),
        skipped=" ".join(f"{one.origin}: {one.skipped}." for one in pruned if one.skipped),
    )


def _before_images(alias: str, now: datetime) -> Gone:
    return Gone("rows as old imports found them", forget_old_runs([alias], days=MIN_RETENTION_DAYS, now=now))


def _rows(kind: str, prune: Callable[[datetime], int], now: datetime) -> Gone:
    return Gone(kind, prune(now - _ROWS_KEPT))


def _prune_notices(before: datetime) -> int:
    return delete_in_batches(Notice.objects.filter(resolved_at__lt=before))


def _validations(now: datetime) -> Gone:
    """Forget validations of more than a year ago, never the one that the pages speak of."""
    last = last_validation()
    old = ValidationRun.objects.filter(begun_at__lt=now - _VALIDATIONS_KEPT)
    return Gone("validations", delete_in_batches(old.exclude(pk=last.pk) if last else old))


def _uploads(now: datetime) -> Gone:  # noqa: ARG001  # as the other steps; a file's age is the machine's own clock
    folder = Path(settings.UPLOAD_DIR)
    return Gone("uploads", freed_bytes=forget_old(folder, now_seconds=time.time()) if folder.is_dir() else 0)


def _counts(gone: Sequence[Gone]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in gone:
        counts[one.kind] += one.count
    return +counts


def _summary(gone: Sequence[Gone]) -> str:
    counted = [f"{count:,} {kind}" for kind, count in _counts(gone).items()]
    freed_bytes = sum(one.freed_bytes for one in gone)
    freed = f" {freed_bytes / _BYTES_IN_A_MB:,.1f} MB of files freed." if freed_bytes else ""
    skipped = " ".join(one.skipped for one in gone if one.skipped)
    removed = f"Removed {', '.join(counted)}." if counted else "Nothing was old enough to be removed."
    return f"{removed}{freed} {skipped}".rstrip()


PRUNE: Final = register_job(
    Job(
        name="prune",
        title="Remove old backups and rows",
        work=_prune,
        cron="0 4 * * *",
        time_limit=timedelta(hours=2),
    )
)
