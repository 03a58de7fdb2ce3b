"""Legacy cells as cells of an HTML table."""

import pytest

from legacy_import.admin.archive.page_cells import PageCell, numeric_columns, page_cell
from legacy_import.cells import SqliteValue, read_text, serialize_cell
from legacy_import.pipeline.stage.legacy_schema import LegacyColumn


@pytest.mark.parametrize(
    ("value", "declared", "shown"),
    [
        (None, "INTEGER", PageCell("null", "NULL")),
        ("", "TEXT", PageCell("null", "(empty text)")),
        (7, "INTEGER", PageCell("number", "7")),
        (0.1, "REAL", PageCell("number", "0.1")),
        (7, "", PageCell("number", "7")),
        ("mon", "TEXT", PageCell("short", "mon")),
        ("m" * 25, "TEXT", PageCell("", "m" * 25)),
        ("m" * 1_301, "TEXT", PageCell("", "m" * 300 + "…", "1,301 characters")),
        ("7", "INTEGER", PageCell("odd short", "7", "text")),
        (0.5, "INTEGER", PageCell("odd number", "0.5", "real")),
        (b"\xff", "TEXT", PageCell("odd short", "0xff", "blob, 1 byte")),
        (read_text(b"a\xffb"), "TEXT", PageCell("odd short", "a\\xffb", "text, no UTF-8")),
        ("a\0b", "TEXT", PageCell("odd short", "a␀b", "text, holds NUL")),
    ],
)
def test_a_cell_says_what_it_is(value: SqliteValue, declared: str, shown: PageCell) -> None:
    assert page_cell(serialize_cell(value), LegacyColumn("c", declared, 0)) == shown


def test_a_cell_of_an_unknown_column_is_odd_only_by_itself() -> None:
    assert page_cell("7", None) == PageCell("short", "7")
    assert page_cell(serialize_cell(b"7"), None).classes == "odd short"


def test_json_is_taken_apart() -> None:
    assert page_cell("[1]", None) == PageCell("json", "<div>1</div>")


def test_a_column_of_numbers_and_nulls_is_numeric() -> None:
    one, half = serialize_cell(1), serialize_cell(0.5)
    rows = [{"n": one, "mixed": one, "t": "1", "empty": None}, {"n": half, "mixed": "x", "t": "2", "empty": None}, {}]

    assert numeric_columns(["n", "mixed", "t", "empty", "absent"], rows) == {"n"}
