"""The effects of a run, gathered into temporary tables from the ledger, its before-images and the change log.

Reading only; what of it can go back is decided by later_edits, later_choices and references.

- undo_touched (id, old, stays): the ledger rows the run wrote, as they were; `old` is NULL where it made them.
- undo_inserted (table_name, key, ledger_id, stays): the target rows it inserted.
- undo_changed (table_name, before_key, after_key, back, deleted): the target rows it changed or deleted, the key before
  and after, and the columns as they were.
- undo_said (id, old, stays): the divergences it wrote, as they were; `old` is NULL where it wrote them first.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.target_table import TargetTable, target_table_of
from legacy_import.sources import sources_of_database

_TOUCHED = """
    CREATE TEMPORARY TABLE undo_touched ON COMMIT DROP AS
    SELECT b.row_key::uuid AS id, b.old, false AS stays
    FROM before_image AS b WHERE b.run_id = %(run)s AND b.table_name = 'ledger'
    UNION ALL
    SELECT l.id, NULL, false FROM ledger AS l
    WHERE l.run_id = %(run)s AND NOT EXISTS (
        SELECT FROM before_image AS b
        WHERE b.run_id = %(run)s AND b.table_name = 'ledger' AND b.row_key = l.id::text)
    UNION ALL
    SELECT DISTINCT o.row_key::uuid, NULL::jsonb, false FROM before_image AS o
    WHERE o.run_id = ANY(%(later)s::uuid[]) AND o.table_name = 'ledger' AND o.old ->> 'run_id' = %(run)s
      AND NOT EXISTS (
        SELECT FROM before_image AS b
        WHERE b.run_id = %(run)s AND b.table_name = 'ledger' AND b.row_key = o.row_key)
      AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.id::text = o.row_key AND l.run_id = %(run)s)
"""

_INSERTED = """
    CREATE TEMPORARY TABLE undo_inserted ON COMMIT DROP AS
    SELECT l.target_table AS table_name, l.target_key AS key, l.id AS ledger_id, false AS stays
    FROM ledger AS l WHERE l.run_id = %(run)s AND l.brought
    UNION ALL
    SELECT DISTINCT o.old ->> 'target_table', (o.old ->> 'target_key')::uuid, o.row_key::uuid, false
    FROM before_image AS o
    WHERE o.run_id = ANY(%(later)s::uuid[]) AND o.table_name = 'ledger' AND o.old ->> 'run_id' = %(run)s
      AND (o.old ->> 'brought')::boolean
      AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.id::text = o.row_key AND l.run_id = %(run)s)
"""

# Rows that were taken back one by one (revert_rows) are not the run's any more, though the change log has them.
_ENTRIES = """
    CREATE TEMPORARY TABLE undo_entry ON COMMIT DROP AS
    SELECT c.id, c.table_name, c.row_key, c.operation = 'delete' AS deletes, c.old,
           (c.new ->> k.key_column)::uuid AS moved_to
    FROM change_log AS c JOIN (VALUES {keys}) AS k(table_name, key_column) ON k.table_name = c.table_name
    WHERE c.import_run = %(run)s AND c.operation IN ('update', 'delete') AND c.row_key IN (
        SELECT l.target_key FROM ledger AS l JOIN undo_touched AS u ON u.id = l.id
        UNION ALL SELECT (u.old ->> 'target_key')::uuid FROM undo_touched AS u WHERE u.old IS NOT NULL
        UNION ALL SELECT i.key FROM undo_inserted AS i)
"""

# A key can stand for two rows in one run: one that left it (moved or deleted), and one that was inserted under it.
_CHANGED = """
    CREATE TEMPORARY TABLE undo_changed ON COMMIT DROP AS
    WITH own AS (
        SELECT e.*, coalesce(m.row_key, e.row_key) AS before_key
        FROM undo_entry AS e
        LEFT JOIN undo_entry AS m ON m.table_name = e.table_name AND m.moved_to = e.row_key AND m.id < e.id
        WHERE NOT EXISTS (
                SELECT FROM undo_inserted AS i WHERE i.table_name = e.table_name AND i.key = e.row_key)
           OR EXISTS (
                SELECT FROM undo_entry AS x WHERE x.table_name = e.table_name AND x.row_key = e.row_key
                AND x.id >= e.id AND (x.deletes OR x.moved_to IS NOT NULL))
    ), firsts AS (
        SELECT DISTINCT ON (w.table_name, w.before_key, o.key) w.table_name, w.before_key, o.key AS name, o.value
        FROM own AS w CROSS JOIN LATERAL jsonb_each(w.old) AS o
        ORDER BY w.table_name, w.before_key, o.key, w.id
    ), rows AS (
        SELECT table_name, before_key, (array_agg(moved_to) FILTER (WHERE moved_to IS NOT NULL))[1] AS moved_to,
               bool_or(deletes) AS deleted
        FROM own GROUP BY table_name, before_key
    )
    SELECT r.table_name, r.before_key, coalesce(r.moved_to, r.before_key) AS after_key, r.deleted,
           jsonb_object_agg(f.name, f.value) AS back
    FROM rows AS r JOIN firsts AS f USING (table_name, before_key)
    GROUP BY r.table_name, r.before_key, r.moved_to, r.deleted
"""

_SAID = """
    CREATE TEMPORARY TABLE undo_said ON COMMIT DROP AS
    SELECT b.row_key::uuid AS id, b.old, false AS stays
    FROM before_image AS b WHERE b.run_id = %(run)s AND b.table_name = 'divergence'
"""


def gather_effects(cursor: CursorWrapper, *, run: str, later: Sequence[str] = ()) -> None:
    """Make the tables; `later` names runs that may have written over what this one left."""
    names: dict[str, Any] = {"run": run, "later": list(later)}
    keys = ", ".join(f"({literal(target.name)}, {literal(target.key)})" for target in target_tables(cursor.db.alias))
    steps = {
        "undo_touched": _TOUCHED,
        "undo_inserted": _INSERTED,
        "undo_entry": _ENTRIES.format(keys=keys),
        "undo_changed": _CHANGED,
        "undo_said": _SAID,
    }
    for table, statement in steps.items():
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(statement, names)
        cursor.execute(f"ANALYZE {table}")


def target_tables(alias: str) -> tuple[TargetTable, ...]:
    """Return the database's target tables, children before their parents."""
    found: dict[str, TargetTable] = {}
    for source in sources_of_database(alias):
        for table in reversed(source.tables):
            target = target_table_of(table.model)
            found.setdefault(target.name, target)
    return tuple(found.values())
