"""What any column of a codec may be found to hold, and what must become of the row: the issue's two lists, as data.

What lives here: cells by kind of codec. What does not: which column has which codec (the declared sources), and what
no cell alone decides: keys, NOT NULL and collisions (test_hostile_matrix).
"""

from collections.abc import Iterator

from legacy_import.codecs import Codec
from legacy_import.demo.rows import Cell
from tests.integration.legacy_import.pipeline.properties.cell_strategies import StoredCell

Cells = tuple[StoredCell, ...]

_NO_TEXT: list[Cell] = ["nul \x00 inside", b"\x89PNG\x00\xff"]
_BAD_UTF8 = [b"caf\xe9", b"cut \xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\xaf"]
_TEXTS: list[Cell] = [
    "\\N",
    "\\.",
    "one\ttwo\t\tthree",
    "it's \"quoted\" and ''doubled'' and \\'escaped\\'",
    "first\nsecond\r\nthird\rfourth\n",
    "\U0001f469\u200d\U0001f680 e\u0301 is not \u00e9 \U0010fffd",
    "\u0645\u0631\u064a\u0645 \u202eabc\u202c \u05e9\u05c1",
    "  \u00a0\u3000 ",
    "\x01i:5",
    "on_holiday_until_spring",
    "MiXed CaSe",
    5,
    0.5,
]
_NO_NUMBERS: list[Cell] = ["25,000", "about ten", "NaN", "Infinity", "1_000", "0x10", " 4", "4 ", "\u0664", "", "4\n"]
_INFINITE: list[Cell] = [float("inf"), float("-inf")]
_MOMENTS: list[Cell] = [
    "2025-08-19T17:00:47Z",
    "2025-08-19T19:00:47.930332+02:00",
    "2025-08-19T08:30:00-07:00",
    "2025-08-19 20:00:47",
    "2025-08-19T20:00:47",
    "2025-08-19T20:00:47.5",
    "2025-08-19",
    "2025-08-19 24:00:00",
    "2025-10-26T03:30:00",
    "2025-10-26 03:30:00",
    "2025-03-30T03:30:00",
    "2025-03-30 03:30:00",
]
_NO_MOMENTS: list[Cell] = [
    "1755622847",
    1755622847,
    1755622847.5,
    "2025-02-30T10:00:00",
    "2025-02-20 25:00:00",
    "2025-08-19T17:00:47+25:00",
    "yesterday",
    "now",
    "infinity",
    "epoch",
    "0001-01-01T00:00:00",
    "9999-12-31 23:59:59",
    "10000-01-01 00:00:00",
]
_JSONS: list[Cell] = ['{"zebra": 1, "ant": 2}', '{"a": 1, "a": 2}', '{"rate": 1.10,"wide" :  [ ]}', "null", "1.10", 5]
_NO_JSONS: list[Cell] = [
    "{'single': 1}",
    '{"rate": NaN}',
    '{"a": "\\u0000"}',
    "[" * 201 + "]" * 201,
    "1e1000",
    "",
    float("inf"),
]
_BOOLEANS: list[Cell] = ["true", "FALSE", "1", 0, 1]
_NO_BOOLEANS: list[Cell] = ["yes", "t", 2, -1, 1.0, ""]
_PAIRS: list[tuple[Cell, Cell]] = [
    ("2025-01-20", "07:00 am"),
    ("2025-01-20", "12:05PM"),
    ("2025-10-26", "3:30 AM"),
    ("2025-03-30", "3:30 AM"),
]
_NO_PAIRS: list[tuple[Cell, Cell]] = [
    ("2025-02-30", "7:00 AM"),
    ("today", "7:00 AM"),
    ("", "7:00 AM"),
    (1755622847, "7:00 AM"),
    (b"2025-01-20", "7:00 AM"),
    ("2025-01-20", "noon"),
    ("2025-01-20", "13:00 PM"),
    ("2025-01-20", ""),
    ("2025-01-20", None),
    ("2025-01-20", b"7:00 AM"),
    ("9999-12-31", "11:00 PM"),
]


def hostile_cells(codec: Codec) -> Iterator[tuple[Cells, bool]]:
    """Yield cells for a column of the codec (two for a pair), and whether a row that holds them lands."""
    kind = codec.name.split("(")[0]
    if kind == "date_and_clock":
        yield from (((StoredCell(day), StoredCell(clock)), True) for day, clock in _PAIRS)
        yield from (((StoredCell(day), StoredCell(clock)), False) for day, clock in _NO_PAIRS)
        return
    landing, refused = _cells(kind, codec)
    yield from (((StoredCell(cell),), True) for cell in landing)
    yield from (((StoredCell(cell),), False) for cell in [*refused, *_NO_TEXT])
    yield from (((StoredCell(raw, as_text=True),), False) for raw in _BAD_UTF8)


_BY_KIND: dict[str, tuple[list[Cell], list[Cell]]] = {
    "text": (_TEXTS, []),
    "lower_case": (_TEXTS, []),
    "key": (_TEXTS, []),
    "empty_as_null": ([*_TEXTS, ""], []),
    "boolean": (_BOOLEANS, _NO_BOOLEANS),
    "json": (_JSONS, _NO_JSONS),
    "utc_timestamp": (_MOMENTS, [*_NO_MOMENTS, ""]),
    "local_timestamp": (_MOMENTS, [*_NO_MOMENTS, ""]),
    "empty_or_local_timestamp": ([*_MOMENTS, ""], _NO_MOMENTS),
}


def _cells(kind: str, codec: Codec) -> tuple[list[Cell], list[Cell]]:
    if kind == "integer":
        return _integers(codec)
    return _decimals(codec) if kind == "decimal" else _BY_KIND[kind]


def _integers(codec: Codec) -> tuple[list[Cell], list[Cell]]:
    minimum, maximum = (int(bound) for bound in codec.name.removeprefix("integer(").rstrip(")").split(","))
    landing: list[Cell] = ["4", "+4", "4.0", 4.0, minimum, maximum]
    beyond: list[Cell] = [
        minimum - 1,
        maximum + 1,
        str(maximum + 1),
        float(maximum + 1),
        2**63 - 1,
        12.7,
        "12.7",
        "1e5",
    ]
    return landing, [*beyond, *_NO_NUMBERS, *_INFINITE]


def _decimals(codec: Codec) -> tuple[list[Cell], list[Cell]]:
    digits, scale = (int(figure) for figure in codec.name.removeprefix("decimal(").rstrip(")").split(","))
    bound, half = 10 ** (digits - scale), 0.5 * 10**-scale
    landing: list[Cell] = [0.123456789, 0.7999999999999999, -0.0, 0.005, "0.5", "5e-1", 1, 0, -1.5, bound - 2 * half]
    return landing, [bound, float(bound), -bound, bound - half, 1e300, str(bound), *_NO_NUMBERS, *_INFINITE]
