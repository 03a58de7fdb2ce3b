"""One difference between a legacy file and PostgreSQL, sorted by who is behind it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Explanation = Literal["edited here", "newer in legacy", "unexplained"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell (or, where `column` is empty, a whole row) that is not the same on both sides.

    `here` and `legacy` are shown values, cut at 80 characters; None means NULL or, for a row, that it is not there.
    `author` is who changed it here, empty where nobody signed.
    """

    explanation: Explanation
    table: str
    key: str
    column: str
    here: str | None
    legacy: str | None
    author: str = ""

    def sentence(self) -> str:
        """Return the difference in words: table, key, column, both values."""
        place = f"{self.table} {self.key}" + (f", column {self.column}" if self.column else "")
        by = f" by {self.author}" if self.author else ""
        return f"{place}: {_shown(self.here)} here, {_shown(self.legacy)} in the file ({self.explanation}{by})"

    def as_json(self) -> dict[str, Any]:
        """Return the difference as an object."""
        return asdict(self)


def _shown(value: str | None) -> str:
    return "nothing" if value is None else repr(value)
