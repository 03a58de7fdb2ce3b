"""Cells of every storage class, as hypothesis draws them: some that a codec means, some that nobody meant.

What lives here: values and how SQLite is told of them. What does not: tables and files (file_strategies).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from hypothesis import strategies as st

from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell


@dataclass(frozen=True, slots=True)
class StoredCell:
    """A value to bind; `as_text` stores bytes as TEXT, valid UTF-8 or not."""

    value: Cell
    as_text: bool = False

    def __str__(self) -> str:
        return f"{'CAST AS TEXT ' if self.as_text else ''}{self.value!r:.40}"

    @property
    def mark(self) -> str:
        return "CAST(? AS TEXT)" if self.as_text else "?"


_PLAIN = st.characters(exclude_categories=["Cs"])
_TEXTS = st.text(_PLAIN, max_size=12)
_ODD_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "\x01",
        "\x01i:5",
        "\x01t:\x01",
        "\\N",
        "\\.",
        "'",
        '"',
        "%s",
        "{t}",
        "{c}",
        "\x1f",
        "\u202eabc",
        "\ufeff",
        "x" * 2601,
        "ß" * 1301,
        "k" * 3000,
        "now",
        "infinity",
        "NaN",
        "25,000",
        "1e5",
        "-0",
        "+5",
        "\u0664",
        "0x10",
        "1_000",
        "9223372036854775808",
        "true",
        "yes",
        "2025-02-30 10:00:00",
        "2025-03-30T03:30:00",
        "2025-10-26T03:30:00",
        "2025-08-19T17:00:47Z",
        "2025-08-19",
        "0001-01-01T00:00:00",
        "9999-12-31 23:59:59",
        "10000-01-01",
        "2016-12-31 23:59:60",
        "2025-08-19 24:00:00",
        "[" * 300,
        "[" * 300 + "]" * 300,
        '{"a": 1, "a": 2}',
        '{"b": 1.10, "a": "\\u00e9"}',
        '{"a": "\\u0000"}',
        "1e5000",
    ]
)
_INTEGERS = st.one_of(
    st.integers(-3, 6), st.integers(-(2**31) - 2, 2**31 + 1), st.integers(-(2**63), 2**63 - 1), st.just(10**8)
)
_REALS = st.one_of(
    st.floats(allow_nan=False),
    st.floats(-11, 11).map(lambda number: round(number, 5)),
    st.sampled_from([-0.0, 1e300, 5e-324, 25000.0, 12.7, 0.7999999999999999, 9.99995, float("inf"), float("-inf")]),
)
_BYTES = st.one_of(st.binary(max_size=6), st.sampled_from([b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xf0\x9f", b"a\0"]))

ANY_CELLS = st.one_of(
    st.one_of(st.none(), _TEXTS, _ODD_TEXTS, _INTEGERS, _REALS, _BYTES).map(StoredCell),
    _BYTES.map(lambda raw: StoredCell(raw, as_text=True)),
)
"""A cell of any storage class; a REAL NaN is no such cell, SQLite keeps NULL in its place."""

_MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - naive, as the legacy code writes
_JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=3,
)
_MEANT: dict[str, st.SearchStrategy[Cell]] = {
    "json": _JSONS.map(json.dumps),
    "boolean": st.integers(0, 1),
    "utc_timestamp": _MOMENTS.map(lambda moment: str(moment.replace(microsecond=0))),
    "local_timestamp": _MOMENTS.map(datetime.isoformat),
    "empty_or_local_timestamp": _MOMENTS.map(datetime.isoformat) | st.just(""),
    "date_and_clock": st.sampled_from(["2025-01-20", "2025-02-21", "7:00 AM", "12:30 pm"]),
    "lower_case": st.sampled_from(["linkedin", "LinkedIn", "X"]),
}


@cache
def meant_for(codec: Codec) -> st.SearchStrategy[StoredCell]:
    """Return cells of the kind the codec was made for."""
    kind = codec.name.split("(")[0]
    if kind in {"integer", "boolean"}:
        cells: st.SearchStrategy[Cell] = _MEANT.get(kind, st.integers(1, 5))
    elif kind == "decimal":
        cells = st.integers(0, 9) if codec.storage == "integer" else st.integers(0, 900).map(lambda n: n / 100)
    else:
        cells = _MEANT.get(kind, _TEXTS.filter(bool))
    return cells.map(StoredCell)


@cache
def cells_for(codec: Codec) -> st.SearchStrategy[StoredCell]:
    """Return cells for a column of the codec: three of four as they are meant, the fourth anything."""
    meant = meant_for(codec)
    return st.one_of(meant, meant, meant, ANY_CELLS)


KEYS = st.one_of(
    st.sampled_from([f"key-{number}" for number in range(1, 7)]).map(StoredCell),
    st.sampled_from([f"key-{number}" for number in range(1, 7)]).map(StoredCell),
    st.sampled_from(["KEY-1", "1", "#1", "a/b", "a\x1fb", "k" * 3000]).map(StoredCell),
    ANY_CELLS,
)
"""Keys that repeat, that differ only in case, and that are no keys."""
