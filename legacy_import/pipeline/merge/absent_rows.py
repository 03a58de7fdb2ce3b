"""Rows that are absent from their legacy file since the last import: their ledger rows become tombstones, state `gone`.

The target row stays here, for a person may still need it; the rebuild leaves it out.
"""

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.quoting import literal, literal_list
from legacy_import.pipeline.stage.stage import Stage


def mark_absent_rows(cursor: CursorWrapper, stage: Stage, *, run: str, edits: Edits | None) -> int:
    """Mark the ledger rows of the staged table that the file no longer holds; return how many."""
    # The run that wrote a row says since when edits count, and changes here: what was edited before goes into the base.
    base = edits.overlay_sql("l") if edits else "l.base"
    table = f"l.legacy_table = {literal(stage.legacy.name)}"
    return _mark_ledger_rows(
        cursor, f"l.source = {literal(stage.source.name)} AND {table} AND {stage.lacks_sql()}", base=base, run=run
    )


def mark_absent_tables(cursor: CursorWrapper, *, source: str, present: tuple[str, ...], run: str) -> int:
    """Mark all ledger rows of tables that the file no longer holds; return how many."""
    listed = f"l.legacy_table NOT IN ({literal_list(present)})" if present else "true"
    return _mark_ledger_rows(cursor, f"l.source = {literal(source)} AND {listed}", base="l.base", run=run)


def _mark_ledger_rows(cursor: CursorWrapper, condition: str, *, base: str, run: str) -> int:
    # brought = false: this run inserted nothing here, so its undo must not delete the target row.
    cursor.execute(
        f"UPDATE ledger AS l SET state = 'gone', base = {base}, run_id = {literal(run)}::uuid, brought = false"
        f" WHERE {condition} AND l.state <> 'gone'"
    )
    count: int = cursor.rowcount
    if count:
        divergences.delete_divergences(
            cursor, f"SELECT id FROM ledger WHERE state = 'gone' AND run_id = {literal(run)}::uuid"
        )
    return count
