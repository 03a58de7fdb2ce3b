"""The plan of an import: what happens to each row of the file, and the digest by which it is agreed to. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from synapse.foundation.text.visible import visible
from synapse.kit.import_export.cells import Cell
from synapse.kit.import_export.decimal_marks import MarkQuestion

_MAX_FOUND_LENGTH = 80


class RowKind(StrEnum):
    """What happens to a row of the file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell (or the row where no column is named) can't be imported; `found` is None where it is of no use.

    Without `expected` it is a rule of the table's own, and `fix` its whole sentence.
    """

    column: str
    expected: str
    found: str | None = None
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.column}: " if self.column else ""
        if not self.expected:
            return f"{place}{self.fix}"
        if not self.found:
            found = "" if self.found is None else ", found nothing"
        else:
            cut = "…" if len(self.found) > _MAX_FOUND_LENGTH else ""
            found = f", found “{visible(self.found[:_MAX_FOUND_LENGTH])}{cut}”"
        return f"{place}expected {self.expected}{found}." + (f" {self.fix}" if self.fix else "")


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that differs: the column, the old and the new value in words.

    `later` is when the cell was changed here after the file was exported; to write it the person must agree.
    """

    column: str
    old: str
    new: str
    later: str = ""


@dataclass(slots=True)
class RowPlan:
    """A row of the file, and what happens to it. `values` are written, by the names of the model's attributes."""

    number: int
    cells: tuple[Cell, ...]
    key: str = ""
    pk: Any = None
    is_new: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: str = ""
    """What the table holds of the row now: the import refuses to write over anything else."""

    @property
    def kind(self) -> RowKind:
        """What happens to the row."""
        if self.problems:
            return RowKind.ERROR
        if self.is_new:
            return RowKind.NEW
        return RowKind.CHANGED if self.values else RowKind.SAME

    @property
    def digest(self) -> str:
        """A fingerprint of all that the preview shows of the row."""
        shown = (self.number, self.kind, self.pk if not self.is_new else "", self.seen, self.changes, self.problems)
        return sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Plan:
    """An import before it happens."""

    headings: tuple[str, ...]
    notes: tuple[str, ...]
    rows: Sequence[RowPlan]
    questions: tuple[MarkQuestion, ...] = ()
    """Columns of numbers that can be read in two ways."""

    def rows_of_kind(self, kind: RowKind) -> list[RowPlan]:
        """Return the rows of a kind."""
        return self._by_kind[kind]

    @cached_property
    def later_cell_count(self) -> int:
        """Return how many cells would overwrite a later change."""
        return sum(bool(change.later) for row in self.rows_of_kind(RowKind.CHANGED) for change in row.changes)

    @cached_property
    def digest(self) -> str:
        """A fingerprint of all that the preview shows: while it is equal, nothing has changed since."""
        return sha256(" ".join(row.digest for row in self.rows).encode()).hexdigest()

    @cached_property
    def _by_kind(self) -> dict[RowKind, list[RowPlan]]:
        kinds: dict[RowKind, list[RowPlan]] = {kind: [] for kind in RowKind}
        for row in self.rows:
            kinds[row.kind].append(row)
        return kinds
