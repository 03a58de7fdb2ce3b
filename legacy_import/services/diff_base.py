"""Choose the snapshot that an import compares its file with: that of the last import that counts, proved to be it.

Called by importing, under the source's lock. Everything travels where the file was read otherwise then (other code,
clock or tables), where the database is not the one that import left (restored, or an import was undone since), or where
the snapshot is not what it was.
"""

from pathlib import Path

from django.conf import settings
from django.db.models import Q

from legacy_import.mapping import Source
from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.diff.table_staging import DiffBase
from legacy_import.pipeline.diff.travelling_rows import BaseRun
from legacy_import.pipeline.fingerprint import is_current_fingerprint
from legacy_import.pipeline.snapshot.snapshot import Snapshot, file_checksum
from legacy_import.services.unchanged_file import find_last_import
from synapse.foundation.databases import BUSINESS_CORE


def choose_diff_base(source: Source, snapshot: Snapshot) -> tuple[DiffBase | None, str]:
    """Return the base of the diff, or why everything has to travel; the reason is empty for a first import."""
    landed = find_last_import(source)
    if landed is None or not source.is_declared:
        return None, ""
    later = _runs_merged_later(source, landed)
    if reason := _why_read_anew(source, landed, later):
        return None, reason
    run = BaseRun(str(landed.pk), landed.change_mark, tuple(str(one.pk) for one in later))
    if (str(snapshot.path), snapshot.sha256) == (landed.snapshot_path, landed.snapshot_sha256):
        # It was read and compared with its checksum when it was taken for the new one.
        return DiffBase(snapshot.path, run, is_same=True), ""
    path = _find_snapshot(source, landed)
    if path is None:
        return None, "the snapshot of the last import is missing"
    if not _is_faithful(path, landed.snapshot_sha256):
        return None, "the snapshot of the last import is damaged, or another file has its name"
    return DiffBase(path, run, is_same=False), ""


def _why_read_anew(source: Source, landed: ImportRun, later: list[ImportRun]) -> str:
    """Return why what that import found in its file cannot be built upon; empty where it can."""
    sync = SourceSync.objects.using(BUSINESS_CORE).filter(source=source.name).first()
    # The database that has the run is not always the one that has this record: each may have been restored alone.
    if sync is None or sync.run_id != landed.pk:
        return "PostgreSQL was restored, an import was undone, or the record of the last import is missing"
    if not is_current_fingerprint(sync.reading, source.database):
        return "the program, its time zone or its tables have changed since the last import"
    if any(run.kind == ImportRun.Kind.UNDO for run in later):
        return "an import was undone since the last import"
    return ""


def _runs_merged_later(source: Source, landed: ImportRun) -> list[ImportRun]:
    """Return the runs of any source of the database that were merged after this one, undone ones too.

    Of other sources a few too many, where a clock was set back: their rows travel for nothing.
    """
    own = Q(source=source.name, landed_order__gt=landed.landed_order or 0)
    others = ~Q(source=source.name) & (
        Q(change_mark__gt=landed.change_mark)
        | Q(finished_at__gte=landed.finished_at or landed.started_at)
        | Q(finished_at=None)
    )
    runs = ImportRun.objects.using(source.database).exclude(pk=landed.pk).filter(own | others)
    ended_well = (*ImportRun.FINISHED, ImportRun.Status.UNDONE)
    return list(runs.filter(status__in=ended_well).only("pk", "kind"))


def _find_snapshot(source: Source, landed: ImportRun) -> Path | None:
    """Return where the run's snapshot is kept: the folder of backups may have been moved since."""
    kept = Path(landed.snapshot_path)
    places = (kept, settings.BACKUP_DIR / source.snapshot_folder / kept.name)
    return next((path for path in places if path.is_file()), None)


def _is_faithful(path: Path, sha256: str) -> bool:
    try:
        return file_checksum(path) == sha256
    except OSError:
        return False
