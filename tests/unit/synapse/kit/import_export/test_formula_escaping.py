"""Each text has one spelling that no spreadsheet runs, and each spelling one text."""

import itertools

import pytest

from synapse.kit.import_export.formula_escaping import (
    escape_cell_parts,
    escape_foreign_cell,
    escape_formula,
    unescape_cell_parts,
    unescape_formula,
)

_DANGEROUS = [
    "=1+1",
    "+40 722",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\u202e=1",
    "\uff1d1",
    "\x01=1",
    "\ufeff=1",
    "\u200b\u200d\u2060=1",
    "\u00ad@a",
    "\u3164+1",
    "\u2003-1",
    "\ufe0f=1",
    "\U000e0020=1",
    "\x1b=1",
    "\x85=1",
    "\uff0b1",
    "\uff0d1",
    "\uff20a",
    "\ufe66a",
]


@pytest.mark.parametrize("text", _DANGEROUS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "'", "''", "'=1", "' =1", "''=1", "'\u202e=1"])
def test_what_looks_marked_is_marked_once_more(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["'90s", "a=b", "O'Brien", "' a", "5", "é", "a\n=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escape_formula(text) == text
    assert unescape_formula(text) == text


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "Err:502", "'#REF!", "''#N/A"])
def test_the_word_of_a_failed_formula_is_marked_as_a_text(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["#REF! in C4", "#hiring", "#N/A ", "Err:5"])
def test_a_text_that_only_holds_such_a_word_stays(text: str) -> None:
    assert escape_formula(text) == text


def test_every_short_text_comes_back_and_no_two_share_a_spelling() -> None:
    texts = ["".join(signs) for length in range(5) for signs in itertools.product("'= a\t", repeat=length)]

    spellings = [escape_formula(text) for text in texts]

    assert [unescape_formula(spelling) for spelling in spellings] == texts
    assert len(set(spellings)) == len(texts)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\n=HYPERLINK(1)", "a\n'=HYPERLINK(1)"),
        ("a\r\n \u202e@b", "a\r\n' \u202e@b"),
        ("a\t+1;-2", "a\t'+1;'-2"),
        ('a;"=1+1', "a;'\"=1+1"),
        ("a;'=1", "a;''=1"),
        ("a|=cmd", "a|'=cmd"),
        ("a;\u200b\uff1dcmd", "a;'\u200b\uff1dcmd"),
        ("a; b |\ufeff@c", "a; b |'\ufeff@c"),
    ],
)
def test_what_runs_where_a_program_splits_elsewhere_gets_an_apostrophe(text: str, spelling: str) -> None:
    assert escape_cell_parts(text) == spelling
    assert unescape_cell_parts(spelling) == text


def test_every_short_text_comes_back_from_a_file_that_programs_may_split() -> None:
    texts = ["".join(signs) for length in range(5) for signs in itertools.product("'= a\t\n;|\"", repeat=length)]

    spellings = [escape_cell_parts(escape_formula(text)) for text in texts]

    assert [unescape_formula(unescape_cell_parts(spelling)) for spelling in spellings] == texts
    assert len(set(spellings)) == len(texts)


@pytest.mark.parametrize(("cell", "harmless"), [("=1+1", "'=1+1"), (" @a", "' @a"), ("-2+3", "'-2+3")])
def test_a_cell_of_somebodys_file_that_would_run_gets_an_apostrophe(cell: str, harmless: str) -> None:
    assert escape_foreign_cell(cell) == harmless
    assert unescape_formula(harmless) == cell


@pytest.mark.parametrize("cell", ["", "'", "'=1", "''=1", "-5", "+40722", "-1.5", "1e5", "a=b"])
def test_a_cell_of_somebodys_file_that_runs_nothing_stays(cell: str) -> None:
    assert escape_foreign_cell(cell) == cell
