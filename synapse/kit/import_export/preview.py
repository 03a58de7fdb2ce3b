"""A plan in words, for its page and for the file of its bad rows.

What lives here: what a person is shown of a plan. What does not: the plan (planning.py), the page (import_pages.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from synapse.foundation.text.visible import visible
from synapse.kit.import_export.cells import spelled
from synapse.kit.import_export.csv_writing import csv_of
from synapse.kit.import_export.formula_escaping import as_it_came, escaped
from synapse.kit.import_export.headings import PROBLEMS
from synapse.kit.import_export.plans import Change, Plan, RowKind, RowPlan

MOST_SHOWN: Final = 100
"""Rows of each kind on the page."""
_LONGEST_SHOWN: Final = 160
_BEFORE_THE_DIFFERENCE: Final = 40


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row on the page."""

    number: int
    key: str
    cells: list[tuple[str, str, str]]
    problems: list[str]
    later: dict[str, str]
    """When a column was changed here without the file knowing, by column."""

    @property
    def marked_cells(self) -> list[tuple[str, str, str, str]]:
        """Return the cells, each with when it was changed here without the file knowing."""
        return [(column, old, new, self.later.get(column, "")) for column, old, new in self.cells]


def preview_context(plan: Plan) -> dict[str, Any]:
    """Return what the page shows: the counts, and the first rows of each kind."""
    counts = {kind.value: len(plan.of(kind)) for kind in RowKind}
    shown = {kind.value: [_shown(row) for row in _first(plan.of(kind))] for kind in RowKind if kind != RowKind.SAME}
    return {
        "notes": plan.notes,
        "counts": counts,
        "total": len(plan.rows),
        "good": counts["new"] + counts["changed"],
        "shown": shown,
        "most_shown": MOST_SHOWN,
        "later": plan.later_cells,
        "digest": plan.digest,
    }


def bad_rows_csv(plan: Plan) -> Iterator[str]:
    """Yield the bad rows as they were in the file, each with its reasons; mended, it is imported as it is."""
    width = len(plan.headings)
    rows = (
        [
            *(as_it_came(spelled(cell)) for cell in (*row.cells, *[None] * width)[:width]),
            escaped(" ".join(map(str, row.problems))),
        ]
        for row in plan.of(RowKind.ERROR)
    )
    return csv_of([*map(escaped, plan.headings), PROBLEMS], rows)


def _shown(row: RowPlan) -> ShownRow:
    cells = [(change.column, *_side_by_side(change, is_new=row.is_new)) for change in row.changes]
    later = {change.column: change.later for change in row.changes if change.later}
    problems = [str(problem) for problem in row.problems]
    return ShownRow(row.number, visible(row.key[:_LONGEST_SHOWN]), cells, problems, later)


def _first(rows: Sequence[RowPlan]) -> list[RowPlan]:
    """Return the rows that are shown: those that ask for a decision before all others."""
    return sorted(rows, key=lambda row: not any(change.later for change in row.changes))[:MOST_SHOWN]


def _side_by_side(change: Change, *, is_new: bool) -> tuple[str, str]:
    """Return the old and the new value, both cut where they begin to differ."""
    if is_new:
        return "", _cut(change.new, 0)
    start = max(0, _alike(change.old, change.new) - _BEFORE_THE_DIFFERENCE)
    if max(len(change.old), len(change.new)) <= _LONGEST_SHOWN:
        start = 0
    return _cut(change.old, start), _cut(change.new, start)


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST_SHOWN
    rest = f"… ({len(text):,} characters)" if len(text) > end else ""
    return ("…" if start else "") + visible(text[start:end]) + rest


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin alike with."""
    differing = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))
