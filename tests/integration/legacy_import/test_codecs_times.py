"""Both clocks against real PostgreSQL: what each cell becomes, on both roads, and the way back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from legacy_import import codecs
from legacy_import.cells import serialize_stage_cell
from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell
from tests.integration.legacy_import.codec_readings import REFUSED, Expectations, Read, cases, read, read_cell, value_of

pytestmark = pytest.mark.django_db


def moment(day: str, clock: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)


UTC_TIMES: Expectations = [
    ("2025-08-19 17:00:47", moment("2025-08-19", "17:00:47")),
    ("2025-08-19 17:00:47.930332", moment("2025-08-19", "17:00:47.930332")),
    ("2025-08-19T17:00:47", moment("2025-08-19", "17:00:47")),
    ("2025-08-19T17:00:47Z", moment("2025-08-19", "17:00:47")),
    ("2025-08-19T19:00:47.5+02:00", moment("2025-08-19", "17:00:47.500000")),
    ("2025-08-19", moment("2025-08-18", "21:00")),
    ("2025-08-19 17:00", moment("2025-08-19", "17:00")),
    (None, None),
    ("2025-02-30 10:00:00", REFUSED),
    ("2025-02-20 25:00:00", REFUSED),
    ("0000-01-01 00:00:00", REFUSED),
    ("yesterday", REFUSED),
    ("now", REFUSED),
    ("epoch", REFUSED),
    ("infinity", REFUSED),
    ("1755622847", REFUSED),
    (1755622847, REFUSED),
    ("", REFUSED),
    ("2025-08-19 17:00:47 BC", REFUSED),
    ("2025-08-19 17:00:47 Europe/Bucharest", REFUSED),
    (b"2025-08-19 17:00:47", REFUSED),
]
LOCAL_TIMES: Expectations = [
    ("2025-08-19T20:00:47.930332", moment("2025-08-19", "17:00:47.930332")),
    ("2025-01-20T07:00:00", moment("2025-01-20", "05:00")),
    ("2025-08-19 20:00:47", moment("2025-08-19", "17:00:47")),
    ("2025-08-19", moment("2025-08-18", "21:00")),
    # The doubled hour is winter's, the missing hour is read by the offset before the change.
    ("2025-10-26T03:30:00", moment("2025-10-26", "01:30")),
    ("2025-03-30T03:30:00", moment("2025-03-30", "01:30")),
    ("2025-08-19T20:00:47Z", moment("2025-08-19", "20:00:47")),
    ("2025-02-30T10:00:00", REFUSED),
    ("tomorrow", REFUSED),
]
CASES = cases(
    (codecs.UTC_TIMESTAMP, UTC_TIMES),
    (codecs.LOCAL_TIMESTAMP, [*LOCAL_TIMES, ("", REFUSED)]),
    (codecs.EMPTY_OR_LOCAL_TIMESTAMP, [*LOCAL_TIMES, ("", None)]),
)
CLEAN: list[tuple[Codec, Cell]] = [
    (codecs.UTC_TIMESTAMP, "2025-08-19 17:00:47"),
    (codecs.UTC_TIMESTAMP, "2025-08-19 17:00:47.930332"),
    (codecs.LOCAL_TIMESTAMP, "2025-08-19T20:00:47.930332"),
    (codecs.LOCAL_TIMESTAMP, "2025-01-20T07:00:00"),
    (codecs.EMPTY_OR_LOCAL_TIMESTAMP, ""),
    (codecs.EMPTY_OR_LOCAL_TIMESTAMP, "2025-01-20T07:00:00"),
]


@pytest.mark.parametrize(("codec", "cell", "expected"), CASES)
def test_a_cell_becomes_its_value_or_is_refused(codec: Codec, cell: Cell, expected: Any) -> None:
    assert value_of(read_cell(codec, cell)) == expected


@pytest.mark.parametrize(("codec", "cell", "expected"), CASES)
def test_an_odd_cell_beside_it_changes_nothing(codec: Codec, cell: Cell, expected: Any) -> None:
    """A column with one odd cell reads all its cells by another template."""
    assert value_of(read(codec, serialize_stage_cell(cell, codec.storage), odd=True)) == expected


@pytest.mark.parametrize(("codec", "cell"), CLEAN, ids=str)
def test_a_clean_cell_comes_back_as_it_was(codec: Codec, cell: Cell) -> None:
    found = read_cell(codec, cell)

    assert isinstance(found, Read)
    assert found.back == (serialize_stage_cell(cell, codec.storage),)


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2025-01-20", "7:00 AM", moment("2025-01-20", "05:00")),
        ("2025-01-20", "07:00 am", moment("2025-01-20", "05:00")),
        ("2025-01-20", "12:05PM", moment("2025-01-20", "10:05")),
        ("2025-01-20", "12:00 AM", moment("2025-01-19", "22:00")),
        ("2025-01-20", "13:00 PM", REFUSED),
        ("2025-01-20", "0:30 AM", REFUSED),
        ("2025-01-20", "7 AM", REFUSED),
        ("2025-01-20", "noon", REFUSED),
        ("2025-01-20", None, REFUSED),
        ("2025-02-30", "7:00 AM", REFUSED),
        ("today", "7:00 AM", REFUSED),
        (None, None, None),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_a_date_and_a_clock_are_one_moment(day: str | None, clock: str | None, *, odd: bool, expected: Any) -> None:
    assert value_of(read(codecs.DATE_AND_CLOCK, day, clock, odd=odd)) == expected


def test_a_date_and_a_clock_come_back_as_they_were() -> None:
    found = read(codecs.DATE_AND_CLOCK, "2025-01-20", "7:00 AM", odd=False)

    assert isinstance(found, Read)
    assert found.back == ("2025-01-20", "7:00 AM")
