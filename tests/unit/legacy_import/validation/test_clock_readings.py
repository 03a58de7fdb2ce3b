"""Legacy timestamps, read by Python alone."""

from datetime import UTC, datetime

import pytest

from legacy_import.validation.clock_readings import load_zone, parse_clock_instant, parse_instant

HOME = load_zone("Europe/Bucharest")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-08-19T20:00:47.930332", "2025-08-19 17:00:47.930332"),
        ("2025-01-20T07:00:00", "2025-01-20 05:00:00"),
        ("2025-10-26T03:30:00", "2025-10-26 01:30:00"),  # shown twice: the later instant
        ("2025-10-26T02:30:00", "2025-10-25 23:30:00"),
        ("2025-10-26T04:00:00", "2025-10-26 02:00:00"),
        ("2025-03-30T03:30:00", "2025-03-30 01:30:00"),  # shown never: by the offset before the change
        ("2025-03-30T02:59:59", "2025-03-30 00:59:59"),
        ("2025-03-30T04:00:00", "2025-03-30 01:00:00"),
        ("2025-08-19", "2025-08-18 21:00:00"),
        ("2025-08-19T17:00:47Z", "2025-08-19 17:00:47"),
        ("2025-08-19 17:00:47 +02:00", "2025-08-19 15:00:47"),
        ("2025-08-26T24:00:00", "2025-08-26 21:00:00"),
        ("2025-08-31 24:00", "2025-08-31 21:00:00"),
        ("2025-08-26T24:00:00.000Z", "2025-08-27 00:00:00"),
        ("2025-08-26T07:00:60", "2025-08-26 04:01:00"),
        ("2025-12-31T23:59:60+02:00", "2025-12-31 22:00:00"),
    ],
)
def test_a_local_cell_is_this_instant(cell: str, expected: str) -> None:
    assert parse_instant(cell, naive=HOME, local=HOME) == utc(expected)


def test_a_utc_cell_is_its_own_instant_but_a_date_alone_is_local() -> None:
    assert parse_instant("2025-10-26 03:30:00", naive=UTC, local=HOME) == utc("2025-10-26 03:30:00")
    assert parse_instant("2025-08-19", naive=UTC, local=HOME) == utc("2025-08-18 21:00:00")


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "yesterday",
        "20250819",
        "2025-02-30",
        "1755622847",
        "2025-08-19T25:00:00",
        "2025-08-19T24:00:01",
        "2025-08-19T07:00:61",
        "9999-12-31T24:00:00",
    ],
)
def test_what_is_no_timestamp_is_none(cell: str) -> None:
    assert parse_instant(cell, naive=HOME, local=HOME) is None


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("7:00 AM", "05:00"), ("12:00 AM", "22:00"), ("12:30 PM", "10:30"), ("11:05PM", "21:05")],
)
def test_a_twelve_hour_clock_is_this_instant(clock: str, expected: str) -> None:
    found = parse_clock_instant("2025-01-20", clock, local=HOME)

    assert found is not None
    assert f"{found:%H:%M}" == expected


@pytest.mark.parametrize(("day", "clock"), [("2025-01-20", "13:00 PM"), ("20.1.2025", "7:00 AM"), ("2025-01-20", "7")])
def test_a_clock_that_is_none_is_none(day: str, clock: str) -> None:
    assert parse_clock_instant(day, clock, local=HOME) is None
