"""Recording divergences: fields on which an edit made here and its source differ, or two sources of one row.

A divergence is upserted only where one of its sides changes, so a person's choice holds as long as both say what they
said. Which side is kept is decided by the merge (the edit wins; of two sources the one with precedence); choosing the
other one is legacy_import.services.choosing_values.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source, Table
from legacy_import.pipeline.classify import CLASSIFICATION
from legacy_import.pipeline.edits import Edits, gather_edits
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql, has_stand_in_sql
from legacy_import.pipeline.stage.restage import restage_merged_rows
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.sources import source_named

_COLUMNS: Final = 'id, kind, ledger_id, source, legacy_table, key, target_table, target_key, "column", kept, other'
_CHOICE: Final = "detected_at, choice, chosen_by, chosen_at, replaced"

_UNDECIDED: Final = (
    "detected_at = statement_timestamp(), choice = '', chosen_by = '', chosen_at = NULL, replaced = NULL"
)
"""The columns of a choice, emptied: set when one of the sides changes."""

_UPSERT: Final = f"""
    ON CONFLICT (id) DO UPDATE SET
        kind = excluded.kind, target_table = excluded.target_table, target_key = excluded.target_key,
        kept = excluded.kept, other = excluded.other, {_UNDECIDED}
    WHERE (d.kind, d.target_table, d.target_key, d.kept, d.other)
        IS DISTINCT FROM (excluded.kind, excluded.target_table, excluded.target_key, excluded.kept, excluded.other)
"""


def record_edit_divergences(cursor: CursorWrapper, stage: Stage, edits: Edits) -> None:
    """Record the columns whose legacy cell changed after they had been edited here; delete those that agree by now.

    Runs before the target rows are updated: then `t` is still what a person left, and `b` what the import had left.
    """
    cursor.execute(
        f"UPDATE divergence AS d SET target_key = cl.target_key FROM {CLASSIFICATION} AS cl"
        " WHERE cl.outcome = 'update' AND d.ledger_id = cl.ledger_id AND d.target_key <> cl.target_key"
    )
    if not stage.compared_columns:
        return
    if _has_edit_divergences(cursor, stage):
        cursor.execute(
            f"""
            DELETE FROM divergence AS d USING ({_changed_cells_sql(stage, edits)}) AS c
            WHERE d.kind = 'edit' AND d.ledger_id = c.ledger_id AND d."column" = c.name
              AND (c.kept IS NOT DISTINCT FROM c.base OR c.kept IS NOT DISTINCT FROM c.new)
            """
        )
    if edits.rows:
        cursor.execute(
            f"""
            INSERT INTO divergence AS d ({_COLUMNS})
            SELECT md5(ledger_id || '/' || name)::uuid, 'edit', ledger_id, {literal(stage.source.name)},
                   {literal(stage.legacy.name)}, key, {literal(stage.target.name)}, target_key, name, kept, new
            FROM ({_changed_cells_sql(stage, edits)}) AS c
            WHERE kept IS DISTINCT FROM base AND kept IS DISTINCT FROM new {_UPSERT}
            """
        )


def _has_edit_divergences(cursor: CursorWrapper, stage: Stage) -> bool:
    """Say whether the target has any: nearly always not, and then the queries over all changed rows are spared."""
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM divergence WHERE kind = 'edit' AND target_table = {literal(stage.target.name)})"
    )
    some: bool = cursor.fetchone()[0]
    return some


def _changed_cells_sql(stage: Stage, edits: Edits) -> str:
    """Return a query of the fields whose staged value differs from the merge base, with the target's value (kept)."""
    rows = ", ".join(
        f"({literal(name)}, {_staged_json_sql(name)}, {_column_json_sql('b', name)}, {_column_json_sql('t', name)})"
        for name in stage.compared_columns
    )
    key = identifier(stage.target.key)
    return f"""
        SELECT n.ledger_id, n.key, n.target_key, c.name, c.new, c.base, c.kept
        FROM {decoded_rows_sql(stage)} AS n
        JOIN {CLASSIFICATION} AS cl ON cl.ledger_id = n.ledger_id AND cl.outcome IN ('update', 'take_over')
        JOIN {edits.merge_base_sql()} AS b ON b.{key} = n.target_key
        JOIN {identifier(stage.target.name)} AS t ON t.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {rows}) AS c(name, new, base, kept)
        WHERE c.new IS DISTINCT FROM c.base
    """


def refresh_edit_divergences(cursor: CursorWrapper, stage: Stage) -> None:
    """Bring edit divergences up to date with what people have done here since; runs after the update.

    Those that agree by now are deleted, as are those of rows deleted here; where the value here changed otherwise, the
    choice is emptied.
    """
    delete_divergences(cursor, f"SELECT ledger_id FROM {CLASSIFICATION} WHERE outcome = 'deleted'")
    if not _has_edit_divergences(cursor, stage):
        return
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    here = f"""
        (SELECT d.id, nullif(to_jsonb(t) -> d."column", 'null') AS value
         FROM divergence AS d JOIN {table} AS t ON t.{key} = d.target_key
         WHERE d.kind = 'edit' AND d.target_table = {literal(stage.target.name)}) AS here
    """
    cursor.execute(
        f"DELETE FROM divergence AS d USING {here} WHERE here.id = d.id AND d.choice <> 'other'"
        " AND here.value IS NOT DISTINCT FROM nullif(d.other, 'null')"
    )
    cursor.execute(
        f"UPDATE divergence AS d SET kept = here.value, {_UNDECIDED} FROM {here} WHERE here.id = d.id"
        " AND here.value IS DISTINCT FROM nullif(CASE d.choice WHEN 'other' THEN d.other ELSE d.kept END, 'null')"
    )


def transfer_edit_divergences(cursor: CursorWrapper, stage: Stage) -> None:
    """Give edit divergences of rows taken over to the new owner where it says the same; delete the others."""
    delete_source_divergences(cursor, f"SELECT ledger_id FROM {CLASSIFICATION} WHERE outcome = 'take_over'")
    if stage.compared_columns and _has_edit_divergences(cursor, stage):
        rows = ", ".join(f"({literal(name)}, {_staged_json_sql(name)})" for name in stage.compared_columns)
        cursor.execute(
            f"""
            INSERT INTO divergence ({_COLUMNS}, {_CHOICE})
            SELECT md5(n.ledger_id || '/' || c.name)::uuid, 'edit', n.ledger_id, {literal(stage.source.name)},
                   {literal(stage.legacy.name)}, n.key, d.target_table, d.target_key, d."column", d.kept, d.other,
                   {_CHOICE}
            FROM {CLASSIFICATION} AS cl
            JOIN divergence AS d ON d.ledger_id = cl.holder AND d.kind = 'edit'
            JOIN {decoded_rows_sql(stage)} AS n ON n.ledger_id = cl.ledger_id
            JOIN LATERAL (VALUES {rows}) AS c(name, new) ON c.name = d."column" AND c.new IS NOT DISTINCT FROM d.other
            WHERE cl.outcome = 'take_over'
            ON CONFLICT (id) DO NOTHING
            """
        )
    delete_divergences(cursor, f"SELECT holder FROM {CLASSIFICATION} WHERE outcome = 'take_over'")


def record_source_divergences(cursor: CursorWrapper) -> None:
    """Record divergences between the merged rows of the targets just written and the rows that own these targets."""
    cursor.execute(
        f"SELECT DISTINCT l.source, l.legacy_table FROM {CLASSIFICATION} AS cl"
        " JOIN ledger AS l ON l.target_key = cl.target_key"
        " WHERE NOT l.owns AND l.state = 'merged' AND cl.outcome <> 'moved'"
    )
    for source_name, table_name in cursor.fetchall():
        source = source_named(source_name)
        table = source.find_table(table_name)
        touched = f"l.target_key IN (SELECT cl.target_key FROM {CLASSIFICATION} AS cl WHERE cl.outcome <> 'moved')"
        if table:
            record_table_divergences(cursor, source, table, where=touched)


def record_table_divergences(cursor: CursorWrapper, source: Source, table: Table, *, where: str) -> None:
    """Compare the table's merged rows `l` that `where` selects with their owners' legacy rows."""
    schema = read_stored_schema(cursor.db.alias, source.name)
    legacy = schema.find_table(table.name) if schema else None
    if legacy is None:
        return
    twins = restage_merged_rows(cursor, source, legacy, name="twins", where=where)
    edits = gather_edits(cursor, twins.target)
    key = identifier(twins.target.key)
    cursor.execute("DROP TABLE IF EXISTS twins_say")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE twins_say ON COMMIT DROP AS
        SELECT md5(n.ledger_id || '/' || c.name)::uuid AS id, n.ledger_id, n.key, n.target_key, c.name, c.base, c.other
        FROM {decoded_rows_sql(twins)} AS n
        JOIN {edits.merge_base_sql()} AS b ON b.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {_merged_values_sql(twins)}) AS c(name, other, base, is_stand_in)
        WHERE c.other IS DISTINCT FROM c.base AND NOT c.is_stand_in
        """
    )
    cursor.execute("ANALYZE twins_say")
    # Also edit divergences, where a row owned its target before: a merged row has no edits of its own.
    cursor.execute(
        f"DELETE FROM divergence AS d USING {twins.name} AS s WHERE d.ledger_id = s.ledger_id"
        " AND NOT EXISTS (SELECT FROM twins_say AS said WHERE said.id = d.id)"
    )
    cursor.execute(
        f"""
        INSERT INTO divergence AS d ({_COLUMNS})
        SELECT id, 'source', ledger_id, {literal(twins.source.name)}, {literal(twins.legacy.name)}, key,
               {literal(twins.target.name)}, target_key, name, base, other
        FROM twins_say {_UPSERT}
        """
    )


def _merged_values_sql(twins: Stage) -> str:
    """Return SQL rows: a column's name, the twin's value, the owner's, and whether the twin's is only a stand-in."""
    columns = {column.target: column for column in twins.mapped_columns}
    rows = [
        f"({literal(name)}, {_staged_json_sql(name)}, {_column_json_sql('b', name)},"
        f" {has_stand_in_sql(twins, columns[name], 'n')})"
        for name in twins.compared_columns
    ]
    return ", ".join(rows) or "(NULL::text, NULL::jsonb, NULL::jsonb, false)"


def delete_divergences(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Delete the divergences of ledger rows that are compared with nothing any more; `ledger_ids` is a subquery."""
    cursor.execute(f"DELETE FROM divergence WHERE ledger_id IN ({ledger_ids})")


def delete_source_divergences(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Delete the source divergences of rows that were merged into another's and own their target now."""
    cursor.execute(f"DELETE FROM divergence WHERE kind = 'source' AND ledger_id IN ({ledger_ids})")


def _staged_json_sql(name: str) -> str:
    return f"to_jsonb(n.{identifier('v_' + name)})"


def _column_json_sql(alias: str, name: str) -> str:
    return f"to_jsonb({alias}.{identifier(name)})"
