"""Instants at both ends of the calendar: read or not read, and never an error."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from legacy_import.validation.clock_readings import parse_clock_instant, parse_instant

ZONES = (UTC, ZoneInfo("Europe/Bucharest"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/Los_Angeles"))
OUTSIDE = [
    "0001-01-01T00:00:00+05:00",
    "0001-01-01 00:00:00+00:01",
    "9999-12-31T23:59:59-01:00",
    "9999-12-31T24:00:00",
    "9999-12-31 23:59:60",
    "0000-01-01 00:00:00",
    "10000-01-01 00:00:00",
    "0044-03-15 BC",
]


@pytest.mark.parametrize("cell", OUTSIDE)
def test_a_cell_whose_instant_is_outside_the_calendar_is_not_read(cell: str) -> None:
    assert {parse_instant(cell, naive=naive, local=local) for naive, local in product(ZONES, ZONES)} == {None}


@pytest.mark.parametrize("cell", ["0001-01-01", "9999-12-31", "0001-01-01 00:00:00", "9999-12-31T23:59:59"])
def test_a_cell_at_the_end_is_read_where_its_clock_allows(cell: str) -> None:
    for naive, local in product(ZONES, ZONES):
        instant = parse_instant(cell, naive=naive, local=local)
        assert instant is None or instant.year in {1, 9999}
    assert parse_instant("0001-01-01", naive=UTC, local=UTC) == datetime(1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0000-01-01"])
@pytest.mark.parametrize("clock", ["12:00 AM", "11:59 PM"])
def test_a_day_and_a_clock_at_the_end_never_fail(day: str, clock: str) -> None:
    for local in ZONES:
        instant = parse_clock_instant(day, clock, local=local)
        assert instant is None or instant.year in {1, 9999}
