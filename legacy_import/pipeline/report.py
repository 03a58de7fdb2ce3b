"""What an import says when it is done."""

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
    def of(cls, *, read: int, outcomes: Counter[str]) -> Self:
        """Return the counts; what no outcome claims is unchanged."""
        return cls(read=read, unchanged=read - outcomes.total(), **outcomes)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one source fared. `error` is one sentence; `notes` are remarks on the file's shape and on deletions."""

    source: str
    status: SourceStatus
    tables: dict[str, TableCounts] = field(default_factory=dict)
    error: str | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report in the shape of the command line's contract."""
        return {
            "status": self.status,
            "error": self.error,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "notes": list(self.notes),
        }
