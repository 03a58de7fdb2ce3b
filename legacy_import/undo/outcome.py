"""What an undo did, or would do: counts per target table, and what is left because people changed it since."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from legacy_import.models import ImportRun

MAX_LISTED_LEFT: Final = 1000
"""So many of the things that are left are listed; the others are only counted."""


@dataclass(frozen=True, slots=True)
class LeftChange:
    """What a person changed since: a column of a row or (no column) the row. `who` is empty if unknown."""

    table: str
    key: str
    column: str
    who: str
    why: str

    def sentence(self) -> str:
        """Return it in words."""
        place = f"{self.table} {self.key}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.why}" + (f" (by {self.who})" if self.who else "")


@dataclass(frozen=True, slots=True)
class UndoneRun:
    """A run that was taken back: rows per target table removed, restored and returned; and what is left as it is."""

    run: ImportRun
    removed: dict[str, int]
    restored: dict[str, int]
    returned: dict[str, int]
    ledger_rows: int
    left: tuple[LeftChange, ...]
    left_count: int

    @property
    def touched_tables(self) -> list[str]:
        """The target tables that were written to."""
        return sorted({*self.removed, *self.restored, *self.returned})

    def sentences(self) -> list[str]:
        """Return what was done in words, a sentence for each table and kind."""
        words = (("gone", self.removed), ("as before", self.restored), ("back again", self.returned))
        lines = [
            f"{rows:,} {'row' if rows == 1 else 'rows'} of {table} {what}"
            for what, tables in words
            for table, rows in tables.items()
        ]
        if self.left_count:
            lines.append(f"{self.left_count:,} left as changed here")
        return lines or ["no row of a table was changed"]

    def as_json(self) -> dict[str, Any]:
        """Return it in the shape of the command line's contract."""
        return {
            "run": str(self.run.pk),
            "source": self.run.source,
            "kind": self.run.kind,
            "started_at": self.run.started_at.isoformat(),
            "removed": self.removed,
            "restored": self.restored,
            "returned": self.returned,
            "ledger_rows": self.ledger_rows,
            "left_count": self.left_count,
            "left": [
                {"table": one.table, "key": one.key, "column": one.column, "who": one.who, "why": one.why}
                for one in self.left
            ],
        }


def read_left_changes(cursor: CursorWrapper) -> tuple[tuple[LeftChange, ...], int]:
    """Return what is left, the first of it, and how much there is."""
    cursor.execute("SELECT count(*) FROM undo_left")
    count: int = cursor.fetchone()[0]
    cursor.execute(
        "SELECT table_name, key::text, column_name, coalesce(who, ''), why FROM undo_left"
        f" ORDER BY table_name, key, column_name LIMIT {MAX_LISTED_LEFT}"
    )
    return tuple(LeftChange(*row) for row in cursor.fetchall()), count
