"""Hostile cells: which rows get one, and that they arrive byte for byte."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from itertools import islice

import pytest

from legacy_import.demo import HOSTILE_CELLS, PRIMARY_CELLS, HostileCell, Outcome, write_hostile_cell
from legacy_import.demo.files import FILES
from legacy_import.demo.hostile import cycle_cells, dirty_positions, strip_declared_types

DDL = {file.source: file.read_ddl() for file in FILES}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


@pytest.mark.parametrize("cell", HOSTILE_CELLS, ids=lambda cell: cell.name)
def test_plant_any_cell_is_stored_byte_for_byte(connection: sqlite3.Connection, cell: HostileCell) -> None:
    connection.executescript(strip_declared_types(DDL[cell.source], HOSTILE_CELLS if cell.source == "primary" else []))
    _insert_row(connection, cell.table)

    write_hostile_cell(connection, cell, rowid=1)

    connection.text_factory = bytes
    stored = connection.execute(f'SELECT CAST(typeof("{cell.column}") AS BLOB), "{cell.column}" FROM "{cell.table}"')
    storage_class, value = stored.fetchone()
    assert (storage_class.decode(), value) == cell.stored_form()


def _insert_row(connection: sqlite3.Connection, table: str) -> None:
    columns = connection.execute('SELECT name, "notnull" FROM pragma_table_info(?)', (table,)).fetchall()
    named = [name for name, required in columns if required] or [columns[0][0]]
    places = ", ".join("?" * len(named))
    connection.execute(f'INSERT INTO "{table}" ({", ".join(named)}) VALUES ({places})', ["x"] * len(named))


def test_plant_without_such_a_row_says_which(connection: sqlite3.Connection) -> None:
    connection.executescript(DDL["primary"])

    with pytest.raises(LookupError, match="linkedin_posts has no row 7"):
        write_hostile_cell(connection, next(cell for cell in PRIMARY_CELLS if cell.table == "linkedin_posts"), rowid=7)


def test_hostile_cells_have_names_of_their_own() -> None:
    names = [cell.name for cell in HOSTILE_CELLS]

    assert len(set(names)) == len(names)


def test_primary_cells_hold_both_outcomes_in_both_tables() -> None:
    kinds = {(cell.table, cell.outcome) for cell in PRIMARY_CELLS}

    assert kinds == {(table, outcome) for table in ("linkedin_posts", "consultation_inquiries") for outcome in Outcome}


def test_stored_of_an_integer_that_is_a_boolean_column_is_integer() -> None:
    assert HostileCell("one", "t", "c", 1, Outcome.LANDS).stored_form() == ("integer", 1)


@pytest.mark.parametrize(
    ("total", "fraction", "expected"),
    [
        (10, Fraction(0), []),
        (10, Fraction(1), list(range(10))),
        (10, Fraction(3, 10), [0, 3, 6]),
        (10, Fraction(1, 100), []),
        (0, Fraction(1), []),
    ],
)
def test_dirty_positions_spread_evenly(total: int, fraction: Fraction, expected: list[int]) -> None:
    assert list(dirty_positions(total, fraction)) == expected


@pytest.mark.parametrize("fraction", [Fraction(1, 3), Fraction(2, 3), Fraction(999, 1000), Fraction(7, 11)])
def test_dirty_positions_are_distinct_and_within_the_rows(fraction: Fraction) -> None:
    positions = list(dirty_positions(1000, fraction))

    assert len(set(positions)) == len(positions) == int(1000 * fraction)
    assert max(positions) < 1000


def test_in_turn_gives_every_cell_before_any_comes_again() -> None:
    turns = list(islice(cycle_cells(PRIMARY_CELLS), 3 * len(PRIMARY_CELLS)))

    assert turns[: len(PRIMARY_CELLS)] == list(PRIMARY_CELLS)
    assert not [cell.name for cell in turns[len(PRIMARY_CELLS) :] if cell.once]


def test_without_declared_types_takes_only_what_must_go() -> None:
    changed = set(DDL["primary"].splitlines()) - set(strip_declared_types(DDL["primary"], PRIMARY_CELLS).splitlines())

    assert {line.strip() for line in changed} == {
        "impressions INTEGER DEFAULT 0,",
        "estimated_value INTEGER,",
        "priority_score INTEGER,",
    }
