"""Edits: what people changed here since the import last wrote a row, and the base of the three-way merge.

A three-way merge compares the base (a target row as the last import left it), the staged row (what the source says now)
and the target row (what is here now). This module makes the base: the change log's first old value of every column
edited since, over what earlier imports met and kept in the ledger's `base`. That a person's edit wins is decided with
it in merge/merge.py (`StageMerge.update_target_sql`).
"""

from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import TargetTable


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of one target table: a temporary table (target_key, overlay) and how many rows it has.

    `overlay` is a JSON object: the edited columns, each with the value that the import had left there.
    """

    target: TargetTable
    name: str
    rows: int

    def merge_base_sql(self) -> str:
        """Return a relation with the target's columns: its rows as the last import left them."""
        table, key = identifier(self.target.name), identifier(self.target.key)
        if not self.rows:
            return table
        # Two halves, so that rows nobody edited (nearly all) are not taken through jsonb_populate_record.
        return f"""(
            SELECT t.* FROM {table} AS t WHERE NOT EXISTS (SELECT FROM {self.name} AS e WHERE e.target_key = t.{key})
            UNION ALL
            SELECT r.* FROM {table} AS t JOIN {self.name} AS e ON e.target_key = t.{key}
            CROSS JOIN LATERAL jsonb_populate_record(t, e.overlay) AS r
        )"""

    def overlay_sql(self, ledger: str) -> str:
        """Return SQL for a ledger row's base with all edits so far; `ledger` is the row's alias."""
        if not self.rows:
            return f"{ledger}.base"
        return (
            f"CASE WHEN {ledger}.owns THEN coalesce((SELECT e.overlay FROM {self.name} AS e"
            f" WHERE e.target_key = {ledger}.target_key), {ledger}.base) ELSE {ledger}.base END"
        )


def gather_edits(cursor: CursorWrapper, target: TargetTable) -> Edits:
    """Gather each owned row's edits: the first old value of every column changed here since the import wrote it.

    An edit is a change-log entry without an import run, newer than the change mark of the run that wrote the row.
    """
    name = f"edits_{target.name}"
    table = literal(target.name)
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    # DISTINCT ON takes the oldest entry of each column: its old value is what the import had left.
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
        WITH since AS (
            SELECT DISTINCT ON (c.row_key, o.key) c.row_key, o.key, o.value
            FROM change_log AS c
            JOIN ledger AS l ON l.target_key = c.row_key AND l.owns
            JOIN import_run AS r ON r.id = l.run_id
            CROSS JOIN LATERAL jsonb_each(c.old) AS o
            WHERE c.table_name = {table} AND c.import_run IS NULL AND c.old IS NOT NULL AND c.id > r.change_mark
            ORDER BY c.row_key, o.key, c.id
        ), fresh AS (
            SELECT row_key AS target_key, jsonb_object_agg(key, value) AS overlay FROM since GROUP BY row_key
        ), known AS (
            SELECT target_key, base FROM ledger WHERE owns AND target_table = {table} AND base IS NOT NULL
        )
        SELECT target_key, coalesce(fresh.overlay, '{{}}') || coalesce(known.base, '{{}}') AS overlay
        FROM fresh FULL JOIN known USING (target_key)
        """
    )
    cursor.execute(f"CREATE UNIQUE INDEX ON {name} (target_key)")
    cursor.execute(f"ANALYZE {name}")
    cursor.execute(f"SELECT count(*) FROM {name}")
    return Edits(target=target, name=name, rows=cursor.fetchone()[0])


def unseen_by_sql(snapshot: str) -> str:
    """Return SQL for the change-log entries `c` of transactions that a snapshot, an SQL parameter, did not see.

    Numbers of transactions are a server's own. The log of a restored dump may name some that this server has yet to
    give out, or gives out just now: the former are left out.
    """
    return (
        f"c.transaction_id >= pg_snapshot_xmin({snapshot}::pg_snapshot)::text::bigint"
        " AND c.transaction_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        f" AND NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, {snapshot}::pg_snapshot)"
    )


def read_change_position(cursor: CursorWrapper) -> dict[str, Any]:
    """Return where the change log is now, as fields of a run: its newest entry, and the transactions that are seen.

    Entries are numbered when they are written and seen when they are committed: of those up to the newest one, some
    may be committed later. Of rows that a run writes, all later changes have later numbers.
    """
    cursor.execute("SELECT coalesce(max(id), 0), pg_current_snapshot()::text FROM change_log")
    mark, snapshot = cursor.fetchone()
    return {"change_mark": mark, "change_snapshot": snapshot}
