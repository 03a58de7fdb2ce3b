"""Data integrity: every legacy row is compared with the row rebuilt from PostgreSQL, cell by cell.

The staged file (`staged_tables`) is joined with rows encoded back to legacy cells (`pipeline.encoded_sql`). A
difference is newer in legacy where the file changed after its last import and the cell is not what was imported then;
edited here where somebody signed for what it is now; else unexplained, which fails the check. So that a changed file
hides nothing, `both_sides` compares what was imported as well.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connections

from legacy_import.cell_display import format_cell, format_key
from legacy_import.pipeline.encoded_sql import encoded_rows_sql, encoded_table_sql
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.validation.differences import Difference, Explanation
from legacy_import.validation.signatures import deletion_author_sql, edit_author_sql
from legacy_import.validation.staged_tables import StagedTable

_SHOWN_LENGTH: Final = 80


def find_differences(table: StagedTable) -> Iterator[Difference]:
    """Yield every cell that is not the same on both sides, then every row that only one side has."""
    name = table.stage.legacy.name
    if table.stored is None:
        rows = f"a table of {table.stage.rows:,} rows"
        yield Difference("newer in legacy", name, "", "", None, rows)
        return
    rows_of_cells = _stream_rows(table, _cell_differences_sql(table, table.stored))
    for key, column, legacy, here, is_new_there, author in rows_of_cells:
        explanation: Explanation = "edited here" if author else "unexplained"
        if is_new_there:
            explanation = "newer in legacy" if table.reading.changed else "unexplained"
        yield Difference(
            explanation, name, format_key(key), column, _format_cell(here), _format_cell(legacy), author or ""
        )
    yield from _find_rows_missing_here(table, table.stored)
    yield from _find_rows_missing_there(table)
    yield from table.fixes.list_differences(name)


def _cell_differences_sql(table: StagedTable, stored: LegacyTable) -> str:
    stage, position = table.stage, stored.column_names.index
    imported, imported_join = _imported_cell_sql(table, stored)
    targets = (
        {name: column.target for column in stage.mapped_columns for name in column.legacy_names} if stage.table else {}
    )
    cells = ", ".join(
        f"({literal(name)}, {stage.exact_cell_sql(name)}, r.c{position(name)}, {imported.format(f'c{position(name)}')},"
        f" {literal(targets.get(name, ''))})"
        for name in table.common_columns
    )
    author = "NULL"
    if stage.table:
        signed = edit_author_sql(literal(stage.target.name), "d.target_key", "d.target")
        author = f"CASE WHEN NOT d.is_new_there AND d.target <> '' THEN {signed} END"
    return f"""
        SELECT d.key, d.name, d.legacy, d.here, d.is_new_there, {author}
        FROM (
            SELECT {stage.key_sql()} AS key, v.name, v.legacy, v.here, v.target, l.target_key,
                   v.legacy IS DISTINCT FROM v.imported AS is_new_there
            FROM {stage.name} AS s
            JOIN {encoded_table_sql(stage.source, stored)} AS r ON r.ledger_id = s.ledger_id
            JOIN ledger AS l ON l.id = s.ledger_id
            {imported_join}
            CROSS JOIN LATERAL (VALUES {cells}) AS v(name, legacy, here, imported, target)
            WHERE v.legacy IS DISTINCT FROM v.here
            -- Keeps the planner from merging this subquery into the outer one: authors are looked up for differences
            -- alone, not for every cell.
            OFFSET 0
        ) AS d
        ORDER BY 1, 2
    """


def _imported_cell_sql(table: StagedTable, stored: LegacyTable) -> tuple[str, str]:
    """Return SQL (with a place for the cell's name) for a cell as last imported, and the join it needs."""
    if table.edits is None or table.stage.table is None or not table.edits.rows:
        return "r.{}", ""
    imported = encoded_rows_sql(table.reading.source, table.stage.table, stored, target=table.edits.merge_base_sql())
    join = f"LEFT JOIN {imported} AS b ON b.ledger_id = s.ledger_id"
    return "CASE WHEN b.ledger_id IS NULL THEN r.{0} ELSE b.{0} END", join


def _find_rows_missing_here(table: StagedTable, stored: LegacyTable) -> Iterator[Difference]:
    stage = table.stage
    sql = f"""
        SELECT {stage.key_sql()}, l.state, {deletion_author_sql("l.target_table", "l.target_key")}
        FROM {stage.name} AS s LEFT JOIN ledger AS l ON l.id = s.ledger_id
        LEFT JOIN {encoded_table_sql(stage.source, stored)} AS r ON r.ledger_id = s.ledger_id
        WHERE r.ledger_id IS NULL ORDER BY 1
    """
    for key, state, author in _stream_rows(table, sql):
        explanation: Explanation = "newer in legacy" if table.reading.changed else "unexplained"
        if state in {"live", "deleted"}:
            explanation = "edited here" if author else "unexplained"
        yield Difference(explanation, stage.legacy.name, format_key(key), "", None, "a row", author or "")


def _find_rows_missing_there(table: StagedTable) -> Iterator[Difference]:
    stage = table.stage
    sql = f"""
        SELECT l.key FROM ledger AS l
        WHERE l.source = {literal(stage.source.name)} AND l.legacy_table = {literal(stage.legacy.name)}
          AND l.state NOT IN ('gone', 'deleted')
          AND NOT EXISTS (SELECT FROM {stage.name} AS s WHERE s.ledger_id = l.id)
        ORDER BY l.key
    """
    explanation: Explanation = "newer in legacy" if table.reading.changed else "unexplained"
    for (key,) in _stream_rows(table, sql):
        yield Difference(explanation, stage.legacy.name, format_key(key), "", "a row", None)


def _stream_rows(table: StagedTable, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the query gives through a server-side cursor: a broken table may differ in every cell."""
    with connections[table.reading.source.database].chunked_cursor() as cursor:
        cursor.execute(sql)
        yield from cursor


def _format_cell(exact: str | None) -> str | None:
    return None if exact is None else format_cell(exact, longest=_SHOWN_LENGTH).text
