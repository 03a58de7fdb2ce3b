"""Each text has one spelling that no spreadsheet runs, and each spelling one text."""

import itertools

import pytest

from synapse.exchange.text_cells import escaped, unescaped

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
]


@pytest.mark.parametrize("text", _DANGEROUS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert escaped(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "'", "''", "'=1", "' =1", "''=1", "'\u202e=1"])
def test_what_looks_marked_is_marked_once_more(text: str) -> None:
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", ["'90s", "a=b", "O'Brien", "' a", "5", "é", "a\n=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escaped(text) == text
    assert unescaped(text) == text


def test_every_short_text_comes_back_and_no_two_share_a_spelling() -> None:
    texts = ["".join(signs) for length in range(5) for signs in itertools.product("'= a\t", repeat=length)]

    spellings = [escaped(text) for text in texts]

    assert [unescaped(spelling) for spelling in spellings] == texts
    assert len(set(spellings)) == len(texts)
