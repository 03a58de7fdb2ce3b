"""Hostile cells: values that break naive importers, and writing them into a row byte for byte.

`hostile_cells` lists them; whether one lands or is quarantined is decided by the codecs.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import chain, cycle

from legacy_import.demo.rows import Cell


class Outcome(StrEnum):
    """What becomes of the row that holds the cell."""

    LANDS = "lands"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class HostileCell:
    """One cell to expect, and what must become of its row.

    value: bytes are a blob, unless as_text stores them as TEXT, valid UTF-8 or not.
    once: a key or too large; a file holds it at most once.
    typeless: SQLite would convert the value to the column's declared type, so the column must be declared without one.
    """

    name: str
    table: str
    column: str
    value: Cell
    outcome: Outcome
    source: str = "primary"
    as_text: bool = False
    once: bool = False
    typeless: bool = False

    def stored_form(self) -> tuple[str, Cell]:
        """Return the storage class the file then holds, and the value; for TEXT the value's bytes."""
        if self.value is None:
            return "null", None
        if isinstance(self.value, str):
            return "text", self.value.encode()
        if isinstance(self.value, bytes):
            return ("text" if self.as_text else "blob"), self.value
        return ("integer" if isinstance(self.value, int) else "real"), self.value


def dirty_positions(total: int, fraction: Fraction) -> Iterator[int]:
    """Yield the floor(total * fraction) positions below total that get a hostile cell, evenly spread."""
    for number in range(int(total * fraction)):
        yield int(number / fraction)


def cycle_cells(cells: Iterable[HostileCell]) -> Iterator[HostileCell]:
    """Yield each cell, then those that may come again, for ever."""
    every = list(cells)
    return chain(every, cycle([cell for cell in every if not cell.once]))


def write_hostile_cell(connection: sqlite3.Connection, cell: HostileCell, *, rowid: int) -> None:
    """Put the cell into the row.

    Raises LookupError where the table has no such row.
    """
    value = "CAST(? AS TEXT)" if cell.as_text else "?"
    statement = f'UPDATE "{cell.table}" SET "{cell.column}" = {value} WHERE rowid = ?'
    if connection.execute(statement, (cell.value, rowid)).rowcount != 1:
        raise LookupError(f"{cell.source}: {cell.table} has no row {rowid} for {cell.name}.")


def strip_declared_types(ddl: str, cells: Iterable[HostileCell]) -> str:
    """Return the DDL with the declared type taken from the columns whose cells SQLite would otherwise convert."""
    for table, column in sorted({(cell.table, cell.column) for cell in cells if cell.typeless}):
        pattern = rf"(CREATE TABLE {table} \((?:(?!\n\);).)*?\n\s+{column}) \w+"
        ddl, replaced = re.subn(pattern, r"\1", ddl, count=1, flags=re.DOTALL)
        if not replaced:
            raise LookupError(f"{table}.{column} is not declared with a type.")
    return ddl
