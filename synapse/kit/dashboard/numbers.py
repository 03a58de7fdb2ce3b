"""Numbers and what is made of them: figures, bars, charts, sections; and how a number is written.

Pure values, made by the apps' dashboards and drawn by page.py and the templates.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum, StrEnum
from typing import Final

NOTHING: Final = "—"
"""Written where there is no value; zero is one."""


class Unit(Enum):
    """What a number counts, and so how it is written."""

    COUNT = "count"
    MONEY = "money"
    SHARE = "share"
    """A fraction: 0.25 is written 25.0%."""
    SCORE = "score"


class ChartKind(StrEnum):
    """How a chart draws its bars."""

    BARS = "bars"
    """Horizontal, one below the other: things compared."""
    COLUMNS = "columns"
    """Vertical, from left to right: time."""
    FUNNEL = "funnel"
    """Horizontal and centred: stages, each at most as wide as the one before."""


@dataclass(frozen=True, slots=True)
class Number:
    """A value and the list of rows it comes from; `link` is empty where the reader may not open that list.

    `of` names the column of those rows whose sum the value is. Empty: COUNT is their number, MONEY one of the sums
    shown below the list, and SHARE and SCORE are computed from other numbers.
    """

    value: int | Decimal | None
    unit: Unit = Unit.COUNT
    link: str = ""
    of: str = ""

    @property
    def text(self) -> str:
        """The value as people read it."""
        return NOTHING if self.value is None else format_number(self.value, self.unit)

    @property
    def exact_text(self) -> str:
        """The value as a program reads it, empty where there is none."""
        return "" if self.value is None else format(self.value, "f" if isinstance(self.value, Decimal) else "d")


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: a number with its label and, where there is one, the same number of the period before."""

    label: str
    number: Number
    before: Number | None = None
    note: str = ""
    beside: Number | None = None
    """A second number of the same rows, written smaller."""

    @property
    def change(self) -> str:
        """How the number changed since the period before, in words; empty where one of them is missing."""
        if self.before is None or self.before.value is None or self.number.value is None:
            return ""
        moved = Decimal(self.number.value) - Decimal(self.before.value)
        if not moved:
            return "the same as"
        return f"{format_number(abs(moved), self.number.unit)} {'more' if moved > 0 else 'less'} than"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart: the first of its numbers is drawn, all are written."""

    label: str
    numbers: tuple[Number, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title; `headings` name the bars' numbers, `empty` says what to do where there are none."""

    title: str
    kind: ChartKind
    label_heading: str
    headings: tuple[str, ...]
    bars: tuple[Bar, ...]
    empty: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page; `empty` is its text where it has neither figures nor charts."""

    title: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    empty: str = ""
    note: str = ""


def format_number(value: int | Decimal, unit: Unit) -> str:
    """Return the value as people read it: 1,234 · $610,000 or $0.50 · 25.0% · 7.5."""
    amount = Decimal(value)
    if unit is Unit.COUNT:
        return f"{amount:,f}"
    if unit is Unit.SHARE:
        return f"{(amount * 100).quantize(Decimal('0.1'), ROUND_HALF_EVEN):,f}%"
    if unit is Unit.SCORE:
        return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_EVEN).normalize():,f}"
    sign = "-" if amount < 0 else ""
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{sign}${abs(amount):,.{places}f}"
