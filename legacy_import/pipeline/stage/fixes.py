"""Fixes: what a person says a refused cell means, put in the place of the cell in a staging table.

A settlement (a fix, or a row accepted as archived) holds while nobody withdraws it and the row's exact cells are those
it was made for. A table without any costs one short query. Settlements are made in legacy_import.services.settling.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.stage import Stage

MATCHED_SETTLEMENTS: Final = "settled"
"""Temporary table: settlements that `match_settlements` found for a stage's rows (ledger_id, kind, original, cells)."""


def apply_fixes(cursor: CursorWrapper, stage: Stage) -> Stage:
    """Return the stage with its rows read as people fixed them."""
    if not has_settlements(cursor, stage) or "fix" not in match_settlements(cursor, stage, settlements_sql(stage)):
        return stage
    return fix_cells(cursor, stage)


def has_settlements(cursor: CursorWrapper, stage: Stage) -> bool:
    """Say whether some settlement of the table's rows was not withdrawn."""
    cursor.execute(f"SELECT EXISTS {settlements_sql(stage)}")
    some: bool = cursor.fetchone()[0]
    return some


def settlements_sql(stage: Stage) -> str:
    """Return a relation (ledger_id, kind, original, cells) of the table's settlements that were not withdrawn."""
    return (
        "(SELECT ledger_id, kind, original, cells FROM settlement WHERE withdrawn_at IS NULL"
        f" AND source = {literal(stage.source.name)} AND legacy_table = {literal(stage.legacy.name)})"
    )


def same_cells_sql(one: str, other: str) -> str:
    """Return SQL that says whether two objects of exact cells are one row; a NULL cell equals a missing column."""
    # An equality would let the planner hash the cells of every staged row.
    return f"jsonb_strip_nulls({one}) IS NOT DISTINCT FROM jsonb_strip_nulls({other})"


def match_settlements(cursor: CursorWrapper, stage: Stage, settlements: str) -> set[str]:
    """Gather the settlements that hold for the staged rows as they are; return their kinds."""
    cursor.execute(f"DROP TABLE IF EXISTS {MATCHED_SETTLEMENTS}")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE {MATCHED_SETTLEMENTS} ON COMMIT DROP AS
        SELECT p.* FROM {settlements} AS p
        JOIN {stage.name} AS s ON s.ledger_id = p.ledger_id AND {same_cells_sql("p.original", stage.all_cells_sql())}
        """
    )
    cursor.execute(f"SELECT DISTINCT kind FROM {MATCHED_SETTLEMENTS} WHERE kind IS NOT NULL")
    return {kind for (kind,) in cursor.fetchall()}


def fix_cells(cursor: CursorWrapper, stage: Stage) -> Stage:
    """Put people's fixes in place of cells; the surrogate keeps the row's own legacy key where a key is fixed."""
    cursor.execute(f"SELECT DISTINCT jsonb_object_keys(cells) FROM {MATCHED_SETTLEMENTS} WHERE kind = 'fix'")
    columns = frozenset(name for (name,) in cursor.fetchall())
    positions = {name: position for position, name in enumerate(stage.legacy.column_names) if name in columns}
    readings = ", ".join(
        f"c{position} = CASE WHEN p.cells ? {literal(name)} THEN p.cells ->> {literal(name)} ELSE s.c{position} END"
        for name, position in positions.items()
    )
    cursor.execute(f"ALTER TABLE {stage.name} ADD COLUMN original jsonb")
    cursor.execute(
        f"""
        UPDATE {stage.name} AS s SET original = p.original, surrogate = {stage.key_sql()}, {readings}
        FROM {MATCHED_SETTLEMENTS} AS p WHERE p.kind = 'fix' AND p.ledger_id = s.ledger_id
        """
    )
    return stage.with_fixed_columns(columns)
