"""Texts, numbers and JSON against real PostgreSQL: what each cell becomes, on both roads, and the way back."""

from decimal import Decimal
from typing import Any

import pytest

from legacy_import import codecs
from legacy_import.cells import serialize_stage_cell
from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell
from tests.integration.legacy_import.codec_readings import (
    REFUSED,
    ZONE,
    Expectations,
    Read,
    cases,
    read,
    read_cell,
    value_of,
)

pytestmark = pytest.mark.django_db

DECIMAL_12 = codecs.decimal_codec(12, 2, storage="integer")
ONE_TO_FIVE = codecs.integer_codec(1, 5)

TEXTS: Expectations = [
    ("Größe 'ü' \\N\t\n\U0001f680", "Größe 'ü' \\N\t\n\U0001f680"),
    ("  ", "  "),
    (None, None),
    (5, "5"),
    (0.5, "0.5"),
    ("\x01i:5", "\x01i:5"),
    (b"bytes", REFUSED),
    ("nul \x00 inside", REFUSED),
]
INTEGERS: Expectations = [
    (0, 0),
    (-7, -7),
    (2_147_483_647, 2_147_483_647),
    (-2_147_483_648, -2_147_483_648),
    (2_147_483_648, REFUSED),
    (-2_147_483_649, REFUSED),
    (9_223_372_036_854_775_807, REFUSED),
    (None, None),
    ("4", 4),
    ("+4", 4),
    ("4.0", 4),
    (25000.0, 25000),
    (12.7, REFUSED),
    ("12.7", REFUSED),
    (" 4", REFUSED),
    ("4 ", REFUSED),
    ("1_000", REFUSED),
    ("0x10", REFUSED),
    ("1e3", REFUSED),
    ("", REFUSED),
    ("many", REFUSED),
    (float("inf"), REFUSED),
    (b"4", REFUSED),
]
BOOLEANS: Expectations = [
    (0, False),
    (1, True),
    (2, REFUSED),
    (-1, REFUSED),
    (None, None),
    ("true", True),
    ("FALSE", False),
    ("1", True),
    ("yes", REFUSED),
    ("t", REFUSED),
    ("", REFUSED),
    (1.0, REFUSED),
    (b"1", REFUSED),
]
JSONS: Expectations = [
    ('{"a": 1}', '{"a": 1}'),
    ("[]", "[]"),
    ("null", "null"),
    ('"text"', '"text"'),
    (None, None),
    ('{"rate": NaN}', REFUSED),
    ("{'single': 1}", REFUSED),
    ('{"nul": "\\u0000"}', REFUSED),
    ("", REFUSED),
    (b"{}", REFUSED),
    (5, "5"),
]
MONEYS: Expectations = [
    (0.0, Decimal("0.00")),
    (25000.0, Decimal("25000.00")),
    (25000.555, Decimal("25000.56")),
    (0.005, Decimal("0.01")),
    (-0.005, Decimal("-0.01")),
    (0.7999999999999999, Decimal("0.80")),
    (99_999_999.99, Decimal("99999999.99")),
    (99_999_999.994, Decimal("99999999.99")),
    (99_999_999.995, REFUSED),
    (100_000_000.0, REFUSED),
    (-100_000_000.0, REFUSED),
    (1e300, REFUSED),
    (5e-324, Decimal("0.00")),
    (float("inf"), REFUSED),
    (float("-inf"), REFUSED),
    (None, None),
    (25000, Decimal("25000.00")),
    ("25000", Decimal("25000.00")),
    ("2.5e3", Decimal("2500.00")),
    ("25,000", REFUSED),
    ("NaN", REFUSED),
    ("Infinity", REFUSED),
    ("1_000", REFUSED),
    ("0x10", REFUSED),
    (" 5", REFUSED),
    ("", REFUSED),
    ("about ten", REFUSED),
    (b"5", REFUSED),
]
WHOLE_MONEYS: Expectations = [
    (25000, Decimal("25000.00")),
    (99_999_999, Decimal("99999999.00")),
    (100_000_000, REFUSED),
    (-9_223_372_036_854_775_808, REFUSED),
    (25000.55, Decimal("25000.55")),
    (25000.0, Decimal("25000.00")),
    ("25000", Decimal("25000.00")),
    ("25k", REFUSED),
]
RATIOS: Expectations = [
    (0.0825, Decimal("0.0825")),
    (0.123456789, Decimal("0.1235")),
    (9.9999, Decimal("9.9999")),
    (9.99999, REFUSED),
    (10.5, REFUSED),
    (1, Decimal("1.0000")),
    ("NaN", REFUSED),
]
CASES = cases(
    (codecs.TEXT, [*TEXTS, ("", "")]),
    (codecs.EMPTY_AS_NULL, [*TEXTS, ("", None)]),
    (codecs.LOWER_CASE, [("LinkedIn", "linkedin"), ("x", "x"), (None, None), (b"X", REFUSED)]),
    (codecs.INTEGER, INTEGERS),
    (ONE_TO_FIVE, [(1, 1), (5, 5), (0, REFUSED), (6, REFUSED), ("3", 3), (None, None)]),
    (codecs.BOOLEAN, BOOLEANS),
    (codecs.JSON, JSONS),
    (codecs.MONEY, MONEYS),
    (codecs.WHOLE_MONEY, WHOLE_MONEYS),
    (DECIMAL_12, [(9_999_999_999, Decimal("9999999999.00")), (10_000_000_000, REFUSED), (0.5, Decimal("0.50"))]),
    (codecs.RATIO, RATIOS),
)
CLEAN: list[tuple[Codec, Cell]] = [
    (codecs.TEXT, ""),
    (codecs.TEXT, "Größe \\N"),
    (codecs.EMPTY_AS_NULL, ""),
    (codecs.EMPTY_AS_NULL, "called"),
    (codecs.LOWER_CASE, "linkedin"),
    (codecs.INTEGER, -7),
    (ONE_TO_FIVE, 5),
    (codecs.BOOLEAN, 0),
    (codecs.BOOLEAN, 1),
    (codecs.JSON, '{"a": [1, null], "b": 1.10}'),
    (codecs.MONEY, 0.0),
    (codecs.MONEY, 25000.0),
    (codecs.MONEY, 25000.5),
    (codecs.MONEY, 0.01),
    (codecs.WHOLE_MONEY, 25000),
    (codecs.WHOLE_MONEY, -1),
    (codecs.RATIO, 0.0825),
    (codecs.RATIO, 0.1),
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


def test_a_key_is_what_the_ledger_says_and_fills_no_column() -> None:
    assert codecs.KEY.encode_sql("ledger_key", zone=ZONE) == ("ledger_key",)
    assert value_of(read_cell(codecs.KEY, "any key")) is None


def test_cents_in_whole_money_come_back_as_the_real_they_were() -> None:
    found = read_cell(codecs.WHOLE_MONEY, 25000.55)

    assert isinstance(found, Read)
    assert found.back == ("\x01r:25000.55",)
