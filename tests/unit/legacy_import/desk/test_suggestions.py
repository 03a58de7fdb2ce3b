"""What a refused cell is offered as."""

import pytest

from legacy_import.cells import BadText, SqliteValue, serialize_cell
from legacy_import.codecs import (
    BOOLEAN,
    DATE_AND_CLOCK,
    EMPTY_AS_NULL,
    INTEGER,
    JSON,
    KEY,
    LOCAL_TIMESTAMP,
    MONEY,
    RATIO,
    TEXT,
    UTC_TIMESTAMP,
    WHOLE_MONEY,
    Codec,
    integer_codec,
)
from legacy_import.desk.suggestions import suggest_value

CERTAIN: list[tuple[Codec, SqliteValue, str]] = [
    (WHOLE_MONEY, "25,000", "25000"),
    (WHOLE_MONEY, "1,234,567.50", "1234567.5"),
    (MONEY, "25 000 €", "25000"),
    (MONEY, "25\u202f000", "25000"),
    (MONEY, "$ 85k", "85000"),
    (MONEY, "2.5K", "2500"),
    (MONEY, b"25000", "25000"),
    (INTEGER, "25,000", "25000"),
    (INTEGER, "-25,000", "-25000"),
    (integer_codec(1, 5), b"4", "4"),
    (BOOLEAN, "yes", "true"),
    (BOOLEAN, " No ", "false"),
    (LOCAL_TIMESTAMP, "1755622847", "2025-08-19T17:00:47+00:00"),
    (UTC_TIMESTAMP, 1755622847, "2025-08-19T17:00:47+00:00"),
    (UTC_TIMESTAMP, 1755622847930, "2025-08-19T17:00:47.930000+00:00"),
    (UTC_TIMESTAMP, 1755622847.5, "2025-08-19T17:00:47.500000+00:00"),
    (TEXT, "before\0after", "beforeafter"),
    (EMPTY_AS_NULL, "before\0", "before"),
    (TEXT, BadText(b"caf\xe9 au lait"), "café au lait"),
    (TEXT, BadText(b"\x93quoted\x94 \x96 5 \x80"), "“quoted” \u2013 5 €"),
    (TEXT, b"readable,\nbut a blob", "readable,\nbut a blob"),
    (KEY, b"key-as-a-blob", "key-as-a-blob"),
    (JSON, "{'single': 'quotes', 'no': None}", '{"single": "quotes", "no": null}'),
    (JSON, '{"rate": NaN}', '{"rate": null}'),
    (JSON, '{"text": "a\\u0000b"}', '{"text": "ab"}'),
    (JSON, b'{"rate" : 1.10}', '{"rate" : 1.10}'),
    (JSON, "[1, 2,]", "[1, 2]"),
]

DOUBTFUL: list[tuple[Codec, SqliteValue]] = [
    (INTEGER, 12.7),
    (INTEGER, "12.7"),
    (INTEGER, 3_000_000_000),
    (INTEGER, "3,000,000,000"),
    (integer_codec(1, 5), "6,000"),
    (INTEGER, "many"),
    (INTEGER, "1,23"),
    (INTEGER, "1 23"),
    (INTEGER, "0,250"),
    (MONEY, "about 85k"),
    (MONEY, "85kk"),
    (MONEY, "10-20k"),
    (MONEY, "100,000,000"),
    (MONEY, 100_000_000),
    (RATIO, 10.5),
    (RATIO, 9.99999),
    (RATIO, "25,000"),
    (RATIO, float("inf")),
    (RATIO, "NaN"),
    (BOOLEAN, 2),
    (BOOLEAN, "maybe"),
    (LOCAL_TIMESTAMP, "2025-02-30T10:00:00"),
    (LOCAL_TIMESTAMP, "yesterday"),
    (LOCAL_TIMESTAMP, "19/08/2025"),
    (LOCAL_TIMESTAMP, "45000"),
    (DATE_AND_CLOCK, "1755622847"),
    (TEXT, None),
    (TEXT, b"\x89PNG\r\n\x1a\n\x00\xff"),
    (TEXT, b""),
    (TEXT, BadText(b"cut \xf0\x9f\x98")),
    (TEXT, BadText(b"\xed\xa0\x80")),
    (TEXT, BadText(b"\xc0\xafetc")),
    (TEXT, "\0"),
    (TEXT, "as it is"),
    (JSON, "no JSON at all"),
    (JSON, "{'open': "),
    (JSON, '{"rate": Infinity}'),
    (JSON, '{"half": "\\ud800"}'),
    (JSON, "{'a set', 'of two'}"),
    (JSON, "[" * 50_000),
    (JSON, "'" + "a" * 200_000 + "'"),
]


@pytest.mark.parametrize(("codec", "value", "expected"), CERTAIN)
def test_a_cell_whose_meaning_is_nearly_certain_is_offered(codec: Codec, value: SqliteValue, expected: str) -> None:
    assert suggest_value(codec, serialize_cell(value)) == expected


@pytest.mark.parametrize(("codec", "value"), DOUBTFUL)
def test_a_doubtful_cell_is_left_to_the_person(codec: Codec, value: SqliteValue) -> None:
    assert suggest_value(codec, serialize_cell(value)) is None


def test_a_number_tagged_as_text_is_read_like_the_text() -> None:
    assert suggest_value(WHOLE_MONEY, "\x01t:25,000") == "25000"
