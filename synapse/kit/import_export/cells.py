"""Cells as files hold them, whatever the format: their type, and their spelling in CSV and on pages."""

import math
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes instead of holding a value."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell whose formula failed, such as #REF!: it holds no value."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class AmbiguousNumber:
    """A text that is one number with a decimal point and another with a decimal comma, which nobody has decided."""

    text: str
    point: str
    comma: str

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | Decimal | bool | date | datetime | time | Formula | ErrorCell | AmbiguousNumber | None
"""What a file holds; None is an empty cell. CSV knows texts only."""


def serialize_cell(cell: Cell) -> str:
    """Return the cell as text, as a CSV file has it."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return str(cell) if not cell.is_finite() else f"{cell:f}"
        case float():
            return _serialize_float(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def is_empty_cell(cell: Cell) -> bool:
    """Say whether the cell holds nothing."""
    return cell is None or cell == ""


def _serialize_float(number: float) -> str:
    """Return the number without exponent: XLSX has floats only, so 5 comes as 5.0, and 0.00001 as 1e-05."""
    if not math.isfinite(number):
        return repr(number)
    return str(int(number)) if number.is_integer() else f"{Decimal(repr(number)):f}"
