"""Classifying staged rows: compare each with the ledger and its target, and decide what has to be done.

The temporary table `classification` gets one row for each staged row that needs work; rows without one are unchanged,
which is what makes importing a file again idempotent. merge/merge.py carries it out. Outcomes:

insert      a new target row
update      the row's own target, where a value, the residue or the owner differs
take_over   the target of a source of lower precedence, or of none
merge       into a target that a source of higher precedence owns (the ledger says `merged`)
deleted     the target row was deleted here and stays so: the ledger row is its tombstone
restored    it was, and somebody has put it back: it stays as they left it
moved       only SQLite's rowid differs
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
    """How many rows of a stage have which outcome.

    `first_load` says that all of them insert and that there is no table `classification`.
    """

    first_load: bool
    counts: Counter[str]

    def has_any(self, *outcomes: str) -> bool:
        """Say whether some row has one of these outcomes."""
        return any(self.counts[outcome] for outcome in outcomes)

    def join_sql(self, outcomes: str) -> str:
        """Return SQL that narrows the decoded relation `n` to the rows with these outcomes (SQL literals)."""
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
    """Classify the staged rows and count the outcomes; `moved` names a table of rows that count as changed."""
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
    # A file may have lost every column that fills one.
    same_values = " AND ".join(
        ["true"]
        + [f"n.{identifier('v_' + name)} IS NOT DISTINCT FROM b.{identifier(name)}" for name in stage.target_columns]
    )
    # A row that was rekeyed has its new key in the target already; it still has to be written into the ledger.
    unmoved = f"AND NOT EXISTS (SELECT FROM {moved} AS m WHERE m.ledger_id = n.ledger_id)" if moved else ""
    # n: the staged row, k: its own ledger row, h: the ledger row that owns its target, b: the target's merge base.
    # Compared is the base, not the target: a person's edit alone makes no row differ. NULL is "unchanged".
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
        ) AS classified
        WHERE outcome IS NOT NULL
    """


def _row_moved_sql() -> str:
    """Return SQL for the outcome of a row that says what it said: `moved`, or NULL where its rowid is the same."""
    return "CASE WHEN k.row_id IS DISTINCT FROM n.row_id THEN 'moved' END"
