"""What a table of a demonstration file holds.

What lives here: the shapes that contents hand to build, and the one source of chance.
What does not: any content.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

Cell = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of one table, in order; columns that are left out take the schema's default.

    first_rowid: where counting starts; the legacy INSERT OR REPLACE leaves rowids that don't start at 1.
    """

    table: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]
    first_rowid: int = 1


def table_rows(table: str, rows: Sequence[Mapping[str, Cell]], *, first_rowid: int = 1) -> TableRows:
    """Return the rows of a small table, given as mappings that all name the same columns in the same order."""
    columns = tuple(rows[0])
    return TableRows(table, columns, [tuple(row.values()) for row in rows], first_rowid)


def chance(seed: int, name: str) -> Random:
    """Return the stream of one part of the data: parts stay what they are when another part changes."""
    return Random(f"{seed}:{name}")  # noqa: S311 - invented data must repeat by its seed
