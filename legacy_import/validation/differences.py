"""A difference between a legacy file and PostgreSQL, classified by who caused it, and a bounded tally of many."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Explanation = Literal["unexplained", "edited here", "fixed here", "in quarantine", "newer in legacy"]

EXPLANATIONS_IN_ORDER: Final[tuple[Explanation, ...]] = (
    "unexplained",
    "edited here",
    "fixed here",
    "in quarantine",
    "newer in legacy",
)
"""The explanations as they are listed; only the first one fails a check."""

NEWER_REMARK: Final = " (newer in legacy: the next import brings it)"
"""What is said after a figure that differs because the file changed since its import."""

MAX_KEPT_DIFFERENCES: Final = 1000
"""Of each kind in a check: with more than this it is broken as a whole, and the first ones show how."""


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

    def as_sentence(self) -> str:
        """Return the difference in words: table, key, column, both values."""
        place = f"{self.table} {self.key}" + (f", column {self.column}" if self.column else "")
        by = f" by {self.author}" if self.author else ""
        return (
            f"{place}: {_quote_value(self.here)} here, {_quote_value(self.legacy)} in the file ({self.explanation}{by})"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the difference as an object."""
        return asdict(self)


@dataclass(slots=True)
class Tally:
    """Counts all differences by explanation and keeps the first of each, so that memory stays bounded."""

    counts: Counter[Explanation] = field(default_factory=Counter)
    _first: dict[Explanation, list[Difference]] = field(default_factory=lambda: defaultdict(list))

    def add_differences(self, differences: Iterable[Difference]) -> None:
        """Count the differences."""
        for difference in differences:
            self.counts[difference.explanation] += 1
            if len(self._first[difference.explanation]) < MAX_KEPT_DIFFERENCES:
                self._first[difference.explanation].append(difference)

    @property
    def all_explained(self) -> bool:
        """Whether every difference is explained."""
        return not self.counts["unexplained"]

    @property
    def kept_differences(self) -> tuple[Difference, ...]:
        """The kept differences, the unexplained ones first."""
        return tuple(difference for kind in EXPLANATIONS_IN_ORDER for difference in self._first.get(kind, ()))

    def describe_differences(self, figures: str) -> str:
        """Return the first unexplained difference in words, else the figures and how many of each kind there are."""
        unexplained = self.counts["unexplained"]
        if unexplained:
            more = f", and {unexplained - 1:,} more" if unexplained > 1 else ""
            return self._first["unexplained"][0].as_sentence() + more
        return "; ".join(
            [figures, *(f"{self.counts[kind]:,} {kind}" for kind in EXPLANATIONS_IN_ORDER if self.counts[kind])]
        )


def _quote_value(value: str | None) -> str:
    return "nothing" if value is None else repr(value)
