"""Comparing judged rows with the ledger and the target: what has to be done for each.

What lives here: the verdict table, one row for each staged row that needs work; rows without one are unchanged.
What does not: doing it (land).

Verdicts: insert · update (the row's own target) · take_over (from a source that has no claim, or a lower one) · merge
(into a row of higher precedence) · deleted (the target row was deleted here and stays so) · restored (it was, and
somebody has put it back: it stays as they left it) · moved (only SQLite's rowid differs).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.precedence import rank_sql
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_with_residue_sql
from legacy_import.pipeline.stage.stage import Stage

CLASSIFICATION: Final = "classification"


@dataclass(frozen=True, slots=True)
class Classification:
    """How many rows of a stage need what. `first_load` means: all of them insert, and no verdict table was made."""

    first_load: bool
    counts: Counter[str]

    def has_any(self, *outcomes: str) -> bool:
        """Say whether some row needs one of these."""
        return any(self.counts[outcome] for outcome in outcomes)

    def join_sql(self, outcomes: str) -> str:
        """Return SQL that narrows the typed relation `n` to the rows with these classification (SQL literals)."""
        if self.first_load:
            return ""
        return f"JOIN {CLASSIFICATION} AS cl ON cl.ledger_id = n.ledger_id AND cl.outcome IN ({outcomes})"


def is_first_load(cursor: CursorWrapper, stage: Stage) -> bool:
    """Say whether the ledger knows neither the legacy table nor an owned row of the target, and the target is empty."""
    cursor.execute(
        f"""
        SELECT NOT EXISTS (SELECT FROM ledger WHERE source = {literal(stage.source.name)}
                             AND legacy_table = {literal(stage.legacy.name)})
           AND NOT EXISTS (SELECT FROM ledger WHERE owns AND target_table = {literal(stage.target.name)})
           AND NOT EXISTS (SELECT FROM {identifier(stage.target.name)})
        """
    )
    first: bool = cursor.fetchone()[0]
    return first


def classify_rows(
    cursor: CursorWrapper, stage: Stage, *, edits: Edits, first_load: bool, moved: str = ""
) -> Classification:
    """Make the verdict table for the staged rows and count it; `moved` names a table of rows that count as changed."""
    if first_load:
        cursor.execute(f"SELECT count(*) FROM {stage.name}")
        return Classification(first_load=True, counts=Counter(insert=cursor.fetchone()[0]))
    cursor.execute(f"DROP TABLE IF EXISTS {CLASSIFICATION}")
    cursor.execute(_classification_sql(stage, edits, moved))
    cursor.execute(f"ANALYZE {CLASSIFICATION}")
    cursor.execute(f"SELECT outcome, count(*) FROM {CLASSIFICATION} GROUP BY outcome")
    return Classification(first_load=False, counts=Counter(dict(cursor.fetchall())))


def _classification_sql(stage: Stage, edits: Edits, moved: str) -> str:
    target = stage.target
    key = identifier(target.key)
    same_values = " AND ".join(
        f"n.{identifier('v_' + name)} IS NOT DISTINCT FROM b.{identifier(name)}" for name in stage.target_columns
    )
    unmoved = f"AND NOT EXISTS (SELECT FROM {moved} AS m WHERE m.ledger_id = n.ledger_id)" if moved else ""
    return f"""
        CREATE TEMPORARY TABLE {CLASSIFICATION} ON COMMIT DROP AS
        SELECT * FROM (
            SELECT n.ledger_id, n.target_key, n.row_id, h.id AS holder, CASE
                WHEN b.{key} IS NULL AND h.id IS NOT NULL THEN
                    CASE WHEN k.state = 'deleted' AND k.cells = {stage.all_cells_sql("n")} THEN {_row_moved_sql()}
                         ELSE 'deleted' END
                WHEN b.{key} IS NULL THEN 'insert'
                WHEN h.state = 'deleted' AND h.id = n.ledger_id THEN 'restored'
                WHEN h.id IS NULL OR h.id = n.ledger_id THEN
                    CASE WHEN k.state = 'live' AND k.owns AND {same_values}
                              AND n.residue_cells IS NOT DISTINCT FROM k.cells {unmoved}
                         THEN {_row_moved_sql()} ELSE 'update' END
                WHEN h.state IN ('live', 'deleted') AND {rank_sql("h.source")} < {stage.source.rank} THEN
                    CASE WHEN k.state = 'merged' AND k.cells = {stage.all_cells_sql("n")} THEN {_row_moved_sql()}
                         ELSE 'merge' END
                ELSE 'take_over'
            END AS outcome
            FROM {decoded_rows_with_residue_sql(stage)} AS n
            LEFT JOIN ledger AS k ON k.id = n.ledger_id
            LEFT JOIN ledger AS h ON h.target_key = n.target_key AND h.owns
            LEFT JOIN {edits.merge_base_sql()} AS b ON b.{key} = n.target_key
        ) AS judged
        WHERE outcome IS NOT NULL
    """


def _row_moved_sql() -> str:
    return "CASE WHEN k.row_id IS DISTINCT FROM n.row_id THEN 'moved' END"
