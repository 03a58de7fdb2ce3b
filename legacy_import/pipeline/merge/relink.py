"""Relinking: references find parents that were imported later, twins step in for owners that left.

The last step of an import; it makes the order in which sources are imported irrelevant.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Column, Source, Table
from legacy_import.pipeline.classify import classify_rows
from legacy_import.pipeline.divergence.divergences import record_table_divergences
from legacy_import.pipeline.edits import Edits, gather_edits
from legacy_import.pipeline.merge.merge import StageMerge, merge_rows
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import parent_rows_sql
from legacy_import.pipeline.stage.restage import restage_merged_rows
from legacy_import.pipeline.stage.schema_drift import read_stored_table_schema
from legacy_import.pipeline.stage.stage import target_key_sql
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import sources_of_database

_OWNERLESS: Final = (
    "NOT EXISTS (SELECT FROM ledger AS h WHERE h.target_key = l.target_key AND h.owns"
    " AND h.state NOT IN ('gone', 'quarantined', 'archived'))"
)
"""True of a ledger row `l` whose target has no owner, or one that has left its file or cannot be read any more."""


def relink_orphans(cursor: CursorWrapper, *, parents: set[str], run: str) -> None:
    """Point rows that were merged as orphans to the parents that this run brought, and compare their twins anew."""
    cursor.execute("DROP TABLE IF EXISTS relinked")
    cursor.execute("CREATE TEMPORARY TABLE relinked (target_key uuid) ON COMMIT DROP")
    references = [
        (source, table, column)
        for source in sources_of_database(cursor.db.alias)
        for table in source.tables
        for column in table.columns
        if column.reference and column.reference.parent in parents
    ]
    for source, table, column in references:
        edits = gather_edits(cursor, target_table_of(table.model))
        cursor.execute(_relink_sql(source, table, column, edits))
    # Twins in a second round: a twin may be compared only when all references of its owner are linked.
    for source, table, column in references:
        parent_came = (
            f"EXISTS (SELECT FROM {parent_rows_sql(column)} AS p"
            " JOIN ledger AS came ON came.target_key = p.parent_key AND came.owns"
            f" AND came.run_id = {literal(run)}::uuid WHERE {_parent_match_sql(column)})"
        )
        touched = f"(l.target_key IN (SELECT target_key FROM relinked) OR {parent_came})"
        record_table_divergences(cursor, source, table, where=touched)


def promote_merged_rows(cursor: CursorWrapper, *, run: str) -> set[str]:
    """Let a merged row take over where its target has no owner that can be read; return the tables written to."""
    cursor.execute(
        f"SELECT DISTINCT l.source, l.legacy_table FROM ledger AS l WHERE l.state = 'merged' AND {_OWNERLESS}"
    )
    waiting = set(cursor.fetchall())
    written = set()
    # By precedence: the best of several twins becomes the owner, and the others merge into it.
    for source in sorted(sources_of_database(cursor.db.alias), key=lambda source: source.rank):
        for table in source.tables:
            if (source.name, table.name) in waiting:
                legacy = read_stored_table_schema(cursor.db.alias, source.name, table.name)
                stage = restage_merged_rows(cursor, source, legacy, name="promoted", where=_OWNERLESS)
                edits = gather_edits(cursor, stage.target)
                classification = classify_rows(cursor, stage, edits=edits, first_load=False)
                merge_rows(cursor, StageMerge(stage, classification, edits, run), Progress())
                written.add(stage.target.name)
    return written


def _relink_sql(source: Source, table: Table, column: Column, edits: Edits) -> str:
    """Return SQL that fills an orphan's reference, drops the residue that stood for it, and notes the row."""
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
            FROM ledger AS l JOIN {parent_rows_sql(column)} AS p ON {_parent_match_sql(column)}
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


def _parent_match_sql(column: Column) -> str:
    """Return SQL that says whether `p` is the parent that the kept cell of ledger row `l` names."""
    cell = f"(l.cells ->> {literal(column.legacy_names[0])})"
    reference = column.reference
    if reference is None:
        raise TypeError(f"{column.target} is no reference")
    if reference.text_column:
        return f"p.parent_text = legacy_text{cell}"
    return f"p.parent_key = {target_key_sql(reference.parent, [cell])}"
