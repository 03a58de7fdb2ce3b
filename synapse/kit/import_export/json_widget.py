"""JSON columns as cells, and exactly back, by the text that PostgreSQL has of them."""

import json
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, Value

from synapse.foundation.text.storable import is_storable_json
from synapse.kit.import_export.cells import Cell, serialize_cell
from synapse.kit.import_export.errors import CellError
from synapse.kit.import_export.formula_escaping import escape_formula, unescape_formula
from synapse.kit.import_export.widgets import ExactWidget


class JsonWidget(ExactWidget):
    """JSON; values go in and out as PostgreSQL's own text of them, for Python's floats lose digits."""

    expected = "JSON"
    fix = 'Write it like {"hook": "question", "score": 0.8}; an empty cell is NULL.'

    def encode_value(self, value: Any) -> Cell:
        """Return PostgreSQL's text of the JSON."""
        return escape_formula(str(value))

    def decode_cell(self, cell: Cell) -> Any:
        """Return what a JSON column saves; JSON's null is wrapped, for None would be saved as NULL."""
        text = unescape_formula(serialize_cell(cell))
        exact = self._load_exactly(text)
        value = json.loads(text)
        if not is_storable_json(value):
            raise CellError("JSON without NUL characters and halves of characters", "Delete \\u0000 and the like.")
        if exact != value:
            raise CellError("JSON whose numbers have at most 15 digits", "Shorten the number, or write it in quotes.")
        return Value(None, JSONField()) if value is None else value

    def cell_holds_value(self, cell: Cell, value: Any) -> bool:
        """Say whether the cell holds the JSON the row has, however it is spelled."""
        if serialize_cell(cell) == serialize_cell(self.render(value)):
            return True
        if cell is None or value is None:
            return False
        try:
            return bool(self._load_exactly(unescape_formula(serialize_cell(cell))) == self._load_exactly(str(value)))
        except CellError:
            return False

    def format_cell(self, cell: Cell) -> str:
        """Return the JSON itself; NULL differs from JSON's null."""
        return "NULL" if cell in {None, ""} else unescape_formula(serialize_cell(cell))

    def _load_exactly(self, text: str) -> Any:
        """Return the JSON; a number is a float where nothing is lost, else a Decimal, which then differs from it."""

        def parse_number(digits: str) -> Decimal | float:
            exact, near = Decimal(digits), float(digits)
            return near if exact == Decimal(repr(near)) else exact

        def refuse_constant(word: str) -> None:
            # Python's reader takes NaN and Infinity, which JSON doesn't have.
            raise ValueError(f"{word} is no JSON")

        try:
            return json.loads(text, parse_float=parse_number, parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:
            raise self.cell_error() from error
