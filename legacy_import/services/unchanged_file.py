"""Look whether an import of a source would find anything new, without running one; called by the delta sync (syncing).

Nothing new is to be found where all of this holds:
- the last import that counts was read as a file would be read now: by the same code, clock and tables;
- nobody has settled rows of the source since, and nothing was changed here that an import would take note of: a row of
  its deleted or put back, or one changed that may have stood in a quarantined row's way;
- a consistent snapshot of the live file, taken now, is the very snapshot that import read. Times, sizes and counters of
  the file are not asked: INSERT OR REPLACE, a write-ahead log and a restored copy can each fool them.

What else may have changed here is the import's to keep, not to bring: edits, and other sources' rows, whose imports
themselves leave all sources as if they had come in any other order (legacy_import.pipeline.merge.relink).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connections

from legacy_import.mapping import Source
from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.edits import unseen_by_sql
from legacy_import.pipeline.fingerprint import is_current_fingerprint
from legacy_import.pipeline.judge.rules import TAKEN
from legacy_import.pipeline.snapshot.snapshot import Snapshot, take_snapshot
from legacy_import.run_order import NEWEST_FIRST, runs_merged_since
from synapse.foundation.databases import BUSINESS_CORE

# Entries with a later number, and those numbered before whose transaction the import did not see (xid order is no
# commit order). An import of an earlier version kept no snapshot: NULL, so that its number alone decides.
_SINCE_SQL: Final = f"(c.id > %(mark)s OR {unseen_by_sql('%(snapshot)s')})"

# First: rows of the source that a person deleted or put back since the import. Second: any change in a table where a
# row was refused because a row made here had its value (TAKEN): the change may have made room for it.
_CHANGED_HERE_SQL: Final = f"""
    SELECT EXISTS (
        SELECT FROM change_log AS c
        WHERE {_SINCE_SQL} AND c.import_run IS NULL AND c.operation <> 'update'
          AND EXISTS (SELECT FROM ledger AS l WHERE l.target_key = c.row_key AND l.source = %(source)s)
    ) OR EXISTS (
        SELECT FROM change_log AS c
        WHERE {_SINCE_SQL} AND c.import_run IS DISTINCT FROM %(run)s::uuid AND c.table_name IN (
            SELECT l.target_table FROM ledger AS l
            WHERE l.source = %(source)s AND l.state = 'quarantined'
              AND l.reasons @> jsonb_build_array(jsonb_build_object('expected', %(taken)s::text)))
    )
"""


def find_last_import(source: Source) -> ImportRun | None:
    """Return the source's last import that counts, None where there is none (any more)."""
    runs = ImportRun.objects.using(source.database).filter(source=source.name, kind=ImportRun.Kind.IMPORT)
    return runs.filter(status__in=ImportRun.FINISHED).order_by(*NEWEST_FIRST).first()


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a source's file found. `landed` is the import that was compared with, `began_at` when.

    `snapshot` is the file's, as it was then: None where an import is due whatever the file holds.
    """

    is_unchanged: bool
    landed: UUID
    began_at: datetime
    snapshot: Snapshot | None = None


def look_at_file(source: Source, landed: ImportRun, *, legacy_dir: Path, now: datetime) -> Look:
    """Say whether an import would find what `landed` found; a changed file's snapshot is for the import to come.

    Raises LegacyImportError where the file is missing, cannot be read, or stays locked.
    """
    if not _is_settled(source, landed):
        return Look(is_unchanged=False, landed=landed.pk, began_at=now)
    # The dear part last: the file is copied whole (an online backup), and its checksum compared.
    snapshot = take_snapshot(
        legacy_dir / source.path,
        directory=settings.BACKUP_DIR / source.snapshot_folder,
        lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
        now=now,
    )
    # The path too: a file that changed its journal mode only has a snapshot of its own with the same checksum.
    is_unchanged = (str(snapshot.path), snapshot.sha256) == (landed.snapshot_path, landed.snapshot_sha256)
    return Look(is_unchanged=is_unchanged, landed=landed.pk, began_at=now, snapshot=snapshot)


def _is_settled(source: Source, landed: ImportRun) -> bool:
    """Say whether nothing but the file could give an import something to do."""
    sync = SourceSync.objects.using(BUSINESS_CORE).filter(source=source.name, run_id=landed.pk).first()
    if sync is None or not is_current_fingerprint(sync.reading, source.database):
        return False
    was_settled = runs_merged_since(landed).exclude(kind=ImportRun.Kind.IMPORT)
    if was_settled.exists():
        return False
    names: dict[str, Any] = {"run": str(landed.pk), "source": source.name, "taken": TAKEN}
    names |= {"mark": landed.change_mark, "snapshot": landed.change_snapshot or None}
    with connections[source.database].cursor() as cursor:
        cursor.execute(_CHANGED_HERE_SQL, names)
        return not cursor.fetchone()[0]
