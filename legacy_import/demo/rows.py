"""The rows of a table as `contents` hand them to `build`, and the one source of randomness, seeded."""

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


def seeded_random(seed: int, name: str) -> Random:
    """Return the random numbers of one part of the data; each part has its own, so changing one leaves the others."""
    return Random(f"{seed}:{name}")  # noqa: S311 - invented data must repeat by its seed
