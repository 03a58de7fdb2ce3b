"""Archiving rows that have no target, or that a person accepted so: all cells exactly, in the ledger, as `archived`."""

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.quoting import literal, literal_list
from legacy_import.pipeline.stage.stage import Stage

_SAME = "(l.state, l.cells) IS NOT DISTINCT FROM ('archived', {cells})"


def archive_rows(cursor: CursorWrapper, stage: Stage, *, run: str, where: str = "true", base: str = "l.base") -> int:
    """Upsert the stage's rows `s` that `where` selects as archived; return how many were new or had changed.

    `base` is SQL for what a ledger row `l` has to remember of its target, where it left one behind.
    """
    cells = stage.all_cells_sql()
    same = _SAME.format(cells=cells)
    # Counted before, for the upsert leaves unchanged rows alone but rows that only moved in their file not.
    cursor.execute(
        f"SELECT count(*) FROM {stage.name} AS s LEFT JOIN ledger AS l ON l.id = s.ledger_id"
        f" WHERE (l.id IS NULL OR NOT ({same})) AND {where}"
    )
    changed: int = cursor.fetchone()[0]
    names = literal_list((stage.source.name, stage.legacy.name))
    cursor.execute(
        f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, row_id, cells, run_id)
        SELECT s.ledger_id, {names}, {stage.key_sql()}, 'archived', false, s.row_id, {cells}, {literal(run)}::uuid
        FROM {stage.name} AS s WHERE {where}
        ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, row_id = excluded.row_id, cells = excluded.cells, encoded = NULL,
            base = {base}, reasons = NULL, run_id = excluded.run_id, brought = false
        WHERE (l.state, l.row_id, l.cells) IS DISTINCT FROM (excluded.state, excluded.row_id, excluded.cells)
        """
    )
    return changed
