"""Telling a person where two sides say different things of one field.

What lives here: writing divergences, between an edit here and its source, and between two sources of one row. A row is
written only where it changes, and a person's choice holds as long as both sides say what they said.
What does not: deciding which side is kept (verdict, land), and a person's choosing (operations.choosing_values).
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source, Table
from legacy_import.pipeline.classify import VERDICTS
from legacy_import.pipeline.edits import Edits, find_edits
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import typed_sql
from legacy_import.pipeline.stage.restage import restage
from legacy_import.pipeline.stage.schema_drift import stored_schema
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.sources import source_named

_COLUMNS: Final = 'id, kind, ledger_id, source, legacy_table, key, target_table, target_key, "column", kept, other'
_CHOICE: Final = "detected_at, choice, chosen_by, chosen_at, replaced"

_UNDECIDED: Final = (
    "detected_at = statement_timestamp(), choice = '', chosen_by = '', chosen_at = NULL, replaced = NULL"
)
"""What a divergence goes back to when one of its sides says something else."""

_UPSERT: Final = f"""
    ON CONFLICT (id) DO UPDATE SET
        kind = excluded.kind, target_table = excluded.target_table, target_key = excluded.target_key,
        kept = excluded.kept, other = excluded.other, {_UNDECIDED}
    WHERE (d.kind, d.target_table, d.target_key, d.kept, d.other)
        IS DISTINCT FROM (excluded.kind, excluded.target_table, excluded.target_key, excluded.kept, excluded.other)
"""


def note_edits(cursor: CursorWrapper, stage: Stage, edits: Edits) -> None:
    """Record the columns whose legacy cell changed after they had been changed here; drop what has come to agree.

    Runs before the target rows are updated.
    """
    cursor.execute(
        f"UPDATE divergence AS d SET target_key = v.target_key FROM {VERDICTS} AS v"
        " WHERE v.outcome = 'update' AND d.ledger_id = v.ledger_id AND d.target_key <> v.target_key"
    )
    if _tells_of_edits(cursor, stage):
        cursor.execute(
            f"""
            DELETE FROM divergence AS d USING ({_changed_cells(stage, edits)}) AS c
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
            FROM ({_changed_cells(stage, edits)}) AS c
            WHERE kept IS DISTINCT FROM base AND kept IS DISTINCT FROM new {_UPSERT}
            """
        )


def _tells_of_edits(cursor: CursorWrapper, stage: Stage) -> bool:
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM divergence WHERE kind = 'edit' AND target_table = {literal(stage.target.name)})"
    )
    tells: bool = cursor.fetchone()[0]
    return tells


def _changed_cells(stage: Stage, edits: Edits) -> str:
    """Return a query of the cells that say something else than at the last import, beside what stands here."""
    rows = ", ".join(
        f"({literal(name)}, {_new(name)}, {_json('b', name)}, {_json('t', name)})" for name in stage.compared_columns
    )
    key = identifier(stage.target.key)
    return f"""
        SELECT n.ledger_id, n.key, n.target_key, c.name, c.new, c.base, c.kept
        FROM {typed_sql(stage)} AS n
        JOIN {VERDICTS} AS v ON v.ledger_id = n.ledger_id AND v.outcome IN ('update', 'take_over')
        JOIN {edits.base_sql()} AS b ON b.{key} = n.target_key
        JOIN {identifier(stage.target.name)} AS t ON t.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {rows}) AS c(name, new, base, kept)
        WHERE c.new IS DISTINCT FROM c.base
    """


def follow_edits(cursor: CursorWrapper, stage: Stage) -> None:
    """Bring what is told of edits up to date with what people have done here since; runs after the update.

    What they made agree is dropped, as is what is told of rows deleted here; what they changed otherwise is asked anew.
    """
    forget(cursor, f"SELECT ledger_id FROM {VERDICTS} WHERE outcome = 'deleted'")
    if not _tells_of_edits(cursor, stage):
        return
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    told = f"""
        (SELECT d.id, nullif(to_jsonb(t) -> d."column", 'null') AS value
         FROM divergence AS d JOIN {table} AS t ON t.{key} = d.target_key
         WHERE d.kind = 'edit' AND d.target_table = {literal(stage.target.name)}) AS here
    """
    cursor.execute(
        f"DELETE FROM divergence AS d USING {told} WHERE here.id = d.id AND d.choice <> 'other'"
        " AND here.value IS NOT DISTINCT FROM nullif(d.other, 'null')"
    )
    cursor.execute(
        f"UPDATE divergence AS d SET kept = here.value, {_UNDECIDED} FROM {told} WHERE here.id = d.id"
        " AND here.value IS DISTINCT FROM nullif(CASE d.choice WHEN 'other' THEN d.other ELSE d.kept END, 'null')"
    )


def hand_over(cursor: CursorWrapper, stage: Stage) -> None:
    """Give what is told of the edits of rows taken over to the new owner where it says the same; drop the rest."""
    forget_merged(cursor, f"SELECT ledger_id FROM {VERDICTS} WHERE outcome = 'take_over'")
    if _tells_of_edits(cursor, stage):
        rows = ", ".join(f"({literal(name)}, {_new(name)})" for name in stage.compared_columns)
        cursor.execute(
            f"""
            INSERT INTO divergence ({_COLUMNS}, {_CHOICE})
            SELECT md5(n.ledger_id || '/' || c.name)::uuid, 'edit', n.ledger_id, {literal(stage.source.name)},
                   {literal(stage.legacy.name)}, n.key, d.target_table, d.target_key, d."column", d.kept, d.other,
                   {_CHOICE}
            FROM {VERDICTS} AS v
            JOIN divergence AS d ON d.ledger_id = v.holder AND d.kind = 'edit'
            JOIN {typed_sql(stage)} AS n ON n.ledger_id = v.ledger_id
            JOIN LATERAL (VALUES {rows}) AS c(name, new) ON c.name = d."column" AND c.new IS NOT DISTINCT FROM d.other
            WHERE v.outcome = 'take_over'
            ON CONFLICT (id) DO NOTHING
            """
        )
    forget(cursor, f"SELECT holder FROM {VERDICTS} WHERE outcome = 'take_over'")


def compare_twins(cursor: CursorWrapper) -> None:
    """Compare each merged row of the targets just written with the owner's legacy row, and record what differs."""
    cursor.execute(
        f"SELECT DISTINCT l.source, l.legacy_table FROM {VERDICTS} AS v JOIN ledger AS l ON l.target_key = v.target_key"
        " WHERE NOT l.owns AND l.state = 'merged' AND v.outcome <> 'moved'"
    )
    for source_name, table_name in cursor.fetchall():
        source = source_named(source_name)
        table = source.table(table_name)
        touched = f"l.target_key IN (SELECT v.target_key FROM {VERDICTS} AS v WHERE v.outcome <> 'moved')"
        if table:
            compare_merged(cursor, source, table, where=touched)


def compare_merged(cursor: CursorWrapper, source: Source, table: Table, *, where: str) -> None:
    """Compare the table's merged rows `l` that `where` selects with their owners' legacy rows."""
    schema = stored_schema(cursor.db.alias, source.name)
    legacy = schema.table(table.name) if schema else None
    if legacy is None:
        return
    twins = restage(cursor, source, legacy, name="twins", where=where)
    _note_twins(cursor, twins, find_edits(cursor, twins.target))


def _note_twins(cursor: CursorWrapper, twins: Stage, edits: Edits) -> None:
    rows = ", ".join(f"({literal(name)}, {_new(name)}, {_json('b', name)})" for name in twins.compared_columns)
    key = identifier(twins.target.key)
    cursor.execute("DROP TABLE IF EXISTS twins_say")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE twins_say ON COMMIT DROP AS
        SELECT md5(n.ledger_id || '/' || c.name)::uuid AS id, n.ledger_id, n.key, n.target_key, c.name, c.base, c.other
        FROM {typed_sql(twins)} AS n
        JOIN {edits.base_sql()} AS b ON b.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {rows}) AS c(name, other, base)
        WHERE c.other IS DISTINCT FROM c.base
        """
    )
    cursor.execute("ANALYZE twins_say")
    # A row that owned its target before may have been told of as edited: it speaks for itself no more.
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


def forget(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Drop the divergences of ledger rows that have nothing left to disagree with; `ledger_ids` is a subquery."""
    cursor.execute(f"DELETE FROM divergence WHERE ledger_id IN ({ledger_ids})")


def forget_merged(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Drop what was told of rows while they were merged into another's; they own their target now."""
    cursor.execute(f"DELETE FROM divergence WHERE kind = 'source' AND ledger_id IN ({ledger_ids})")


def _new(name: str) -> str:
    return f"to_jsonb(n.{identifier('v_' + name)})"


def _json(alias: str, name: str) -> str:
    return f"to_jsonb({alias}.{identifier(name)})"
