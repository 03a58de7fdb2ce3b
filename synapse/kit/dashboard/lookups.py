"""The lookup `not_among`, which Django lacks: all rows but those with some values, as links to "all others" need it.

Its values are a JSON list, so that a query string can carry any text (links.py).
"""

import json
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Lookup, TextField

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    # Django's class can't be subscribed when the program runs.
    _Lookup = Lookup


class NotAmong(_Lookup):
    """True where the text is none of the values, and where there is no text: what `exclude(column__in=…)` keeps."""

    lookup_name = "not_among"

    def get_prep_lookup(self) -> list[str]:
        """Return the values, of an address's JSON too. Raises ValueError for what is no list of texts."""
        values = json.loads(self.rhs) if isinstance(self.rhs, str) else list(self.rhs)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ValueError("not_among takes a list of texts.")
        return values

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"({column} = ANY(%s)) IS NOT TRUE", [*parameters, self.rhs]


TextField.register_lookup(NotAmong)
CharField.register_lookup(NotAmong)
