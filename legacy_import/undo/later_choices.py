"""Later choices: values of a divergence that people chose since a run recorded it stay.

- undo_chosen (id, table_name, key, column_name, who, here, takes): fields that people wrote since and that do not go
  back, whose divergences the run wrote. `takes` is true where a person chose the run's other value, still there.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable

_SCHEMA: Final = """
    CREATE TEMPORARY TABLE undo_chosen (
        id uuid, table_name text, key uuid, column_name text, who text, here jsonb, takes boolean) ON COMMIT DROP
"""

OF_TOUCHED_TARGETS: Final = """
    coalesce(i.target_key, d.target_key) IN (
        SELECT l.target_key FROM ledger AS l JOIN undo_touched AS u ON u.id = l.id
        UNION ALL SELECT (u.old ->> 'target_key')::uuid FROM undo_touched AS u WHERE u.old IS NOT NULL)
"""
"""True of a divergence `d`, or its before-image `i`, of a target whose ledger rows go back."""

# A choice that an import only carried over to a new key or owner is older than the run: nobody wrote the field since.
_TAKEN_LEFT: Final = f"""
    INSERT INTO undo_left
    SELECT DISTINCT c.table_name, c.key, c.column_name, c.who, 'chosen here: the value stays'
    FROM undo_chosen AS c JOIN undo_said AS s ON s.id = c.id JOIN divergence AS d ON d.id = c.id
    LEFT JOIN LATERAL jsonb_populate_record(NULL::divergence, s.old) AS i ON s.old IS NOT NULL
    WHERE c.takes AND {OF_TOUCHED_TARGETS} AND NOT EXISTS (
        SELECT FROM undo_left AS l
        WHERE l.table_name = c.table_name AND l.key = c.key AND l.column_name = c.column_name)
"""

# A divergence that the run wrote first is kept for its choice, which can be undone; else the earlier one comes back.
_TOLD_FIRST: Final = """
    UPDATE undo_said AS s SET stays = true FROM undo_chosen AS c WHERE c.id = s.id AND c.takes AND s.old IS NULL
"""

# A restored choice of a value that the field no longer has could not be undone: it is emptied.
_SUPERSEDED: Final = """
    UPDATE undo_said AS s
    SET old = s.old || '{"choice": "", "chosen_by": "", "chosen_at": null, "replaced": null}'
    FROM undo_chosen AS c
    WHERE c.id = s.id AND CASE s.old ->> 'choice'
        WHEN 'other' THEN nullif(s.old -> 'other', 'null') IS DISTINCT FROM c.here
        WHEN 'kept' THEN c.takes ELSE false END
"""


def exclude_later_choices(cursor: CursorWrapper, targets: tuple[TargetTable, ...], *, mark: int) -> None:
    """Find what people chose after the change-log entry `mark`; what goes back of the target rows is decided."""
    cursor.execute("DROP TABLE IF EXISTS undo_chosen")
    cursor.execute(_SCHEMA)
    for target in targets:
        cursor.execute(_chosen_sql(target), [mark])
    cursor.execute(_TAKEN_LEFT)
    cursor.execute(_TOLD_FIRST)
    cursor.execute(_SUPERSEDED)


def _chosen_sql(target: TargetTable) -> str:
    table, key = identifier(target.name), identifier(target.key)
    return f"""
        INSERT INTO undo_chosen
        SELECT f.id, f.target_table, f.target_key, f."column", e.who, h.here,
               f.choice = 'other' AND h.here IS NOT DISTINCT FROM nullif(f.other, 'null')
        FROM (
            SELECT s.id, coalesce(d.target_table, i.target_table) AS target_table,
                   coalesce(d.target_key, i.target_key) AS target_key, coalesce(d."column", i."column") AS "column",
                   coalesce(d.choice, '') AS choice, d.other
            FROM undo_said AS s LEFT JOIN divergence AS d ON d.id = s.id
            LEFT JOIN LATERAL jsonb_populate_record(NULL::divergence, s.old) AS i ON s.old IS NOT NULL
        ) AS f
        JOIN {table} AS t ON t.{key} = f.target_key
        CROSS JOIN LATERAL (SELECT nullif(to_jsonb(t) -> f."column", 'null') AS here) AS h
        CROSS JOIN LATERAL (
            SELECT string_agg(DISTINCT c.author, ', ') AS who, count(*) AS entries FROM change_log AS c
            WHERE c.table_name = f.target_table AND c.row_key = f.target_key AND c.import_run IS NULL AND c.id > %s
              AND c.new ? f."column"
        ) AS e
        WHERE f.target_table = {literal(target.name)} AND e.entries > 0
          AND NOT EXISTS (SELECT FROM undo_changed AS u WHERE u.table_name = f.target_table
                          AND u.after_key = f.target_key AND u.back ? f."column")
    """
