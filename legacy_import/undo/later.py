"""Which runs stand on what an earlier one left: they have to be undone first.

What lives here: finding them, all the way up. What does not: saying so (legacy_import.services).
Runs of one database hold its tables one after the other, so the order of their ends is the order of their work.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable
from legacy_import.undo.effects import gather_effects, target_tables
from legacy_import.undo.references import ForeignKey, foreign_keys

_OVERWRITTEN: Final = """
    SELECT b.run_id FROM before_image AS b JOIN undo_touched AS u ON u.id::text = b.row_key
    WHERE b.table_name = 'ledger' AND b.run_id = ANY(%(later)s::uuid[])
"""
# A row that only moved in its file (INSERT OR REPLACE gives it another rowid) says what it said.
_ONLY_MOVED: Final = "b.old - 'row_id' = to_jsonb(l) - 'row_id'"
_WRITTEN_OVER: Final = f"{_OVERWRITTEN} AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.id = u.id AND {_ONLY_MOVED})"
_SAID_SINCE: Final = """
    SELECT b.run_id FROM before_image AS b
    JOIN before_image AS mine ON mine.run_id = %(run)s AND mine.table_name = 'divergence' AND mine.row_key = b.row_key
    WHERE b.table_name = 'divergence' AND b.run_id = ANY(%(later)s::uuid[])
"""
# What a later import of the file kept, it kept under the shape that this run remembered.
_SAME_SHAPE: Final = """
    SELECT r.id FROM import_run AS r
    JOIN before_image AS b ON b.run_id = %(run)s AND b.table_name = 'legacy_file' AND b.row_key = r.source
    WHERE r.id = ANY(%(later)s::uuid[]) AND r.kind = 'import'
"""
_SAME_TARGET: Final = """
    SELECT l.run_id FROM ledger AS l
    JOIN (SELECT key FROM undo_inserted UNION ALL SELECT before_key FROM undo_changed
          UNION ALL SELECT after_key FROM undo_changed) AS t ON t.key = l.target_key
    WHERE l.run_id = ANY(%(later)s::uuid[]) AND l.state IN ('live', 'merged', 'deleted')
"""


def runs_after(alias: str, run: ImportRun) -> list[ImportRun]:
    """Return the runs that came after this one and still count, the newest first."""
    return list(
        ImportRun.objects.using(alias)
        .filter(status__in=ImportRun.FINISHED, finished_at__gt=run.finished_at)
        .exclude(kind=ImportRun.Kind.UNDO)
        .order_by("-finished_at")
    )


def runs_depending_on(cursor: CursorWrapper, run: ImportRun) -> list[ImportRun]:
    """Return the later runs that stand on this one, or on one that does, the newest first."""
    found: dict[str, ImportRun] = {}
    waiting = [run]
    while waiting:
        one = waiting.pop()
        later = {str(each.pk): each for each in runs_after(cursor.db.alias, one)}
        if not later:
            continue
        gather_effects(cursor, run=str(one.pk), later=list(later))
        for name in dependent_runs(cursor, run=str(one.pk), later=list(later)):
            if name not in found:
                found[name] = later[name]
                waiting.append(later[name])
    return sorted(found.values(), key=_end, reverse=True)


def dependent_runs(cursor: CursorWrapper, *, run: str, later: Sequence[str], whole: bool = True) -> set[str]:
    """Return which later runs wrote over, or refer to, the run's gathered effects.

    Where they are not the `whole` run's, neither what else it did counts nor a row that a later run only saw move.
    """
    tables = target_tables(cursor.db.alias)
    statements = [_OVERWRITTEN, _SAID_SINCE, _SAME_SHAPE] if whole else [_WRITTEN_OVER]
    statements += [
        _SAME_TARGET,
        *(
            _refers_sql(key, "false" if whole else _ONLY_MOVED)
            for key in foreign_keys(cursor, tables)
            if _is_imported(key, tables)
        ),
    ]
    names: dict[str, Any] = {"run": run, "later": list(later)}
    found: set[str] = set()
    for statement in statements:
        cursor.execute(f"SELECT DISTINCT run_id::text FROM ({statement}) AS d(run_id)", names)
        found.update(name for (name,) in cursor.fetchall())
    return found


def _end(run: ImportRun) -> datetime:
    if run.finished_at is None:
        raise ValueError(f"run {run.pk} has not ended")
    return run.finished_at


def _is_imported(key: ForeignKey, tables: tuple[TargetTable, ...]) -> bool:
    return key.child in {table.name for table in tables}


def _refers_sql(key: ForeignKey, ignored: str) -> str:
    """Return SQL for the later runs that wrote a row which refers to one that the run brought.

    `ignored` says which before-images `b` of the ledger rows `l` tell of no writing that counts.
    """
    child = (
        f"FROM undo_inserted AS i JOIN {identifier(key.child)} AS c ON c.{identifier(key.column)} = i.key"
        f" JOIN ledger AS l ON l.target_key = c.{identifier(key.child_key)} AND l.owns"
    )
    return f"""
        SELECT l.run_id {child} WHERE i.table_name = {literal(key.parent)} AND l.run_id = ANY(%(later)s::uuid[])
        UNION ALL
        SELECT b.run_id {child}
        JOIN before_image AS b ON b.row_key = l.id::text AND b.table_name = 'ledger'
          AND b.run_id = ANY(%(later)s::uuid[])
        WHERE i.table_name = {literal(key.parent)} AND NOT ({ignored})
    """
