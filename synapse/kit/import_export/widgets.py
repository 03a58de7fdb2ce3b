"""Values of columns as cells, and exactly back: django-import-export's widgets, made lossless.

What lives here: texts, numbers, booleans and keys; times and JSON are time_widgets.py's and json_widget.py's, which
column has which widget columns.py's. `render` returns the cell (None for NULL); `clean` returns the value (None for an
empty cell) or raises CellError.
"""

import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from import_export.widgets import Widget

from synapse.kit.import_export.cells import AmbiguousNumber, Cell, ErrorCell, Formula, is_empty_cell, serialize_cell
from synapse.kit.import_export.errors import CellError
from synapse.kit.import_export.formula_escaping import NO_TEXT, escape_formula, unescape_formula

_WHOLE: Final = re.compile(r"[+-]?[0-9]+(\.0*)?", re.ASCII)
_MAX_DIGITS: Final = 28
"""The precision of Python's decimal context: beyond it arithmetic rounds, and far exponents take for ever to spell."""
_MAX_INTEGER_LENGTH: Final = 40
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})


class ExactWidget(Widget):  # type: ignore[misc]  # the library brings no types
    """What all exact widgets do: NULL is an empty cell; a formula, its error or an undecided number is no value."""

    expected: str = "a value"
    fix: str = ""

    def render(self, value: Any, obj: Any = None, **_: Any) -> Cell:  # noqa: ARG002  # the library's signature
        """Return the value as a cell."""
        return None if value is None else self.encode_value(value)

    def clean(self, value: Cell, row: Any = None, **_: Any) -> Any:  # noqa: ARG002  # the library's signature
        """Return the cell's value, None for an empty one. Raises CellError."""
        if is_empty_cell(value):
            return None
        if isinstance(value, Formula):
            raise CellError(
                "a value, not a formula", "Replace the formula by its value (copy, then paste values only)."
            )
        if isinstance(value, ErrorCell):
            raise CellError("a value, not the error of a formula", "Correct the formula, or type the value.")
        if isinstance(value, AmbiguousNumber):
            raise CellError(
                "a number that can be read in one way only",
                f"Choose in the preview whether it is {value.point} or {value.comma}.",
            )
        return self.decode_cell(value)

    def cell_holds_value(self, cell: Cell, value: Any) -> bool:
        """Say whether the cell holds the value the row already has, valid or not."""
        if serialize_cell(cell) == serialize_cell(self.render(value)):
            return True
        try:
            cleaned = self.clean(cell)
        except CellError:
            return False
        return self.is_equal(cleaned, value)

    def format_cell(self, cell: Cell) -> str:
        """Return the cell for a person."""
        return "NULL" if is_empty_cell(cell) else serialize_cell(cell)

    def encode_value(self, value: Any) -> Cell:
        """Return a value that isn't NULL as a cell."""
        return str(value)

    def decode_cell(self, cell: Cell) -> Any:
        """Return the value of a cell that isn't empty."""
        raise NotImplementedError

    def is_equal(self, cleaned: Any, value: Any) -> bool:
        """Say whether two values, NULL included, are the same to a person."""
        return bool(cleaned == value)

    def cell_error(self) -> CellError:
        """Return the error of a cell that is no value of this kind."""
        return CellError(self.expected, self.fix)


class TextWidget(ExactWidget):
    """A text, kept to the last blank."""

    expected = "a text"

    def encode_value(self, value: Any) -> Cell:
        """Return the text so that no spreadsheet runs it."""
        return escape_formula(str(value))

    def decode_cell(self, cell: Cell) -> str:
        """Return the text; a number that a spreadsheet made of a text is spelled out."""
        text = unescape_formula(serialize_cell(cell))
        if "\x00" in text:
            raise CellError("a text without the character NUL", "Delete the character U+0000 from the cell.")
        return text

    def is_equal(self, cleaned: Any, value: Any) -> bool:
        """Say whether the texts are the same but for line ends, which spreadsheets rewrite."""
        return bool(_normalize_line_ends(cleaned) == _normalize_line_ends(value))

    def format_cell(self, cell: Cell) -> str:
        """Return the text itself, without the apostrophe."""
        if serialize_cell(cell) == NO_TEXT:
            return "(empty text)"
        return "NULL" if is_empty_cell(cell) else unescape_formula(serialize_cell(cell))


class IntegerWidget(ExactWidget):
    """A whole number within the column's range."""

    def __init__(self, smallest: int, largest: int) -> None:
        super().__init__()
        self.smallest, self.largest = smallest, largest
        self.expected = f"a whole number from {smallest} to {largest}"
        self.fix = "Write digits only, such as 1200."

    def encode_value(self, value: Any) -> Cell:
        """Return the number."""
        return int(value)

    def decode_cell(self, cell: Cell) -> int:
        """Return the number of a cell."""
        text = serialize_cell(cell).strip()
        if isinstance(cell, bool) or len(text) > _MAX_INTEGER_LENGTH or not _WHOLE.fullmatch(text):
            raise self.cell_error()
        number = int(text.partition(".")[0])
        if not self.smallest <= number <= self.largest:
            raise self.cell_error()
        return number


class DecimalWidget(ExactWidget):
    """A decimal number that the column holds without rounding."""

    def __init__(
        self, digits: int, places: int, *, smallest: Decimal | None = None, largest: Decimal | None = None
    ) -> None:
        super().__init__()
        bound = Decimal(10) ** (digits - places) - Decimal(1).scaleb(-places)
        self.smallest = -bound if smallest is None else smallest
        self.largest = bound if largest is None else largest
        self.places = places
        self.expected = f"a number from {self.smallest:f} to {self.largest:f} with at most {places} decimals"
        self.fix = "Write a number such as 1200.50."

    def encode_value(self, value: Any) -> Cell:
        """Return the number."""
        return Decimal(value)

    def decode_cell(self, cell: Cell) -> Decimal:
        """Return the number of a cell."""
        text = serialize_cell(cell).strip()
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise self.cell_error() from error
        size = max(abs(number.adjusted()), len(number.as_tuple().digits)) if number.is_finite() else _MAX_DIGITS + 1
        if isinstance(cell, bool) or "_" in text or size > _MAX_DIGITS:
            raise self.cell_error()
        exponent = number.normalize().as_tuple().exponent
        fits = isinstance(exponent, int) and -exponent <= self.places and self.smallest <= number <= self.largest
        if not fits:
            raise self.cell_error()
        return number


class FloatWidget(ExactWidget):
    """A floating-point number."""

    expected = "a number"

    def encode_value(self, value: Any) -> Cell:
        """Return the number."""
        return float(value)

    def decode_cell(self, cell: Cell) -> float:
        """Return the number of a cell."""
        try:
            return float(serialize_cell(cell))
        except ValueError as error:
            raise self.cell_error() from error


class BooleanWidget(ExactWidget):
    """True or false."""

    expected = "true or false"

    def encode_value(self, value: Any) -> Cell:
        """Return the truth value."""
        return bool(value)

    def decode_cell(self, cell: Cell) -> bool:
        """Return the truth value of a cell."""
        word = serialize_cell(cell).strip().lower()
        if word not in _TRUE | _FALSE:
            raise self.cell_error()
        return word in _TRUE


class UuidWidget(ExactWidget):
    """A row's key."""

    expected = "a key such as 6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11"
    fix = "Take it from an export."

    def decode_cell(self, cell: Cell) -> uuid.UUID:
        """Return the key of a cell."""
        try:
            return uuid.UUID(serialize_cell(cell).strip())
        except ValueError as error:
            raise self.cell_error() from error


def _normalize_line_ends(text: Any) -> Any:
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text
