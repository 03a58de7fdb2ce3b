"""Following a legacy row whose identity has changed since it was merged: the same row, under a new target key.

Its target row moves to the new key where nobody else claims either; else the row lets go of the old one, which stays
where people have changed it. Only tables whose identity is not their legacy key come here, and those in which a person
has fixed a key.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.row_locks import lock_target_rows
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql
from legacy_import.pipeline.stage.stage import Stage

REKEYED: Final = "rekeyed"


def rekey_rows(cursor: CursorWrapper, stage: Stage, edits: Edits) -> int:
    """Give moved rows their new target key, or take their claim to the old one away; return how many moved."""
    cursor.execute(f"DROP TABLE IF EXISTS {REKEYED}")
    if stage.declared_table.identity == (stage.declared_table.key,) and stage.declared_table.key not in stage.fixed:
        return 0
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE {REKEYED} ON COMMIT DROP AS
        SELECT k.id AS ledger_id, k.target_key AS old_key, s.target_key AS new_key, k.key, k.row_id, k.cells, k.encoded,
               EXISTS (SELECT FROM {table} AS t WHERE t.{key} = s.target_key)
               OR EXISTS (SELECT FROM ledger AS o WHERE o.target_key IN (s.target_key, k.target_key) AND o.id <> k.id)
                   AS contested
        FROM {stage.name} AS s
        JOIN ledger AS k ON k.id = s.ledger_id AND k.owns AND k.target_key <> s.target_key
        """
    )
    moved: int = cursor.rowcount
    if moved:
        lock_target_rows(cursor, stage.target, f"SELECT r.old_key FROM {REKEYED} AS r", for_delete=True)
        # The target first, then what refers to its key: the edits and the ledger.
        cursor.execute(
            f"UPDATE {table} AS t SET {key} = r.new_key, {_set_identity_columns_sql(stage, edits)} FROM {REKEYED} AS r"
            f" JOIN {decoded_rows_sql(stage)} AS n ON n.ledger_id = r.ledger_id"
            f" WHERE NOT r.contested AND t.{key} = r.old_key"
        )
        cursor.execute(
            f"UPDATE {edits.name} AS e SET target_key = r.new_key FROM {REKEYED} AS r"
            " WHERE NOT r.contested AND e.target_key = r.old_key"
        )
        cursor.execute(
            f"UPDATE ledger AS l SET target_key = CASE WHEN r.contested THEN l.target_key ELSE r.new_key END,"
            f" owns = NOT r.contested FROM {REKEYED} AS r WHERE l.id = r.ledger_id"
        )
    return moved


def _set_identity_columns_sql(stage: Stage, edits: Edits) -> str:
    """Return SQL that sets the columns behind the identity with the key, so that no two rows share them in between."""
    sets = []
    for column in stage.mapped_columns:
        if column.target and set(column.legacy_names) & set(stage.declared_table.identity):
            name = identifier(column.target)
            edited = (
                f"EXISTS (SELECT FROM {edits.name} AS e WHERE e.target_key = r.old_key"
                f" AND e.overlay ? {literal(column.target)})"
            )
            sets.append(f"{name} = CASE WHEN {edited} THEN t.{name} ELSE n.{identifier('v_' + column.target)} END")
    return ", ".join(sets)


def insert_edit_tombstones(cursor: CursorWrapper, stage: Stage, edits: Edits, *, run: str) -> None:
    """Give target rows that were left behind with edits a ledger row of their own, a tombstone: no edit is lost.

    It is what the moved row was before. A twin that is promoted takes over from it and meets the edits there.
    """
    if not edits.rows:
        return
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    # Its legacy key and the target key it had: no row that the file holds later has such a key.
    earlier = "r.key || chr(31) || r.old_key"
    cursor.execute(
        f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id, cells,
                                 encoded, base, run_id)
        SELECT md5({literal(stage.ledger_path())} || {earlier})::uuid, {literal(stage.source.name)},
               {literal(stage.legacy.name)}, {earlier}, 'gone', true, {literal(stage.target.name)}, r.old_key, r.row_id,
               r.cells, r.encoded, e.overlay, {literal(run)}::uuid
        FROM {REKEYED} AS r JOIN {edits.name} AS e ON e.target_key = r.old_key
        JOIN {table} AS t ON t.{key} = r.old_key AND NOT to_jsonb(t) @> e.overlay
        WHERE r.contested AND NOT EXISTS (SELECT FROM ledger AS h WHERE h.target_key = r.old_key AND h.owns)
        ON CONFLICT (id) DO UPDATE SET
            owns = true, row_id = excluded.row_id, cells = excluded.cells, encoded = excluded.encoded,
            base = excluded.base, run_id = excluded.run_id, brought = false
        """
    )


def delete_leftover_rows(cursor: CursorWrapper, stage: Stage) -> None:
    """Delete target rows that moved legacy rows left behind and that no ledger row refers to any more.

    A quarantined or absent twin only keeps the key it would have had: that is no reference to a row another brought.
    """
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    cursor.execute(
        f"DELETE FROM {table} AS t USING {REKEYED} AS r WHERE t.{key} = r.old_key"
        " AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.target_key = r.old_key"
        " AND (l.owns OR l.state IN ('live', 'merged', 'deleted')))"
    )
