"""Cells, keys and reasons in words: no tag and no hiding character reaches a person."""

import pytest

from legacy_import.cell_display import ShownCell, describe_reason, format_cell, format_key, key_spellings, visible
from legacy_import.cells import BadText, SqliteValue, serialize_cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ShownCell("null", "NULL")),
        ("", ShownCell("text", "")),
        ("NULL", ShownCell("text", "NULL")),
        ("two\nlines\tand 🙂👨‍👩‍👧", ShownCell("text", "two\nlines\tand 🙂👨‍👩‍👧")),
        (-9223372036854775808, ShownCell("integer", "-9223372036854775808")),
        (0.7999999999999999, ShownCell("real", "0.7999999999999999")),
        (float("inf"), ShownCell("real", "inf")),
        (b"\x00\xff", ShownCell("blob", "0x00ff", "2 bytes")),
        (b"", ShownCell("blob", "0x", "0 bytes")),
        (b"z" * 33, ShownCell("blob", f"0x{'7a' * 32}…", "33 bytes")),
        ("a\0b", ShownCell("text", "a␀b", "holds NUL")),
        (BadText(b"caf\xe9"), ShownCell("text", "caf\\xe9", "no UTF-8")),
        ("\x01i:5", ShownCell("text", "␁i:5")),
        ("evil\u202etxt\x1b[2J", ShownCell("text", "evil⟨U+202E⟩txt␛[2J")),
    ],
)
def test_cell_is_shown_with_its_class(value: SqliteValue, shown: ShownCell) -> None:
    assert format_cell(serialize_cell(value)) == shown


def test_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert format_cell("x" * 1_234, longest=3) == ShownCell("text", "xxx…", "1,234 characters")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("post-1", "post-1"),
        ("\x01i:7", "7"),
        ("a\x1f\x01i:2", "a · 2"),
        ("\x01b:00ff", "0x00ff (blob, 2 bytes)"),
        ("#0cc175b9c0f1b6a831c399e269772661:1", "#0cc175b9c0f1b6a831c399e269772661:1"),
    ],
)
def test_key_is_shown_without_tags(key: str, shown: str) -> None:
    assert format_key(key) == shown


def test_shown_key_is_found_again() -> None:
    assert key_spellings("a · b") == ["a · b", "a\x1fb"]
    assert key_spellings("a") == ["a"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            {"column": "views", "expected": "an integer", "found": "many"},
            "column views: expected an integer, found 'many' (text)",
        ),
        (
            {"column": "views", "expected": "an integer", "found": None},
            "column views: expected an integer, found nothing (NULL)",
        ),
        ({"column": "n", "expected": "a text", "found": "\x01i:7"}, "column n: expected a text, found 7 (integer)"),
        (
            {"column": "day, hour", "expected": "a date and a clock", "found": "today, \x01i:7"},
            "columns day, hour: expected a date and a clock, found today, 7",
        ),
        (
            {"column": "c", "expected": "a text", "found": f"\x01x:{'41' * 38}4"},
            f"column c: expected a text, found '{'A' * 38}…' (text)",
        ),
        (
            {"column": "c", "expected": "a number", "found": "9" * 80},
            f"column c: expected a number, found '{'9' * 80}…' (text)",
        ),
    ],
)
def test_reason_is_a_sentence(reason: dict[str, str | None], words: str) -> None:
    assert describe_reason(reason) == words


def test_every_control_character_is_visible() -> None:
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x202E, 0x2066, 0xFEFF]))

    assert set(visible(controls)) & set(controls) == {"\n", "\t"}
