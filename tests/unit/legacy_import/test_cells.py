"""Exact spellings: every SQLite value comes back as it was."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_import.cells import MARK, BadText, deserialize_cell, read_text, serialize_cell, serialize_stage_cell
from legacy_import.codecs import Storage

# Surrogates are no text that SQLite could hold as UTF-8.
TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(),
    TEXTS.map(lambda text: MARK + text),
)


@given(VALUES)
def test_exact_cell_comes_back_with_its_class(value: str | float | bytes | None) -> None:
    back = deserialize_cell(serialize_cell(value))

    if isinstance(value, str) and "\0" in value:
        # A text that PostgreSQL cannot hold comes back as its bytes, to be cast to a text by SQLite.
        assert isinstance(back, BadText)
        assert back.decode() == value
        return
    assert back == value
    assert type(back) is type(value)
    if isinstance(value, float) and isinstance(back, float):
        assert math.copysign(1, back) == math.copysign(1, value)


@given(VALUES)
def test_exact_cell_holds_nothing_that_postgresql_refuses(value: str | float | bytes | None) -> None:
    assert "\0" not in (serialize_cell(value) or "")


@given(VALUES, st.sampled_from(["text", "integer", "real"]))
def test_only_cells_of_the_expected_class_go_untagged(value: str | float | bytes | None, storage: Storage) -> None:
    plain = serialize_stage_cell(value, storage)

    classes: dict[Storage, type] = {"text": str, "integer": int, "real": float}
    clean = type(value) is classes[storage] and not (isinstance(value, str) and (value[:1] == MARK or "\0" in value))
    assert (plain is not None and not plain.startswith(MARK)) == clean


def test_bytes_that_are_no_utf8_come_back_as_the_same_text_bytes() -> None:
    raw = read_text(b"caf\xe9")

    assert isinstance(raw, BadText)
    assert deserialize_cell(serialize_cell(raw)) == raw
    assert isinstance(deserialize_cell(serialize_cell(raw)), BadText)


def test_unknown_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown cell tag"):
        deserialize_cell(f"{MARK}q:1")
