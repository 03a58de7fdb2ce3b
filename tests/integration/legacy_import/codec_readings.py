"""Reading cells by a codec in real PostgreSQL, on the roads the pipeline sends them, and writing the value back.

A clean cell travels as plain text; every other one carries a tag (legacy_import.cells).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from django.db import connection

from legacy_import.cells import MARK, serialize_stage_cell
from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell

ZONE = "'Europe/Bucharest'"
REFUSED = "refused"
"""What a table of cells says of one that must not land."""

Expectations = Sequence[tuple[Cell, Any]]
"""SQLite values beside the target values they become; REFUSED for those that must not land."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the database made of cells: a target value, and the cells that stand for it (exactly spelled)."""

    value: Any
    back: tuple[str | None, ...]


def read(codec: Codec, *cells: str | None, odd: bool) -> Read | str:
    """Ask the database to read plain cells by the codec, as the pipeline does, and to write the value back."""
    names = tuple(f"c{position}" for position in range(len(cells)))
    accepts = codec.accepts_sql(names, odd=odd, zone=ZONE)
    decode = codec.decode_sql(names, odd=odd, zone=ZONE)
    encode = ", ".join(f"({cell})::text" for cell in codec.encode_sql("v", zone=ZONE))
    given = ", ".join(f"%s::text AS {name}" for name in names)
    with connection.cursor() as cursor:
        # A subquery that is not flattened, so that a refused cell is never decoded.
        cursor.execute(
            f"SELECT accepted, v, {encode} FROM ("
            f"SELECT {accepts} AS accepted, CASE WHEN {accepts} THEN {decode} END AS v"
            f" FROM (SELECT {given} OFFSET 0) AS s OFFSET 0) AS r",
            cells,
        )
        accepted, value, *back = cursor.fetchone()
    return Read(value, tuple(back)) if accepted else REFUSED


def read_cell(codec: Codec, cell: Cell) -> Read | str:
    """Read one SQLite value on the road the pipeline sends it: the fast one where its class is the codec's."""
    plain = serialize_stage_cell(cell, codec.storage)
    return read(codec, plain, odd=is_tagged(plain))


def is_tagged(plain: str | None) -> bool:
    """Say whether a cell takes the strict road."""
    return plain is not None and plain.startswith(MARK)


def value_of(found: Read | str) -> Any:
    """Return the target value, or REFUSED."""
    return found.value if isinstance(found, Read) else found


def cases(*tables: tuple[Codec, Expectations]) -> list[ParameterSet]:
    """Return one case (codec, cell, expected) for each cell, named by what it is."""
    return [
        pytest.param(codec, cell, expected, id=f"{codec.name}-{position}-{str(cell)[:24]!r}")
        for codec, expectations in tables
        for position, (cell, expected) in enumerate(expectations)
    ]
