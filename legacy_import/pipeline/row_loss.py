"""Row loss: a file that comes back without most of the rows that were imported from it.

It may have been emptied by mistake, or be another file: the import refuses it until a person says which. A row is
missing where neither its key nor its identity is in the file. Of a table without a target only the number counts: such
tables are often written anew as a whole. Called by source_import and by validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TerminalError
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.stage.stage import Stage

MIN_MISSING_ROWS: Final = 5
"""Fewer rows than these are no loss to ask about."""

_HELD: Final = "l.state NOT IN ('gone', 'deleted')"
"""Ledger rows that the file still had at the last import; one that was deleted here may go there, too."""


@dataclass(frozen=True, slots=True)
class TableLoss:
    """One legacy table: how many rows it had at the last import, and how many of them are missing now."""

    table: str
    held: int
    missing: int


@dataclass(frozen=True, slots=True)
class RowLoss:
    """What a source's file lacks, table by table."""

    tables: tuple[TableLoss, ...]

    @property
    def held(self) -> int:
        """How many rows the file had at the last import."""
        return sum(one.held for one in self.tables)

    @property
    def missing(self) -> int:
        """How many of them are missing."""
        return sum(one.missing for one in self.tables)

    @property
    def needs_answer(self) -> bool:
        """Whether a person has to say what happened: most of the file's rows are missing, or a whole table's."""
        if settings.LEGACY_LOSS_SHARE > 1:
            return False
        whole_tables = (one for one in self.tables if one.missing == one.held)
        return any(one.missing >= MIN_MISSING_ROWS for one in whole_tables) or (
            self.missing >= MIN_MISSING_ROWS and self.missing >= settings.LEGACY_LOSS_SHARE * self.held
        )

    def describe_loss(self) -> str:
        """Return which rows are missing, for people."""
        parts = ", ".join(f"{one.missing:,} of {one.held:,} in {one.table}" for one in self.tables if one.missing)
        return f"{self.missing:,} of the {self.held:,} rows that were imported from it ({parts})"

    def as_json(self) -> list[dict[str, Any]]:
        """Return the tables as they are kept beside a question."""
        return [{"table": one.table, "held": one.held, "missing": one.missing} for one in self.tables]

    @classmethod
    def from_json(cls, tables: Sequence[dict[str, Any]]) -> Self:
        """Return the loss that `as_json` wrote."""
        return cls(tuple(TableLoss(**one) for one in tables))


class RowLossError(TerminalError):
    """The file lacks most of its rows, and nobody has said that they were deleted."""

    def __init__(self, source: str, loss: RowLoss, *, sha256: str) -> None:
        super().__init__(f"{source}: its file has lost {loss.describe_loss()}, so nothing of it was imported")
        self.loss = loss
        self.sha256 = sha256


def find_row_loss(cursor: CursorWrapper, source: str, stages: Sequence[Stage]) -> RowLoss:
    """Return what the staged tables of a source lack of the rows that the ledger holds."""
    held = count_held_rows(cursor, source)
    staged = {stage.legacy.name: stage for stage in stages}
    return RowLoss(
        tuple(
            TableLoss(table, rows, count_missing_rows(cursor, staged[table], held=rows) if table in staged else rows)
            for table, rows in sorted(held.items())
        )
    )


def count_held_rows(cursor: CursorWrapper, source: str) -> dict[str, int]:
    """Return how many rows each legacy table of a source had at its last import."""
    cursor.execute(
        f"SELECT l.legacy_table, count(*) FROM ledger AS l WHERE l.source = {literal(source)} AND {_HELD} GROUP BY 1"
    )
    return dict(cursor.fetchall())


def count_missing_rows(cursor: CursorWrapper, stage: Stage, *, held: int) -> int:
    """Return how many of the `held` rows the staged table lacks."""
    if stage.table is None:
        return max(held - stage.rows, 0)
    # Two anti-joins, not one with OR, which PostgreSQL would run as a loop over all rows.
    cursor.execute(
        f"""
        SELECT count(*) FROM ledger AS l
        WHERE l.source = {literal(stage.source.name)} AND l.legacy_table = {literal(stage.legacy.name)} AND {_HELD}
          AND {stage.lacks_sql()}
          AND NOT EXISTS (SELECT FROM {stage.name} AS s WHERE s.target_key = l.target_key)
        """
    )
    missing: int = cursor.fetchone()[0]
    return missing
