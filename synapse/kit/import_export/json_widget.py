"""JSON columns as cells, and exactly back.

What lives here: the spelling of JSON as PostgreSQL has it. What does not: other types (widgets.py).
"""

import json
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, Value

from synapse.kit.import_export.cells import Cell, spelled
from synapse.kit.import_export.errors import CellError
from synapse.kit.import_export.formula_escaping import escaped, unescaped
from synapse.kit.import_export.widgets import ExactWidget


class JsonWidget(ExactWidget):
    """JSON; values go in and out as PostgreSQL's own text of them, for Python's floats lose digits."""

    expected = "JSON"
    fix = 'Write it like {"hook": "question", "score": 0.8}; an empty cell is NULL.'

    def cell_of(self, value: Any) -> Cell:
        """Return PostgreSQL's text of the JSON."""
        return escaped(str(value))

    def value_of(self, cell: Cell) -> Any:
        """Return what a JSON column saves; JSON's null is wrapped, for None would be NULL."""
        text = unescaped(spelled(cell))
        exact = self._loaded(text)
        value = json.loads(text)
        if _holds_what_postgres_refuses(text, exact):
            raise CellError("JSON without NUL characters and halves of characters", "Delete \\u0000 and the like.")
        if exact != value:
            raise CellError("JSON whose numbers have at most 15 digits", "Shorten the number, or write it in quotes.")
        return Value(None, JSONField()) if value is None else value

    def is_same(self, cell: Cell, value: Any) -> bool:
        """Say whether the cell holds the JSON the row has, however it is spelled."""
        if spelled(cell) == spelled(self.render(value)):
            return True
        if cell is None or value is None:
            return False
        try:
            return bool(self._loaded(unescaped(spelled(cell))) == self._loaded(str(value)))
        except CellError:
            return False

    def in_words(self, cell: Cell) -> str:
        """Return the JSON itself; NULL differs from JSON's null."""
        return "NULL" if cell in {None, ""} else unescaped(spelled(cell))

    def _loaded(self, text: str) -> Any:
        try:
            return json.loads(text, parse_float=_number, parse_constant=self._refuse)
        except (ValueError, RecursionError) as error:
            raise self.refused() from error

    def _refuse(self, word: str) -> None:
        raise ValueError(f"{word} is no JSON")


def _number(text: str) -> Decimal | float:
    """Return the number as a float where nothing is lost, else exactly, so that the two readings differ."""
    exact, near = Decimal(text), float(text)
    return near if exact == Decimal(repr(near)) else exact


def _holds_what_postgres_refuses(text: str, loaded: Any) -> bool:
    if "\\u" not in text and "\x00" not in text:
        return False
    try:
        return "\x00" in json.dumps(
            loaded, ensure_ascii=False, default=str
        ).encode().decode() or "\\u0000" in json.dumps(loaded, default=str)
    except UnicodeEncodeError:
        return True
