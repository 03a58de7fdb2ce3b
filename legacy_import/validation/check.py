"""One check's verdict, with all that a report shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from legacy_import.validation.differences import Difference

MISSING_ROWS: Final = "missing rows"
"""The topic of a file that came back without most of its rows."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check's verdict; `detail` is a sentence with the figures of both sides.

    `name` is "scope: topic", the scope a source, a database or all sources. `differences` are listed up to a bound,
    the unexplained ones first. `lines` are a table's rows, each with the same keys (per legacy table, per query).
    `figures` are what a report's summary adds up: rows and cells compared, inquiries and value found here.
    `left_out` counts, by explanation, differences that were listed once and are not among `differences` any more.
    """

    name: str
    database: str
    passed: bool
    detail: str
    differences: tuple[Difference, ...] = ()
    lines: tuple[dict[str, Any], ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """What was looked at: a source, a database, or all sources."""
        return self.name.partition(": ")[0]

    @property
    def topic(self) -> str:
        """What was asked."""
        return self.name.partition(": ")[2]

    @property
    def slug(self) -> str:
        """The name as an anchor of a page."""
        return self.name.replace(": ", "-").replace(" ", "-")

    def as_json(self) -> dict[str, Any]:
        """Return the check in the shape of the command line's contract, with what more it has."""
        check: dict[str, Any] = {
            "name": self.name,
            "database": self.database,
            "passed": self.passed,
            "detail": self.detail,
        }
        more: dict[str, Any] = {
            "differences": [difference.as_json() for difference in self.differences],
            "lines": list(self.lines),
            "figures": dict(self.figures),
            "left_out": dict(self.left_out),
        }
        return check | {name: value for name, value in more.items() if value}


def all_passed(checks: Sequence[Check]) -> bool:
    """Say whether no check failed; no checks at all prove nothing."""
    return bool(checks) and all(check.passed for check in checks)
