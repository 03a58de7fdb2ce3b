"""What PostgreSQL holds but nobody could read out of it again is refused; what lies just within the limits lands."""

import json
from datetime import datetime
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import localtime

from legacy_import import codecs
from legacy_import.cells import serialize_stage_cell
from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell
from tests.integration.legacy_import.codec_readings import REFUSED, Read, read, read_cell, value_of

pytestmark = pytest.mark.django_db

PARTS_OF_A_NUMBER = "9" * 254


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


JSONS = [
    nested(200),
    '{"a":' * 200 + "1" + "}" * 200,
    json.dumps([{"a": [1, 2]}] * 1000),
    json.dumps(["[[[" * 200, "{" * 500, '"\\' * 300]),
    json.dumps({"digits": "9" * 5000, "e": "1e9999"}),
    PARTS_OF_A_NUMBER,
    "1e999",
    "-1.5E-999",
]
UNREADABLE_JSONS = [
    nested(201),
    '{"a":' * 201 + "1" + "}" * 201,
    nested(100_000),
    "[" * 100_000,
    '{"a":' * 100_000,
    '"' + "[" * 300,
    "9" + PARTS_OF_A_NUMBER,
    f"[0.{PARTS_OF_A_NUMBER}9]",
    "1e1000",
    "1E+131071",
    "[1e-16000]",
]


@pytest.mark.parametrize("cell", JSONS, ids=range(len(JSONS)))
def test_json_within_the_limits_lands_and_python_reads_it(cell: str) -> None:
    found = read_cell(codecs.JSON, cell)

    assert isinstance(found, Read)
    assert json.loads(found.value) == json.loads(cell) or "e" in cell.lower()


@pytest.mark.parametrize("cell", UNREADABLE_JSONS, ids=range(len(UNREADABLE_JSONS)))
@pytest.mark.parametrize("odd", [False, True])
def test_json_beyond_the_limits_is_refused_and_never_an_error(cell: str, *, odd: bool) -> None:
    assert read(codecs.JSON, cell, odd=odd) == REFUSED


def test_an_ordinary_json_text_is_not_examined_bracket_by_bracket() -> None:
    cell = json.dumps({"engagement_rate": 0.125, "history": [{"at": "2025-08-19", "what": "comment"}] * 4})
    with connection.cursor() as cursor:
        seconds = []
        for function in ("legacy_json", "legacy_json_is_readable"):
            started = perf_counter()
            cursor.execute(
                f"SELECT count({function}(cell)) FROM (SELECT %s || i AS cell FROM generate_series(1, 2000) AS i) AS c",
                [cell[:-1] + ', "n": 1} '],
            )
            seconds.append(perf_counter() - started)

    assert seconds[0] < seconds[1]


@pytest.mark.parametrize(
    ("codec", "cell"),
    [
        (codecs.UTC_TIMESTAMP, "0001-01-02 00:00:00"),
        (codecs.UTC_TIMESTAMP, "9999-12-31 08:00:00"),
        (codecs.UTC_TIMESTAMP, "9999-12-30 23:59:59.999999"),
        (codecs.LOCAL_TIMESTAMP, "0001-01-02T00:00:00"),
        (codecs.LOCAL_TIMESTAMP, "9999-12-31T00:00:00"),
        (codecs.LOCAL_TIMESTAMP, "9999-12-31"),
        (codecs.LOCAL_TIMESTAMP, "1867-01-01T12:00:00"),
    ],
)
def test_the_first_and_the_last_years_land_and_any_clock_tells_them(codec: Codec, cell: str) -> None:
    value = value_of(read_cell(codec, cell))

    assert isinstance(value, datetime)
    assert localtime(value).year in {1, 9999, 1867}


@pytest.mark.parametrize(
    ("codec", "cell"),
    [
        (codecs.UTC_TIMESTAMP, "0001-01-01 00:00:00"),
        (codecs.UTC_TIMESTAMP, "9999-12-31 23:59:59"),
        (codecs.UTC_TIMESTAMP, "9999-12-31 23:59:60"),
        (codecs.UTC_TIMESTAMP, "10000-01-01 00:00:00"),
        (codecs.UTC_TIMESTAMP, "0000-12-31 00:00:00"),
        (codecs.UTC_TIMESTAMP, "0001-01-02T00:00:00+14:00"),
        (codecs.LOCAL_TIMESTAMP, "0001-01-01T00:00:00"),
        (codecs.LOCAL_TIMESTAMP, "0001-01-01"),
        (codecs.LOCAL_TIMESTAMP, "9999-12-31T23:59:59"),
        (codecs.LOCAL_TIMESTAMP, "9999-12-31T00:00:00-14:00"),
        (codecs.EMPTY_OR_LOCAL_TIMESTAMP, "9999-12-31T23:59:59"),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_a_moment_that_some_clock_cannot_tell_is_refused(codec: Codec, cell: str, *, odd: bool) -> None:
    assert read(codec, cell, odd=odd) == REFUSED


@pytest.mark.parametrize(("day", "expected"), [("9999-12-31", REFUSED), ("0001-01-01", REFUSED), ("9999-12-30", 9999)])
def test_a_date_and_a_clock_keep_to_the_same_years(day: str, expected: Any) -> None:
    found = value_of(read(codecs.DATE_AND_CLOCK, day, "11:00 AM", odd=False))

    assert getattr(found, "year", found) == expected


@pytest.mark.parametrize(
    ("codec", "cell", "expected"),
    [
        (codecs.INTEGER, "9223372036854775808", REFUSED),
        (codecs.INTEGER, "99999999999999999999999999", REFUSED),
        (codecs.INTEGER, "1e5", REFUSED),
        (codecs.INTEGER, "\u0664", REFUSED),
        (codecs.INTEGER, "\uff14", REFUSED),
        (codecs.INTEGER, "4\n", REFUSED),
        (codecs.INTEGER, "+5", 5),
        (codecs.INTEGER, "-0", 0),
        (codecs.INTEGER, "007", 7),
        (codecs.INTEGER, 1e300, REFUSED),
        (codecs.INTEGER, -0.0, 0),
        (codecs.INTEGER, 5e-324, REFUSED),
        (codecs.MONEY, "\u0664", REFUSED),
        (codecs.MONEY, "9223372036854775808", REFUSED),
        (codecs.MONEY, "1e9999999999", REFUSED),
        (codecs.MONEY, "+5", 5),
        (codecs.MONEY, "-0", 0),
        (codecs.MONEY, "5\n", REFUSED),
        (codecs.MONEY, -0.0, 0),
        (codecs.RATIO, "1_000", REFUSED),
        (codecs.BOOLEAN, " 1", REFUSED),
        (codecs.BOOLEAN, "+1", REFUSED),
        (codecs.BOOLEAN, "\u0661", REFUSED),
        (codecs.BOOLEAN, "TRUE", True),
        (codecs.UTC_TIMESTAMP, "\u0662\u0660\u0662\u0665-08-19 17:00:47", REFUSED),
        (codecs.UTC_TIMESTAMP, "2025-08-19 17:00:47+25:00", REFUSED),
        (codecs.UTC_TIMESTAMP, "2025-08-19 17:00:47 +02:00", datetime.fromisoformat("2025-08-19T15:00:47+00:00")),
        (codecs.UTC_TIMESTAMP, "2025-08-19T17:00:00+14:00", datetime.fromisoformat("2025-08-19T03:00:00+00:00")),
        (codecs.UTC_TIMESTAMP, "2025-08-19T17:00:00-14:00", datetime.fromisoformat("2025-08-20T07:00:00+00:00")),
        # ISO 8601 has both: the end of a day, and a second that is put in before the next minute.
        (codecs.UTC_TIMESTAMP, "2025-08-19 24:00:00", datetime.fromisoformat("2025-08-20T00:00:00+00:00")),
        (codecs.UTC_TIMESTAMP, "2025-08-19 24:00:01", REFUSED),
        (codecs.UTC_TIMESTAMP, "2016-12-31 23:59:60", datetime.fromisoformat("2017-01-01T00:00:00+00:00")),
        (codecs.UTC_TIMESTAMP, "2016-12-31 23:59:61", REFUSED),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_odd_spellings_are_read_by_their_plain_meaning_or_not_at_all(
    codec: Codec, cell: Cell, expected: Any, *, odd: bool
) -> None:
    plain = serialize_stage_cell(cell, codec.storage)

    assert value_of(read(codec, plain, odd=odd or (plain or "").startswith("\x01"))) == expected


@pytest.mark.parametrize(
    "codec", [codecs.MONEY, codecs.RATIO, codecs.decimal_codec(8, 2)], ids=lambda codec: codec.name
)
def test_minus_zero_is_not_what_its_value_gives_back(codec: Codec) -> None:
    found = read_cell(codec, -0.0)

    assert isinstance(found, Read)
    assert found.back == ("0.0",)
    assert not codec.lossless
