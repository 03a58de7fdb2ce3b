"""Later edits: what people changed since a run, in the rows it wrote, stays.

Their changes are found in the change log and taken out of what goes back; rows that others refer to are held by
references.py.

- undo_edit (table_name, key, column_name, found, who, deletes): their changes, with the value they found there.
- undo_left (table_name, key, column_name, who, why): what is left, for the report; no column means the row.
- undo_kept (table_name, before_key, column_name, value, stays): columns the run and a person changed, and what the
  import before had left there. Where `stays` is false the person has put back what they found.
"""

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable

_SCHEMA = """
    CREATE TEMPORARY TABLE undo_left (table_name text, key uuid, column_name text, who text, why text) ON COMMIT DROP;
    CREATE TEMPORARY TABLE undo_kept (
        table_name text, before_key uuid, column_name text, value jsonb, stays boolean) ON COMMIT DROP;
"""

_EDITS = """
    CREATE TEMPORARY TABLE undo_edit ON COMMIT DROP AS
    SELECT c.table_name, c.row_key AS key, o.key AS column_name, (array_agg(o.value ORDER BY c.id))[1] AS found,
           string_agg(DISTINCT c.author, ', ') AS who, bool_or(c.operation = 'delete') AS deletes
    FROM change_log AS c
    JOIN (SELECT table_name, key FROM undo_inserted
          UNION ALL SELECT table_name, after_key FROM undo_changed
          WHERE NOT EXISTS (SELECT FROM undo_inserted AS i WHERE i.table_name = undo_changed.table_name
                            AND i.key = undo_changed.after_key)) AS t
      ON t.table_name = c.table_name AND t.key = c.row_key
    CROSS JOIN LATERAL jsonb_each(coalesce(c.old, c.new)) AS o
    WHERE c.import_run IS NULL AND c.id > %s
    GROUP BY c.table_name, c.row_key, o.key
"""

_INSERTED_STAY = """
    UPDATE undo_inserted AS i SET stays = true
    FROM (SELECT DISTINCT table_name, key FROM undo_edit) AS e WHERE e.table_name = i.table_name AND e.key = i.key
"""

_INSERTED_LEFT = """
    INSERT INTO undo_left
    SELECT e.table_name, e.key, CASE WHEN d.deleted THEN '' ELSE e.column_name END, string_agg(DISTINCT e.who, ', '),
           CASE WHEN d.deleted THEN 'deleted here: stays deleted' ELSE 'changed here: the row stays' END
    FROM undo_edit AS e
    JOIN undo_inserted AS i ON i.table_name = e.table_name AND i.key = e.key
    JOIN (SELECT table_name, key, bool_or(deletes) AS deleted FROM undo_edit GROUP BY table_name, key) AS d
      ON d.table_name = e.table_name AND d.key = e.key
    GROUP BY e.table_name, e.key, d.deleted, CASE WHEN d.deleted THEN '' ELSE e.column_name END
"""


def exclude_later_edits(cursor: CursorWrapper, targets: tuple[TargetTable, ...], *, mark: int) -> None:
    """Find what people changed after the change-log entry `mark`, and take it out of what goes back."""
    cursor.execute("DROP TABLE IF EXISTS undo_left, undo_kept, undo_edit")
    cursor.execute(_SCHEMA)
    cursor.execute(_EDITS, [mark])
    cursor.execute("ANALYZE undo_edit")
    cursor.execute(_INSERTED_STAY)
    cursor.execute(_INSERTED_LEFT)
    for target in targets:
        table, key = identifier(target.name), identifier(target.key)
        cursor.execute(
            f"""
            INSERT INTO undo_kept
            SELECT u.table_name, u.before_key, e.column_name, u.back -> e.column_name,
                   to_jsonb(t) -> e.column_name IS DISTINCT FROM e.found
            FROM undo_edit AS e
            JOIN undo_changed AS u ON u.table_name = e.table_name AND u.after_key = e.key AND u.back ? e.column_name
            JOIN {table} AS t ON t.{key} = u.after_key
            WHERE e.table_name = {literal(target.name)} AND NOT u.deleted
            """
        )
        cursor.execute(_deleted_here_sql(target))
    cursor.execute(_KEPT_LEFT)
    cursor.execute(_TAKE_OUT)


def _deleted_here_sql(target: TargetTable) -> str:
    """Return SQL that takes out rows that were deleted here, and lists who deleted them."""
    table, key = identifier(target.name), identifier(target.key)
    return f"""
        WITH missing AS (
            DELETE FROM undo_changed AS u
            WHERE u.table_name = {literal(target.name)} AND NOT u.deleted
              AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = u.after_key)
            RETURNING u.table_name, u.after_key
        )
        INSERT INTO undo_left
        SELECT m.table_name, m.after_key, '', (
            SELECT string_agg(DISTINCT e.who, ', ') FROM undo_edit AS e
            WHERE e.table_name = m.table_name AND e.key = m.after_key AND e.deletes
        ), 'deleted here: stays deleted'
        FROM missing AS m
    """


_KEPT_LEFT = """
    INSERT INTO undo_left
    SELECT u.table_name, u.after_key, k.column_name, e.who, 'changed here: the value stays'
    FROM undo_kept AS k JOIN undo_changed AS u USING (table_name, before_key)
    JOIN undo_edit AS e ON e.table_name = u.table_name AND e.key = u.after_key AND e.column_name = k.column_name
    WHERE k.stays
"""

_TAKE_OUT = """
    UPDATE undo_changed AS u SET back = u.back - k.names
    FROM (SELECT table_name, before_key, array_agg(column_name) AS names FROM undo_kept WHERE stays
          GROUP BY table_name, before_key) AS k
    WHERE k.table_name = u.table_name AND k.before_key = u.before_key
"""
