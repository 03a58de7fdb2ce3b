"""Dependent runs: later ones that wrote over, or refer to, what an earlier run left; they have to be undone first.

Runs of one database lock its tables one after the other, so the order of their ends is the order of their work.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.undo.effects import gather_effects, target_tables
from legacy_import.undo.references import ForeignKey, foreign_keys

_OVERWRITTEN: Final = """
    SELECT b.run_id FROM before_image AS b JOIN undo_touched AS u ON u.id::text = b.row_key
    WHERE b.table_name = 'ledger' AND b.run_id = ANY(%(later)s::uuid[])
"""
# A row that only moved in its file (INSERT OR REPLACE gives it another rowid) is the same row.
_ONLY_MOVED: Final = "b.old - 'row_id' = to_jsonb(l) - 'row_id'"
_WRITTEN_OVER: Final = f"{_OVERWRITTEN} AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.id = u.id AND {_ONLY_MOVED})"
_DIVERGENCES_SINCE: Final = """
    SELECT b.run_id FROM before_image AS b
    JOIN before_image AS mine ON mine.run_id = %(run)s AND mine.table_name = 'divergence' AND mine.row_key = b.row_key
    WHERE b.table_name = 'divergence' AND b.run_id = ANY(%(later)s::uuid[])
"""
# What a later import of the file kept, it kept under the schema that this run stored.
_SAME_SCHEMA: Final = """
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
    """Return the runs that ended after this one and were not undone, the newest first."""
    return list(
        ImportRun.objects.using(alias)
        .filter(status__in=ImportRun.FINISHED, finished_at__gt=run.finished_at)
        .exclude(kind=ImportRun.Kind.UNDO)
        .order_by("-finished_at")
    )


def runs_depending_on(cursor: CursorWrapper, run: ImportRun) -> list[ImportRun]:
    """Return the later runs that depend on this one, directly or through another, the newest first."""
    found: dict[str, ImportRun] = {}
    waiting = [run]
    while waiting:
        one = waiting.pop()
        later = {str(each.pk): each for each in runs_after(cursor.db.alias, one)}
        if not later:
            continue
        gather_effects(cursor, run=str(one.pk), later=list(later))
        for name in dependent_run_ids(cursor, run=str(one.pk), later=list(later)):
            if name not in found:
                found[name] = later[name]
                waiting.append(later[name])
    return sorted(found.values(), key=attrgetter("finished_at"), reverse=True)


def dependent_run_ids(cursor: CursorWrapper, *, run: str, later: Sequence[str], whole: bool = True) -> set[str]:
    """Return which later runs wrote over, or refer to, the run's gathered effects.

    Where the effects are some rows' and not the `whole` run's, what else it did does not count, nor does a later run
    that only gave such a row another rowid.
    """
    tables = target_tables(cursor.db.alias)
    statements = [_OVERWRITTEN, _DIVERGENCES_SINCE, _SAME_SCHEMA] if whole else [_WRITTEN_OVER]
    statements += [
        _SAME_TARGET,
        *(
            _referring_runs_sql(key, "false" if whole else _ONLY_MOVED)
            for key in foreign_keys(cursor, tables)
            if key.child in {table.name for table in tables}
        ),
    ]
    names: dict[str, Any] = {"run": run, "later": list(later)}
    found: set[str] = set()
    for statement in statements:
        cursor.execute(f"SELECT DISTINCT run_id::text FROM ({statement}) AS d(run_id)", names)
        found.update(name for (name,) in cursor.fetchall())
    return found


def _referring_runs_sql(key: ForeignKey, ignored: str) -> str:
    """Return SQL for the later runs that wrote a row which refers to one that the run brought.

    `ignored` says which before-images `b` of the ledger rows `l` are of no change that counts.
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
