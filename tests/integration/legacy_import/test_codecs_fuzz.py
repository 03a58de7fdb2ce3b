"""The fast reading against the strict one: whatever the fast one lets pass, the strict one reads as the same value.

The strict reading is also what merged rows are compared and promoted by, so a difference would change data.
"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legacy_import import codecs
from legacy_import.cells import MARK, serialize_cell, serialize_stage_cell
from legacy_import.codecs import Codec
from tests.integration.legacy_import.codec_readings import REFUSED, Read, read, read_cell

pytestmark = pytest.mark.django_db

fuzzed = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    # Nothing is written, so that the database and the folder of one test serve all its examples.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_PLAIN = st.characters(exclude_characters="\0\x01", exclude_categories=["Cs"])
TEXTS = st.text(_PLAIN, max_size=40)
INTEGERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31) - 2, 2**31 + 2), st.integers(-2, 6))
REALS = st.one_of(
    st.floats(allow_nan=False),
    st.floats(-11, 11),
    st.floats(-1.1e8, 1.1e8).map(lambda number: round(number, 3)),
    st.sampled_from([99_999_999.995, 9.99995, 1e-99, 1e-7, -0.0, 1e22, 0.1 + 0.7]),
)


_TWO = st.integers(0, 61).map(lambda number: f"{number:02}")
TIMES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["2025", "0000", "0001", "9999", "1899", "٢٠٢٥", " 2025", "-2025", "12025"]),
        st.sampled_from(["-", "-", "-", "/", ""]),
        _TWO,
        st.sampled_from(["-", "-", "-", "."]),
        _TWO,
        st.sampled_from([" ", "T", "T", " ", "  ", "t", ""]),
        _TWO,
        st.just(":"),
        _TWO,
        st.sampled_from([":00", ":59", ":60", ":61", "", ":7"]),
        st.sampled_from(["", "", ".5", ".123456", ".9999999", ".", ".1234567890", ",5"]),
        st.sampled_from(["", "", "", "Z", "+02:00", "+2", " UTC", "-0530", "+25:00", " BC", "\n", " "]),
    ),
)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1))  # noqa: DTZ001 - naive, as the legacy code writes
LEANING = st.sampled_from(
    ["", "now", "today", "epoch", "infinity", "-infinity", "NaN", "Infinity", "allballs", "J2451187"]
)
NUMBERLIKE = st.text("0123456789+-.eExX_, ", max_size=20)
JSONS = st.one_of(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=6,
    ).map(json.dumps),
    st.text('{}[]":,0123456789eE.-\\utrfn ', max_size=20),
)
BY_STORAGE = {
    "text": st.one_of(TEXTS, TIMES, LEANING, NUMBERLIKE, JSONS),
    "integer": INTEGERS,
    "real": REALS,
}
CODECS = [
    codecs.TEXT,
    codecs.EMPTY_AS_NULL,
    codecs.LOWER_CASE,
    codecs.INTEGER,
    codecs.integer_codec(1, 5),
    codecs.BOOLEAN,
    codecs.JSON,
    codecs.MONEY,
    codecs.WHOLE_MONEY,
    codecs.RATIO,
    codecs.decimal_codec(3, 2),
    codecs.UTC_TIMESTAMP,
    codecs.LOCAL_TIMESTAMP,
    codecs.EMPTY_OR_LOCAL_TIMESTAMP,
]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@given(data=st.data())
@fuzzed
def test_what_the_fast_reading_accepts_the_strict_one_reads_alike(codec: Codec, data: st.DataObject) -> None:
    cell: Any = data.draw(BY_STORAGE[codec.storage])
    fast = read_cell(codec, cell)

    assert fast in (REFUSED, read(codec, strictly_spelled(cell), odd=True))


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@given(data=st.data())
@fuzzed
def test_a_cell_of_any_class_is_read_or_refused_and_never_an_error(codec: Codec, data: st.DataObject) -> None:
    plain = serialize_stage_cell(data.draw(st.one_of(*BY_STORAGE.values(), st.binary(max_size=8))), codec.storage)

    assert isinstance(read(codec, plain, odd=True), Read | str)


@pytest.mark.parametrize("cell", [1e-100, 5e-324])
def test_the_smallest_reals_are_read_alike(cell: float) -> None:
    assert read_cell(codecs.MONEY, cell) == read(codecs.MONEY, strictly_spelled(cell), odd=True)


def strictly_spelled(cell: Any) -> str | None:
    """Return the cell tagged, so that it cannot take the fast road; an empty text stays, for codecs that mean NULL."""
    exact = serialize_cell(cell)
    return f"{MARK}t:{exact}" if exact and not exact.startswith(MARK) else exact


@given(
    day=st.dates().map(str),
    clock=st.one_of(TEXTS, st.builds("{}:{} {}".format, _TWO, _TWO, st.sampled_from(["AM", "pm"]))),
)
@fuzzed
def test_a_date_and_a_clock_are_read_alike_on_both_roads(day: str, clock: str) -> None:
    fast = read(codecs.DATE_AND_CLOCK, day, clock, odd=False)

    assert fast == read(codecs.DATE_AND_CLOCK, strictly_spelled(day), strictly_spelled(clock), odd=True)


@given(moment=MOMENTS)
@fuzzed
def test_what_sqlite_writes_comes_back(moment: datetime) -> None:
    cell = str(moment.replace(microsecond=0))

    assert written_back(codecs.UTC_TIMESTAMP, cell) == cell


@given(moment=MOMENTS)
@fuzzed
def test_what_python_writes_comes_back_unless_the_clocks_change(moment: datetime) -> None:
    cell = moment.isoformat()
    offsets = {moment.replace(tzinfo=ZoneInfo("Europe/Bucharest"), fold=fold).utcoffset() for fold in (0, 1)}

    assert written_back(codecs.LOCAL_TIMESTAMP, cell) == cell or len(offsets) == 2


@given(rate=st.integers(-99_999, 99_999).map(lambda number: number / 10_000))
@fuzzed
def test_a_rate_of_four_decimals_comes_back(rate: float) -> None:
    assert written_back(codecs.RATIO, rate) == repr(rate)


@given(amount=st.integers(-9_999_999_999, 9_999_999_999).map(lambda cents: cents / 100))
@fuzzed
def test_an_amount_in_cents_comes_back(amount: float) -> None:
    assert written_back(codecs.MONEY, amount) == repr(amount)


def written_back(codec: Codec, cell: Any) -> str | None:
    found = read_cell(codec, cell)
    assert isinstance(found, Read)
    (back,) = found.back
    return back
