"""Unsigned changes that no comparison with a legacy cell can find.

These are changes and deletions of rows made here, and changes of columns that the row's legacy file does not fill.
Columns that it fills are compared in `integrity`; rows that nobody signed for are found in `signatures`.
"""

from collections.abc import Iterator
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.pipeline.target_table import TargetTable, target_table_of
from legacy_import.validation.differences import MAX_KEPT_DIFFERENCES, Difference

_SHOWN_LENGTH: Final = 80
_UNSIGNED: Final = "c.author IS NULL AND c.import_run IS NULL"


def find_unsigned_changes(cursor: CursorWrapper, target: TargetTable, sources: list[Source]) -> Iterator[Difference]:
    """Yield the first cells, then the first rows, that are not what they were before somebody unknown changed them.

    `sources` are those of the target's database.
    """
    cursor.execute(_changed_cells_sql(target, _filled_columns_sql(target, sources)))
    for key, column, here, before in cursor.fetchall():
        shown = f"{_format_value(here)} (before: {_format_value(before)})"
        yield Difference("unexplained", target.name, key, column, shown, None)
    cursor.execute(_deleted_rows_sql(target))
    for (key,) in cursor.fetchall():
        yield Difference("unexplained", target.name, key, "", "a row made here, deleted", None)


def _filled_columns_sql(target: TargetTable, sources: list[Source]) -> str:
    """Return SQL for (source, legacy table, column): every column of the target that a file as last imported fills."""
    filled = []
    for source in sources:
        schema = read_stored_schema(source.database, source.name)
        for table in source.tables:
            stored = (
                schema.find_table(table.name) if schema and target_table_of(table.model).name == target.name else None
            )
            filled += [
                f"({literal(source.name)}, {literal(table.name)}, {literal(column.target)})"
                for column in (table.columns_present_in(stored.column_names) if stored else ())
            ]
    return f"(VALUES {', '.join(filled)})" if filled else "(SELECT NULL::text, NULL::text, NULL::text)"


def _changed_cells_sql(target: TargetTable, filled: str) -> str:
    """Return SQL for each cell whose value since its last signed or imported one is another.

    A value that was put right is none; jsonb_populate_record reads the old values as the columns would.
    """
    # DISTINCT ON keeps the oldest unsigned change of each cell after its last signed one: its old value is what a known
    # person or an import left.
    table, key, name = identifier(target.name), identifier(target.key), literal(target.name)
    return f"""
        WITH unsigned AS (
            SELECT DISTINCT ON (c.row_key, o.key) c.row_key, o.key, o.value
            FROM change_log AS c CROSS JOIN LATERAL jsonb_each(c.old) AS o
            WHERE c.table_name = {name} AND c.operation = 'update' AND {_UNSIGNED}
              AND NOT EXISTS (SELECT FROM change_log AS n WHERE n.table_name = {name} AND n.row_key = c.row_key
                              AND n.id > c.id AND (n.author IS NOT NULL OR n.import_run IS NOT NULL)
                              AND coalesce(n.new, n.old) ? o.key)
            ORDER BY c.row_key, o.key, c.id
        ), before AS (
            SELECT row_key, jsonb_object_agg(key, value) AS cells FROM unsigned GROUP BY row_key
        )
        SELECT t.{key}::text, k.name, v.here ->> k.name, v.before ->> k.name
        FROM before AS b JOIN {table} AS t ON t.{key} = b.row_key
        CROSS JOIN LATERAL (
            SELECT to_jsonb(t) AS here, to_jsonb(jsonb_populate_record(t, b.cells)) AS before
        ) AS v
        CROSS JOIN LATERAL jsonb_object_keys(b.cells) AS k(name)
        WHERE v.here -> k.name IS DISTINCT FROM v.before -> k.name
          AND NOT EXISTS (SELECT FROM ledger AS l JOIN {filled} AS f(source, legacy_table, filled)
                          ON f.source = l.source AND f.legacy_table = l.legacy_table AND f.filled = k.name
                          WHERE l.target_key = b.row_key AND l.owns)
        ORDER BY 1, 2 LIMIT {MAX_KEPT_DIFFERENCES}
    """


def _deleted_rows_sql(target: TargetTable) -> str:
    """Return SQL for the keys of rows that somebody signed for, that no import owns and that somebody unknown deleted.

    An import's insertions are not in the change log: the table tells whether the row is there again.
    """
    name = literal(target.name)
    return f"""
        SELECT DISTINCT c.row_key::text FROM change_log AS c
        WHERE c.table_name = {name} AND c.operation = 'delete' AND {_UNSIGNED}
          AND EXISTS (SELECT FROM change_log AS m WHERE m.table_name = {name} AND m.row_key = c.row_key AND m.id < c.id
                      AND m.operation = 'insert' AND m.author IS NOT NULL)
          AND NOT EXISTS (SELECT FROM change_log AS n WHERE n.table_name = {name} AND n.row_key = c.row_key
                          AND n.operation = 'delete' AND n.id > c.id)
          AND NOT EXISTS (SELECT FROM {identifier(target.name)} AS t WHERE t.{identifier(target.key)} = c.row_key)
          AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.target_key = c.row_key AND l.owns)
        ORDER BY 1 LIMIT {MAX_KEPT_DIFFERENCES}
    """


def _format_value(value: str | None) -> str:
    return "nothing" if value is None else value[:_SHOWN_LENGTH]
