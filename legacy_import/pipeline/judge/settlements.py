"""What people decided about quarantined rows, applied to a stage before its rows are judged.

What lives here: taking rows accepted as archived out of the stage, and the order of both. What does not: which
settlements hold, and readings put in place of cells (fixes); judging what comes of it (judge).
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
    """Archive the rows accepted as such, and return the stage with the other ones fixed, and how many were new there.

    `settlements` is a relation (ledger_id, kind, original, cells); None means those that hold for the table.
    """
    if settlements is None and not has_settlements(cursor, stage):
        return stage, 0
    kinds = match_settlements(cursor, stage, settlements or settlements_sql(stage))
    archived = _archive_accepted_rows(cursor, stage, run=run, edits=edits) if "archive" in kinds else 0
    return (fix_cells(cursor, stage) if "fix" in kinds else stage), archived


def _archive_accepted_rows(cursor: CursorWrapper, stage: Stage, *, run: str, edits: Edits) -> int:
    """Move the rows accepted as archived from the stage to the archive; return how many were not there before."""
    chosen = f"s.ledger_id IN (SELECT ledger_id FROM {MATCHED_SETTLEMENTS} WHERE kind = 'archive')"
    newly = archive_rows(cursor, stage, run=run, where=chosen, base=edits.overlay_sql("l"))
    divergences.delete_divergences(cursor, f"SELECT ledger_id FROM {MATCHED_SETTLEMENTS} WHERE kind = 'archive'")
    cursor.execute(f"DELETE FROM {stage.name} AS s WHERE {chosen}")
    return newly
