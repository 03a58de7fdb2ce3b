"""How a legacy cell reads as a target value, told in Python, apart from the codecs it is held against.

Each reading has an example: a cell of its own for every position, so that two columns that change places are noticed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

BUCHAREST: Final = ZoneInfo("Europe/Bucharest")
_FIRST: Final = datetime(2025, 2, 3, 8, 5, 9, 123456)  # noqa: DTZ001 - a naive legacy time


@dataclass(frozen=True, slots=True)
class Reading:
    """`read` takes the cells of a column (or of a pair) that are not NULL; `example` a column's position.

    `parent` is the target table a reference points to: its rows are found by their legacy key in the ledger.
    """

    read: Callable[..., Any]
    example: Callable[[int], Any]
    parent: str = ""


def _decimal(places: int) -> Callable[[float], Decimal]:
    def read(cell: float) -> Decimal:
        return Decimal(repr(cell)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

    return read


def _utc(cell: str) -> datetime:
    return datetime.fromisoformat(cell).replace(tzinfo=UTC)


def _local(cell: str) -> datetime:
    return datetime.fromisoformat(cell).replace(tzinfo=BUCHAREST)


def _day_and_clock(day: str, clock: str) -> datetime:
    return datetime.strptime(f"{day} {clock}", "%Y-%m-%d %I:%M %p").replace(tzinfo=BUCHAREST)


def _moment(position: int) -> datetime:
    return _FIRST + timedelta(days=position, minutes=position)


TEXT = Reading(str, lambda position: f"Text {position}: Größe 'ü'\t\\N \U0001f680")
EMPTY_AS_NULL = Reading(lambda cell: cell or None, TEXT.example)
LOWER_CASE = Reading(str.lower, lambda position: f"word{position}")
INTEGER = Reading(int, lambda position: 1000 + position)
ONE_TO_FIVE = Reading(int, lambda position: 1 + position % 5)
BOOLEAN = Reading(bool, lambda _: 1)
JSON = Reading(json.loads, lambda position: json.dumps({"a": [position, None, "ü"]}, ensure_ascii=False))
MONEY = Reading(_decimal(2), lambda position: 2000.25 + position)
WHOLE_MONEY = Reading(_decimal(2), lambda position: 3000 + position)
RATIO = Reading(_decimal(4), lambda position: (100 + position) / 10000)
SHARE = Reading(_decimal(2), lambda position: (10 + position) / 100)
UTC_TIME = Reading(_utc, lambda position: str(_moment(position).replace(microsecond=0)))
LOCAL_TIME = Reading(_local, lambda position: _moment(position).isoformat())
EMPTY_OR_LOCAL_TIME = Reading(lambda cell: _local(cell) if cell else None, LOCAL_TIME.example)
DAY_AND_CLOCK = Reading(_day_and_clock, lambda position: (f"2025-03-{position + 1:02}", "7:05 PM"))
KEY = Reading(lambda _: None, lambda position: f"key-{position}")
"""It fills no target column: the ledger remembers it."""


def pointing_to(parent: str) -> Reading:
    """Return the reading of a legacy key that becomes the key of a row of the target table."""
    return Reading(str, lambda _: f"parent in {parent}", parent)
