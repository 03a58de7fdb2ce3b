"""What an import reports when it is done: counts per table and a status per source."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

SourceStatus = Literal["completed", "quarantined", "failed"]


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of a legacy table's rows; `read` is the sum of the others."""

    read: int
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    archived: int = 0
    quarantined: int = 0

    @classmethod
    def from_outcomes(cls, *, read: int, outcomes: Counter[str]) -> Self:
        """Return the counts; what no outcome claims is unchanged."""
        return cls(read=read, unchanged=read - outcomes.total(), **outcomes)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one source's import ended. `error` is one sentence; `notes` are remarks on schema drift and on deletions.

    `needs_person` says of a failure that trying again without a change fails again.
    """

    source: str
    status: SourceStatus
    tables: dict[str, TableCounts] = field(default_factory=dict)
    error: str | None = None
    notes: tuple[str, ...] = ()
    needs_person: bool = False

    @property
    def has_changes(self) -> bool:
        """Whether a row is new or changed; one that is quarantined, as it was before, is neither."""
        return any(one.inserted or one.updated or one.merged or one.archived for one in self.tables.values())

    @property
    def quarantined_rows(self) -> int:
        """How many rows of the file are in the quarantine."""
        return sum(counts.quarantined for counts in self.tables.values())

    def describe_outcomes(self) -> str:
        """Return what became of the rows, for people: the outcomes above zero with their sums."""
        sums = Counter[str]()
        for counts in self.tables.values():
            sums.update({name: rows for name, rows in asdict(counts).items() if name != "read"})
        return ", ".join(f"{rows:,} {name}" for name, rows in sums.items() if rows) or "no rows"

    def as_json(self) -> dict[str, Any]:
        """Return the report in the shape of the command line's contract."""
        return {
            "status": self.status,
            "error": self.error,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "notes": list(self.notes),
        }
