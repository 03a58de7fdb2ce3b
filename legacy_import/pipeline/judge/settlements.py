"""Settlements, what people decided about quarantined rows, applied to a stage before its rows are judged.

Rows accepted as archived leave the stage; cells that a person fixed are read from the fix. Which settlements hold is
found by stage/fixes.py.
"""

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.archive import archive_rows
from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.stage.fixes import (
    MATCHED_SETTLEMENTS,
    fix_cells,
    has_settlements,
    match_settlements,
    settlements_sql,
)
from legacy_import.pipeline.stage.stage import Stage


def apply_settlements(
    cursor: CursorWrapper, stage: Stage, *, run: str, edits: Edits, settlements: str | None = None
) -> tuple[Stage, int]:
    """Archive the rows accepted as such; return the stage with the other ones fixed, and how many were newly archived.

    `settlements` is a relation (ledger_id, kind, original, cells); None means those that hold for the table.
    """
    if settlements is None and not has_settlements(cursor, stage):
        return stage, 0
    kinds = match_settlements(cursor, stage, settlements or settlements_sql(stage))
    archived = 0
    if "archive" in kinds:
        accepted = f"SELECT ledger_id FROM {MATCHED_SETTLEMENTS} WHERE kind = 'archive'"
        chosen = f"s.ledger_id IN ({accepted})"
        archived = archive_rows(cursor, stage, run=run, where=chosen, base=edits.overlay_sql("l"))
        divergences.delete_divergences(cursor, accepted)
        cursor.execute(f"DELETE FROM {stage.name} AS s WHERE {chosen}")
    return (fix_cells(cursor, stage) if "fix" in kinds else stage), archived
