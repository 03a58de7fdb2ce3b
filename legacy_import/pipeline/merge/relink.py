"""Making the order of imports irrelevant: references find parents that came later, twins step in for owners that left.

What lives here: the last step of an import. What does not: the steps it runs again for those rows (verdict, land).
"""

from collections.abc import Iterator
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Column, Source, Table
from legacy_import.pipeline.classify import classify_rows
from legacy_import.pipeline.divergence.divergences import compare_merged_rows
from legacy_import.pipeline.edits import Edits, find_edits
from legacy_import.pipeline.merge.merge import StageMerge, merge_rows
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import parent_rows_sql
from legacy_import.pipeline.stage.restage import restage_merged_rows
from legacy_import.pipeline.stage.schema_drift import read_stored_table
from legacy_import.pipeline.stage.stage import target_key_sql
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import sources_of_database

_OWNERLESS: Final = (
    "NOT EXISTS (SELECT FROM ledger AS h WHERE h.target_key = l.target_key AND h.owns"
    " AND h.state NOT IN ('gone', 'quarantined', 'archived'))"
)
"""A ledger row `l` whose target nobody owns, or one who has left its file or can no longer be read."""


def relink_orphans(cursor: CursorWrapper, *, parents: set[str], run: str) -> None:
    """Point rows that landed as orphans to the parents that this run brought, and compare their twins anew."""
    cursor.execute("DROP TABLE IF EXISTS relinked")
    cursor.execute("CREATE TEMPORARY TABLE relinked (target_key uuid) ON COMMIT DROP")
    references = list(_references_to(cursor.db.alias, parents))
    for source, table, column in references:
        edits = find_edits(cursor, target_table_of(table.model))
        cursor.execute(_relink_sql(source, table, column, edits))
    for source, table, column in references:
        came = f"EXISTS ({_parent_came_sql(column, run)})"
        touched = f"(l.target_key IN (SELECT target_key FROM relinked) OR {came})"
        compare_merged_rows(cursor, source, table, where=touched)


def _parent_came_sql(column: Column, run: str) -> str:
    """Return a query that finds the parent of merged row `l` among the rows that this run wrote."""
    return (
        f"SELECT FROM {parent_rows_sql(column)} AS p JOIN ledger AS came ON came.target_key = p.parent_key"
        f" AND came.owns AND came.run_id = {literal(run)}::uuid WHERE {_parent_of_kept_cell(column)}"
    )


def _parent_of_kept_cell(column: Column) -> str:
    """Return SQL that says whether `p` is the parent that the kept cell of ledger row `l` names."""
    cell = f"(l.cells ->> {literal(column.legacy_names[0])})"
    reference = column.reference
    if reference is None:
        raise TypeError(f"{column.target} is no reference")
    if reference.text_column:
        return f"p.parent_text = legacy_text{cell}"
    return f"p.parent_key = {target_key_sql(reference.parent, [cell])}"


def promote_twins(cursor: CursorWrapper, *, run: str) -> set[str]:
    """Let a merged row step in where its target has no owner that can still speak for it; return the tables written."""
    cursor.execute(
        f"SELECT DISTINCT l.source, l.legacy_table FROM ledger AS l WHERE l.state = 'merged' AND {_OWNERLESS}"
    )
    waiting = set(cursor.fetchall())
    written = set()
    for source in sorted(sources_of_database(cursor.db.alias), key=lambda source: source.rank):
        for table in source.tables:
            if (source.name, table.name) in waiting:
                _promote_table(cursor, source, table, run=run)
                written.add(target_table_of(table.model).name)
    return written


def _promote_table(cursor: CursorWrapper, source: Source, table: Table, *, run: str) -> None:
    legacy = read_stored_table(cursor.db.alias, source.name, table.name)
    stage = restage_merged_rows(cursor, source, legacy, name="promoted", where=_OWNERLESS)
    edits = find_edits(cursor, stage.target)
    classification = classify_rows(cursor, stage, edits=edits, first_load=False)
    merge_rows(cursor, StageMerge(stage=stage, classification=classification, edits=edits, run=run), Progress())


def _references_to(alias: str, parents: set[str]) -> Iterator[tuple[Source, Table, Column]]:
    for source in sources_of_database(alias):
        for table in source.tables:
            for column in table.columns:
                if column.reference and column.reference.parent in parents:
                    yield source, table, column


def _relink_sql(source: Source, table: Table, column: Column, edits: Edits) -> str:
    target = target_table_of(table.model)
    kept = literal(column.legacy_names[0])
    unedited = (
        f"AND NOT EXISTS (SELECT FROM {edits.name} AS e WHERE e.target_key = l.target_key"
        f" AND e.overlay ? {literal(column.target)})"
        if edits.rows
        else ""
    )
    return f"""
        WITH found AS (
            SELECT l.id, l.target_key, p.parent_key
            FROM ledger AS l JOIN {parent_rows_sql(column)} AS p ON {_parent_of_kept_cell(column)}
            WHERE l.source = {literal(source.name)} AND l.legacy_table = {literal(table.name)} AND l.state = 'live'
              AND l.cells ? {kept} {unedited}
        ), linked AS (
            UPDATE {identifier(target.name)} AS t SET {identifier(column.target)} = found.parent_key
            FROM found WHERE t.{identifier(target.key)} = found.target_key AND t.{identifier(column.target)} IS NULL
            RETURNING found.id, found.target_key
        ), noted AS (
            INSERT INTO relinked SELECT target_key FROM linked
        )
        UPDATE ledger AS l SET cells = nullif(l.cells - {kept}, '{{}}'::jsonb)
        FROM linked WHERE l.id = linked.id
    """
