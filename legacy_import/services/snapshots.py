"""List, verify, restore and prune the 30-day snapshots of the legacy files.

Called by the command `backups` and the pruning job; the work on the files is legacy_import.backups'. Verifying and
restoring need no PostgreSQL, and listing does without it, so that snapshots can be put back while the database is away.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from legacy_import.backups.catalogue import Catalogue, read_catalogue
from legacy_import.backups.checking import Finding, check_catalogue
from legacy_import.backups.choosing import choose_backup
from legacy_import.backups.error_sentences import translate_os_errors
from legacy_import.backups.pruning import MIN_RETENTION_DAYS, Pruned, PruneOrder, prune_backups, pruning_log_fields
from legacy_import.backups.snapshots.kind import SNAPSHOTS, KeptSnapshot
from legacy_import.backups.snapshots.live_place import LivePlace
from legacy_import.backups.snapshots.replacing import Replaced, replace_live_file
from legacy_import.backups.snapshots.restoring import restore_to_new_file, work_folder_path
from legacy_import.backups.thinning import Thinning
from legacy_import.errors import TerminalError
from legacy_import.failures import contain_failure
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.running_imports import lock_holders
from legacy_import.services.unchanged_file import find_last_import
from legacy_import.source_decisions import find_withdrawal, loss_questions
from synapse.foundation.logs.logged_calls import log_calls


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """One snapshot and the last import that read it; `run` is None where none did or PostgreSQL did not say."""

    snapshot: KeptSnapshot
    run: ImportRun | None

    def as_json(self) -> dict[str, Any]:
        """Return the entry in the shape of the command line's contract."""
        manifest, run = self.snapshot.manifest, self.run
        return {
            "source": self.snapshot.origin,
            "path": str(self.snapshot.path),
            "taken_at": self.snapshot.taken_at.isoformat(),
            "last_seen_at": self.snapshot.last_seen_at.isoformat(),
            "size_bytes": self.snapshot.size_bytes,
            "sha256": manifest.sha256 if manifest else None,
            "import": run and {"run": str(run.pk), "started_at": run.started_at.isoformat(), "status": run.status},
        }


@dataclass(frozen=True, slots=True)
class SnapshotRestoreRequest:
    """Which snapshot (see `choose_backup`) goes where: under `output`, or, where that is None, over the live file."""

    at: str
    zone: tzinfo
    output: Path | None
    legacy_dir: Path


@dataclass(frozen=True, slots=True)
class RestoredSnapshot:
    """What was put back where; `replaced` says where the former file's content lies, None for a restore to a folder."""

    snapshot: KeptSnapshot
    path: Path
    replaced: Replaced | None


def list_snapshots(sources: Sequence[Source]) -> tuple[list[SnapshotEntry], str]:
    """Return the sources' snapshots, newest first, and why PostgreSQL could not say who read them (or nothing)."""
    with translate_os_errors("The backups could not be listed"):
        entries: list[SnapshotEntry] = []
        trouble = ""
        for source in sources:
            snapshots = _read_source_catalogue(source).backups
            try:
                runs = _last_runs_by_checksum(source, snapshots) if snapshots and not trouble else {}
            except (DatabaseError, ImproperlyConfigured):
                runs, trouble = {}, "PostgreSQL could not be asked which import read them."
            entries += [SnapshotEntry(one, runs.get(one.manifest.sha256 if one.manifest else "")) for one in snapshots]
    return entries, trouble


def verify_snapshots(
    sources: Sequence[Source],
    *,
    begin: Callable[[int], None] = lambda _total_bytes: None,
    advance: Callable[[int], None] = lambda _bytes: None,
) -> tuple[int, list[Finding]]:
    """Check every snapshot of the sources; return how many there are and what is wrong with which."""
    with translate_os_errors("The backups could not be verified"):
        catalogues = [_read_source_catalogue(source) for source in sources]
        snapshots = [snapshot for catalogue in catalogues for snapshot in catalogue.backups]
        begin(sum(snapshot.size_bytes for snapshot in snapshots))
        findings = [finding for catalogue in catalogues for finding in check_catalogue(catalogue, advance=advance)]
    return len(snapshots), findings


@log_calls(
    "backup.restored",
    lambda call, done: {"source": call["source"].name, "snapshot": done.snapshot.path.name, "into": done.path},
)
def restore_snapshot(source: Source, request: SnapshotRestoreRequest, *, now: datetime) -> RestoredSnapshot:
    """Put a snapshot back, checked first. Raises LegacyImportError, one sentence; then nothing was replaced."""
    with translate_os_errors(f"{source.name}: nothing was restored"):
        snapshot = choose_backup(_read_source_catalogue(source), request.at, zone=request.zone)
        if request.output is not None:
            target = request.output / source.path
            restore_to_new_file(snapshot, target)
            return RestoredSnapshot(snapshot, target, None)
        place = LivePlace(request.legacy_dir, source.path)
        replaced = replace_live_file(
            snapshot,
            place,
            directory=settings.BACKUP_DIR / source.snapshot_folder,
            lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
            now=now,
        )
        return RestoredSnapshot(snapshot, place.path, replaced)


@log_calls("backups.pruned", pruning_log_fields)
def prune_snapshots(
    sources: Sequence[Source], *, days: int, dry_run: bool, legacy_dir: Path, now: datetime
) -> list[Pruned]:
    """Remove the sources' snapshots older than the days, those thinned out, and killed programs' files.

    The newest sound snapshot stays, and so does the one that was last imported: where the file has lost its rows or is
    gone, nothing else holds them. So does one about whose lost rows a person was asked.

    A source that is being imported right now is left alone. Raises TerminalError where days are fewer than 30; after
    all sources where some could not be pruned, as when PostgreSQL can't say which imports are running.
    """
    if days < MIN_RETENTION_DAYS:
        raise TerminalError(f"Snapshots are kept for at least {MIN_RETENTION_DAYS} days, not {days}.")
    pruned, failures = [], []
    for source in sources:
        with contain_failure(source.name, source=source.name) as trouble, translate_os_errors("Pruning stopped"):
            if (settings.BACKUP_DIR / source.snapshot_folder).is_dir():
                live = legacy_dir / source.path
                pruned.append(_prune_source_snapshots(source, days=days, dry_run=dry_run, live=live, now=now))
        if trouble:
            failures.append(trouble.sentence)
    if failures:
        raise TerminalError("\n".join(failures))
    return pruned


def _prune_source_snapshots(source: Source, *, days: int, dry_run: bool, live: Path, now: datetime) -> Pruned:
    try:
        running = lock_holders(source.database, [source.name])
        needed = _needed_checksums(source)
    except (DatabaseError, ImproperlyConfigured) as error:
        raise TerminalError(
            f"{source.name}: PostgreSQL could not be asked whether an import is running, so nothing was removed."
        ) from error
    if running:
        return Pruned(source.name, skipped="it is being imported right now")
    # An import that starts after the question reads the newest snapshot, and that one always stays.
    return prune_backups(
        SNAPSHOTS,
        PruneOrder(
            origin=source.name,
            directory=settings.BACKUP_DIR / source.snapshot_folder,
            restore_folder=work_folder_path(Path(os.path.realpath(live))),
            days=days,
            now=now,
            dry_run=dry_run,
            needed=needed,
            thinning=Thinning(
                all_for=timedelta(hours=settings.SNAPSHOTS_ALL_HOURS),
                hourly_for=timedelta(days=settings.SNAPSHOTS_HOURLY_DAYS),
            ),
            lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
        ),
    )


def _needed_checksums(source: Source) -> frozenset[str]:
    """Return the checksums of the snapshot last imported, of the one asked about, and of the one a withdrawal keeps."""
    landed, withdrawal = find_last_import(source), find_withdrawal(source.name)
    question = loss_questions().get(source.name)
    found = (
        landed.snapshot_sha256 if landed else "",
        withdrawal.snapshot_sha256 if withdrawal else "",
        question.sha256 if question else "",
    )
    return frozenset(filter(None, found))


def _read_source_catalogue(source: Source) -> Catalogue[KeptSnapshot]:
    return read_catalogue(SNAPSHOTS, source.name, settings.BACKUP_DIR / source.snapshot_folder)


def _last_runs_by_checksum(source: Source, snapshots: Sequence[KeptSnapshot]) -> dict[str, ImportRun]:
    """Return the last import that read each snapshot, by the snapshot's checksum."""
    checksums = [snapshot.manifest.sha256 for snapshot in snapshots if snapshot.manifest]
    runs = ImportRun.objects.using(source.database).filter(source=source.name, snapshot_sha256__in=checksums)
    return {run.snapshot_sha256: run for run in runs.order_by("started_at").defer("tables", "notes")}
