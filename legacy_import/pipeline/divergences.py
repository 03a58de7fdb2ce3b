"""Telling a person where two sides say different things of one field.

What lives here: writing divergences, between an edit here and its source, and between two sources of one row.
What does not: deciding which side is kept (verdict, land).
"""

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source, Table
from legacy_import.pipeline.edits import Edits, find_edits
from legacy_import.pipeline.names import identifier, literal
from legacy_import.pipeline.restage import restage
from legacy_import.pipeline.shape import stored_schema
from legacy_import.pipeline.stage import Stage
from legacy_import.pipeline.typed import target_columns, typed_sql
from legacy_import.pipeline.verdict import VERDICTS
from legacy_import.sources import source_named

_COLUMNS = '(id, kind, ledger_id, source, legacy_table, key, target_table, target_key, "column", kept, other)'


def note_edits(cursor: CursorWrapper, stage: Stage, edits: Edits) -> None:
    """Record the columns whose legacy cell changed after they had been changed here; drop what has come to agree."""
    if not edits.rows:
        return
    columns = _told_columns(stage)
    rows = ", ".join(f"({literal(name)}, {_new(name)}, {_json('b', name)}, {_json('t', name)})" for name in columns)
    key = identifier(stage.target.key)
    compared = f"""
        SELECT n.ledger_id, n.key, n.target_key, c.name, c.new, c.base, c.kept
        FROM {typed_sql(stage)} AS n
        JOIN {VERDICTS} AS v ON v.ledger_id = n.ledger_id AND v.outcome IN ('update', 'take_over')
        JOIN {edits.base_sql()} AS b ON b.{key} = n.target_key
        JOIN {identifier(stage.target.name)} AS t ON t.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {rows}) AS c(name, new, base, kept)
        WHERE c.kept IS DISTINCT FROM c.base
    """
    cursor.execute(
        f"""
        DELETE FROM divergence AS d USING ({compared}) AS c
        WHERE d.kind = 'edit' AND d.ledger_id = c.ledger_id AND d."column" = c.name
          AND c.new IS NOT DISTINCT FROM c.kept
        """
    )
    cursor.execute(
        f"""
        INSERT INTO divergence {_COLUMNS}
        SELECT md5(ledger_id || '/' || name)::uuid, 'edit', ledger_id, {literal(stage.source.name)},
               {literal(stage.legacy.name)}, key, {literal(stage.target.name)}, target_key, name, kept, new
        FROM ({compared}) AS c WHERE new IS DISTINCT FROM base AND new IS DISTINCT FROM kept
        ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, kept = excluded.kept, other = excluded.other
        """
    )


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
    columns = _told_columns(twins)
    rows = ", ".join(f"({literal(name)}, {_new(name)}, {_json('b', name)})" for name in columns)
    key = identifier(twins.target.key)
    cursor.execute(
        f"DELETE FROM divergence AS d USING {twins.name} AS s WHERE d.kind = 'source' AND d.ledger_id = s.ledger_id"
    )
    cursor.execute(
        f"""
        INSERT INTO divergence {_COLUMNS}
        SELECT md5(n.ledger_id || '/' || c.name)::uuid, 'source', n.ledger_id, {literal(twins.source.name)},
               {literal(twins.legacy.name)}, n.key, {literal(twins.target.name)}, n.target_key, c.name, c.base, c.other
        FROM {typed_sql(twins)} AS n
        JOIN {edits.base_sql()} AS b ON b.{key} = n.target_key
        CROSS JOIN LATERAL (VALUES {rows}) AS c(name, other, base)
        WHERE c.other IS DISTINCT FROM c.base
        ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, kept = excluded.kept, other = excluded.other
        """
    )


def forget(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Drop the divergences of ledger rows that have nothing left to disagree with; `ledger_ids` is a subquery."""
    cursor.execute(f"DELETE FROM divergence WHERE ledger_id IN ({ledger_ids})")


def forget_merged(cursor: CursorWrapper, ledger_ids: str) -> None:
    """Drop what was told of rows while they were merged into another's; they own their target now."""
    cursor.execute(f"DELETE FROM divergence WHERE kind = 'source' AND ledger_id IN ({ledger_ids})")


def _told_columns(stage: Stage) -> list[str]:
    """Return the target columns that a legacy row itself speaks of: constants only name its file."""
    return [name for name in target_columns(stage) if name not in stage.mapping.constants]


def _new(name: str) -> str:
    return f"to_jsonb(n.{identifier('v_' + name)})"


def _json(alias: str, name: str) -> str:
    return f"to_jsonb({alias}.{identifier(name)})"
