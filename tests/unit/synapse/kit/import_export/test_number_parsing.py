"""A number is read with a decimal point and with a decimal comma, and what is no number is none."""

import pytest

from synapse.kit.import_export.number_parsing import DecimalMark, read_number


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("12.000", "12.000", "12000"),
        ("12,000 EUR", "12000", "12.000"),
        ("€1.234", "1.234", "1234"),
        ("(1,200)", "-1200", "-1.200"),
        ("1.200-", "-1.200", "-1200"),
        ("'-1,234", "-1234", "-1.234"),
        ("1.234%", "0.01234", "12.34"),
        ("123.456", "123.456", "123456"),
    ],
)
def test_a_text_with_one_mark_and_three_digits_is_two_numbers(text: str, point: str, comma: str) -> None:
    readings = read_number(text)

    assert (readings.point, readings.comma, readings.is_ambiguous, readings.mark) == (point, comma, True, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1,00,000", "100000"),
        ("1234.567", "1234.567"),
        ("1'234.50", "1234.50"),
        ("1\u2019234.50", "1234.50"),
        ("0.123", "0.123"),
        (".5", "0.5"),
        ("1.5e3", "1.5e3"),
        ("($1,200.50)", "-1200.50"),
        ("$(1,200.50)", "-1200.50"),
        ("CHF 1'200.00", "1200.00"),
        ("1.2345", "1.2345"),
        ("1 234.567", "1234.567"),
    ],
)
def test_a_text_that_needs_a_decimal_point_shows_it(text: str, number: str) -> None:
    readings = read_number(text)

    assert (readings.point, readings.comma, readings.mark) == (number, None, DecimalMark.POINT)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1 234,5", "1234.5"),
        ("1\u202f234,50 €", "1234.50"),
        ("1\u00a0234,567", "1234.567"),
        ("0,123", "0.123"),
        ("1,5", "1.5"),
        (",5", "0.5"),
        ("12,5 %", "0.125"),
        ("-1.234,5 lei", "-1234.5"),
    ],
)
def test_a_text_that_needs_a_decimal_comma_shows_it(text: str, number: str) -> None:
    readings = read_number(text)

    assert (readings.point, readings.comma, readings.mark) == (None, number, DecimalMark.COMMA)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1200", "1200"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("+5", "5"),
        ("1 234", "1234"),
        ("1'234", "1234"),
        ("12%", "0.12"),
        ("US$ 5", "5"),
        ("5 kr.", "5"),
        ("Rs. 500", "500"),
        ("\uff11\uff12\uff13", "123"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", "1234.5"),
        ("(12)", "-12"),
    ],
)
def test_a_text_that_is_one_number_either_way_says_nothing_of_marks(text: str, number: str) -> None:
    readings = read_number(text)

    assert (readings.point, readings.comma, readings.mark, readings.is_ambiguous) == (number, number, None, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "€",
        "%",
        "12k",
        "12 Mio",
        "12 MIO",
        "1_000",
        "NaN",
        "Infinity",
        "0x10",
        "1 2",
        "1 2345",
        "--5",
        "-(5)",
        "+-5",
        "(5",
        "5)",
        "1.234.56",
        "1,234,5",
        "1.234 567",
        "5$5",
        "$5€",
        "5 % €",
        "½",
        "12-13",
        "2024-01-01",
        "1/2",
        "1" * 61,
        "#REF!",
        "\u202e5",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    readings = read_number(text)

    assert (readings.point, readings.comma, readings.mark, readings.is_ambiguous) == (None, None, None, False)


def test_a_far_exponent_is_not_spelled_out() -> None:
    assert read_number("1e999999999").point == "1e999999999"
