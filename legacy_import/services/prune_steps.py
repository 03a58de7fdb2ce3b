"""The nightly pruning's steps for what the import keeps: snapshots, dumps, before-images, validations.

Registered in legacy_import.panels, run by the job `prune` (synapse.console.jobs.prune). Each step is idempotent.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings

from legacy_import.backups.pruning import MIN_RETENTION_DAYS, Pruned
from legacy_import.errors import LegacyImportError
from legacy_import.mapping import Source
from legacy_import.models import ValidationRun
from legacy_import.services.dumps import prune_dumps
from legacy_import.services.snapshots import prune_snapshots
from legacy_import.services.source_states import last_validation
from legacy_import.services.undoing import prune_old_before_images
from legacy_import.sources import SOURCES
from legacy_import.undeclared.sources import archived_sources
from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from synapse.kit.jobs.pruning import delete_in_batches
from synapse.kit.panels.pruning import PruneStep, PruneStepFailedError, Removed

_VALIDATIONS_KEPT: Final = timedelta(days=365)


def backup_prune_steps() -> Iterator[PruneStep]:
    """Yield a step for each source's snapshots and for each database's dumps and before-images."""
    for source in (*SOURCES, *archived_sources()):
        yield _contained_step(f"snapshots of {source.name}", partial(_remove_snapshots, source))
    for alias in ALIASES:
        yield _contained_step(f"dumps of {DATABASE_NAMES[alias]}", partial(_remove_dumps, alias))
        yield _contained_step(
            f"what old imports found in {DATABASE_NAMES[alias]}", partial(_remove_before_images, alias)
        )


def validation_prune_steps() -> Iterator[PruneStep]:
    """Yield the step that removes old validations."""
    yield PruneStep("old validations", _remove_validations)


def _contained_step(words: str, remove: Callable[[datetime], Removed]) -> PruneStep:
    """Return a step whose failure the job contains, so that the other steps are taken all the same."""

    def remove_contained(now: datetime) -> Removed:
        try:
            return remove(now)
        except LegacyImportError as error:
            raise PruneStepFailedError(str(error)) from error

    return PruneStep(words, remove_contained)


def _remove_snapshots(source: Source, now: datetime) -> Removed:
    pruned = prune_snapshots([source], days=MIN_RETENTION_DAYS, dry_run=False, legacy_dir=settings.LEGACY_DIR, now=now)
    return _removed_files("snapshots", pruned)


def _remove_dumps(alias: str, now: datetime) -> Removed:
    return _removed_files("dumps", prune_dumps([alias], days=MIN_RETENTION_DAYS, dry_run=False, now=now))


def _remove_before_images(alias: str, now: datetime) -> Removed:
    return Removed("rows as old imports found them", prune_old_before_images([alias], days=MIN_RETENTION_DAYS, now=now))


def _remove_validations(now: datetime) -> Removed:
    """Remove validations of more than a year ago, never the latest: the pages show it, however old it is."""
    last = last_validation()
    old = ValidationRun.objects.filter(begun_at__lt=now - _VALIDATIONS_KEPT)
    return Removed("validations", delete_in_batches(old.exclude(pk=last.pk) if last else old))


def _removed_files(kind: str, pruned: Sequence[Pruned]) -> Removed:
    return Removed(
        kind,
        count=sum(len(one.backups) + len(one.thinned) for one in pruned),
        freed_bytes=sum(one.freed_bytes for one in pruned),
        skipped=" ".join(f"{one.origin}: {one.skipped}." for one in pruned if one.skipped),
    )
