"""Restaging from the ledger: rows whose cells it keeps whole go through the pipeline's steps once more."""

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.fixes import apply_fixes
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.stage.stage import Stage, create_stage


def restage_merged_rows(cursor: CursorWrapper, source: Source, legacy: LegacyTable, *, name: str, where: str) -> Stage:
    """Return a stage with the merged rows `l` of a mapped legacy table that `where` selects, fixes applied."""
    rows = ledger_rows_sql(source, legacy, where=f"l.state = 'merged' AND {where}")
    return apply_fixes(cursor, stage_kept_rows(cursor, source, legacy, name=name, rows=rows))


def ledger_rows_sql(source: Source, legacy: LegacyTable, *, where: str) -> str:
    """Return a relation of the ledger rows `l` of a legacy table that `where` selects."""
    return (
        f"(SELECT l.row_id, l.key, l.cells FROM ledger AS l WHERE l.source = {literal(source.name)}"
        f" AND l.legacy_table = {literal(legacy.name)} AND {where})"
    )


def stage_kept_rows(cursor: CursorWrapper, source: Source, legacy: LegacyTable, *, name: str, rows: str) -> Stage:
    """Return a stage with the rows of a mapped legacy table in the relation `rows`: row_id, key, and all their cells.

    Cells arrive exactly spelled, so every column is read strictly.
    """
    odd = frozenset(legacy.column_names)
    stage = Stage(name, source, legacy, source.find_table(legacy.name), odd=odd, partial=True)
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    create_stage(cursor, stage)
    columns = ", ".join(f"c{position}" for position in range(len(legacy.columns)))
    cells = ", ".join(f"l.cells ->> {literal(column)}" for column in legacy.column_names)
    cursor.execute(
        f"INSERT INTO {name} (row_id, surrogate, {columns}) SELECT l.row_id, l.key, {cells} FROM {rows} AS l"
    )
    count = cursor.rowcount
    cursor.execute(f"ANALYZE {name} (ledger_id, target_key)")
    return stage.with_counts(rows=count, odd=odd)
