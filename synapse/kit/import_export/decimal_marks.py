"""Which decimal mark a file's columns of numbers are written with: decided by the values, else asked of a person.

1.234 is 1.234 or 1,234. A value of the same column that can be read in one way only (1.234,56) decides; without one the
preview asks, once per column, and no such row is imported before it is answered. Called by planning.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from synapse.kit.import_export.cells import AmbiguousNumber, Cell
from synapse.kit.import_export.columns import Column
from synapse.kit.import_export.number_parsing import DecimalMark, Readings, is_percentage, read_number
from synapse.kit.import_export.widgets import DecimalWidget, FloatWidget, IntegerWidget

DecimalMarks = Mapping[str, DecimalMark]
"""What a person said, by column."""

_MIN_NON_SHARE: Final = Decimal(10)


@dataclass(frozen=True, slots=True)
class MarkQuestion:
    """A column that can be read in two ways: its first such cell, what it is either way, and how many cells there are.

    `answer` is what the person said, None before.
    """

    column: str
    example: str
    point: str
    comma: str
    cells: int
    answer: DecimalMark | None


@dataclass(slots=True)
class NumberColumn:
    """A column of numbers while a plan is made: its decimal mark, None where its values don't say it; the answer."""

    column: Column
    mark: DecimalMark | None = None
    answer: DecimalMark | None = None
    question: MarkQuestion | None = None

    @property
    def note(self) -> str:
        """Return the sentence for a column whose values show a decimal comma, empty for others."""
        is_comma = self.mark is DecimalMark.COMMA and self.question is None
        return f"{self.column.name}: numbers are read with a decimal comma, as one of them shows." if is_comma else ""

    def read_cell(self, cell: Cell) -> Cell:
        """Return the cell as a number in plain digits, as it is if it is none, AmbiguousNumber if it may be two."""
        if not isinstance(cell, str):
            return cell
        readings = self._possible_readings(cell)
        is_clear = not readings.is_ambiguous or self._is_decided(readings)
        if not is_clear and self.answer is None:
            return AmbiguousNumber(cell, str(readings.point), str(readings.comma))
        mark = self.mark if is_clear else self.answer
        plain = readings.reading(mark or DecimalMark.POINT)
        return cell if plain is None else plain

    def decide_mark(self, cells: Iterable[Cell], answer: DecimalMark | None) -> None:
        """Find the column's decimal mark in its cells; where they don't say it, take the answer."""
        texts = {cell for cell in cells if isinstance(cell, str)}
        readings = {text: read_number(text) for text in texts}
        marks = {found.mark for found in readings.values()} - {None}
        self.mark = marks.pop() if len(marks) == 1 else None
        possible = {text: self._possible_readings(text) for text in texts}
        unclear = [text for text, found in possible.items() if found.is_ambiguous and not self._is_decided(found)]
        if unclear:
            self.answer = answer
            self._set_question(cells, unclear, answer)

    def _set_question(self, cells: Iterable[Cell], unclear: Sequence[str], answer: DecimalMark | None) -> None:
        sought = set(unclear)
        found = [str(cell) for cell in cells if isinstance(cell, str) and cell in sought]
        readings = read_number(found[0])
        point, comma = str(readings.point), str(readings.comma)
        self.question = MarkQuestion(self.column.name, found[0], point, comma, len(found), answer)

    def _is_decided(self, readings: Readings) -> bool:
        """Say whether the column's values decide an ambiguous number.

        Not where it would have more decimals than the column: 12.000 beside 1234.56 may still be twelve thousand.
        """
        if self.mark is None:
            return False
        widget = self.column.widget
        places = widget.places if isinstance(widget, DecimalWidget) else 0
        _, _, decimals = str(readings.reading(self.mark)).partition(".")
        return isinstance(widget, FloatWidget) or len(decimals) <= places

    def _possible_readings(self, text: str) -> Readings:
        """Return the readings that the column can hold: a share of 1.234 can't be 1234."""
        readings, widget = read_number(text), self.column.widget
        if is_percentage(text) and not _holds_shares(widget):
            return Readings(None, None)
        if not readings.is_ambiguous or not isinstance(widget, DecimalWidget | IntegerWidget):
            return readings
        point, comma = (
            reading if widget.smallest <= Decimal(str(reading)) <= widget.largest else None
            for reading in (readings.point, readings.comma)
        )
        return readings if point is comma is None else Readings(point, comma)


@dataclass(frozen=True, slots=True)
class NumberColumns:
    """A file's columns of numbers, by name."""

    by_name: Mapping[str, NumberColumn] = field(default_factory=dict)

    def read_cell(self, column: Column, cell: Cell) -> Cell:
        """Return what the cell of the column means; of columns that hold no numbers the cell itself."""
        numbers = self.by_name.get(column.name)
        return cell if numbers is None else numbers.read_cell(cell)

    @property
    def questions(self) -> tuple[MarkQuestion, ...]:
        """Return the columns that can be read in two ways."""
        return tuple(numbers.question for numbers in self.by_name.values() if numbers.question)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence per column whose decimal comma was found in its values."""
        return tuple(numbers.note for numbers in self.by_name.values() if numbers.note)


def find_decimal_marks(
    columns: Sequence[Column | None], rows: Sequence[Sequence[Cell]], answers: DecimalMarks
) -> NumberColumns:
    """Return the columns of numbers, each with the decimal mark that its cells or the person's answer tell."""
    found = {}
    for place, column in enumerate(columns):
        if column is None or not isinstance(column.widget, DecimalWidget | IntegerWidget | FloatWidget):
            continue
        numbers = NumberColumn(column)
        numbers.decide_mark([row[place] for row in rows if place < len(row)], answers.get(column.name))
        found[column.name] = numbers
    return NumberColumns(found)


def _holds_shares(widget: object) -> bool:
    """Say whether 12 % of the column is 0.12; in a column of larger numbers it may as well be 12."""
    return isinstance(widget, DecimalWidget) and widget.largest < _MIN_NON_SHARE
