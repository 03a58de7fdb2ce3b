"""The preview of an import: its plan in words, for the page and for the file of its bad rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from synapse.foundation.logs.logged_calls import log_row_count
from synapse.foundation.text.visible import visible
from synapse.kit.import_export.cells import serialize_cell
from synapse.kit.import_export.csv_writing import generate_csv
from synapse.kit.import_export.formula_escaping import escape_foreign_cell, escape_formula
from synapse.kit.import_export.headings import PROBLEMS
from synapse.kit.import_export.plans import Change, Plan, RowKind

MAX_SHOWN_ROWS: Final = 100
"""Of each kind, on the page."""
_MAX_SHOWN_LENGTH: Final = 160
_BEFORE_THE_DIFFERENCE: Final = 40


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row on the page."""

    number: int
    key: str
    cells: list[tuple[str, str, str]]
    problems: list[str]
    later: dict[str, str]
    """When a cell was changed here after the export, by column."""

    @property
    def marked_cells(self) -> list[tuple[str, str, str, str]]:
        """Return the cells, each with when it was changed here after the export (empty: it was not)."""
        return [(column, old, new, self.later.get(column, "")) for column, old, new in self.cells]


def preview_context(plan: Plan) -> dict[str, Any]:
    """Return what the page shows: the counts, and the first rows of each kind."""
    counts = {kind.value: len(plan.rows_of_kind(kind)) for kind in RowKind}
    shown: dict[str, list[ShownRow]] = {}
    for kind in (RowKind.NEW, RowKind.CHANGED, RowKind.ERROR):
        # Rows that ask for a decision come first: beyond the limit nobody would see them.
        rows = sorted(plan.rows_of_kind(kind), key=lambda row: not any(change.later for change in row.changes))
        shown[kind.value] = []
        for row in rows[:MAX_SHOWN_ROWS]:
            cells = [(change.column, *_excerpt_difference(change, is_new=row.is_new)) for change in row.changes]
            later = {change.column: change.later for change in row.changes if change.later}
            problems = [str(problem) for problem in row.problems]
            key = visible(row.key[:_MAX_SHOWN_LENGTH])
            shown[kind.value].append(ShownRow(row.number, key, cells, problems, later))
    return {
        "notes": plan.notes,
        "questions": plan.questions,
        "counts": counts,
        "total": len(plan.rows),
        "good": counts["new"] + counts["changed"],
        "shown": shown,
        "most_shown": MAX_SHOWN_ROWS,
        "later": plan.later_cell_count,
        "digest": plan.digest,
    }


def bad_rows_csv(plan: Plan) -> Iterator[str]:
    """Yield the bad rows as they were in the file, each with its reasons; mended, it is imported as it is."""
    width = len(plan.headings)
    rows = (
        [
            *(escape_foreign_cell(serialize_cell(cell)) for cell in (*row.cells, *[None] * width)[:width]),
            escape_formula(" ".join(map(str, row.problems))),
        ]
        for row in plan.rows_of_kind(RowKind.ERROR)
    )
    logged = log_row_count("rows.exported", rows, table="bad rows of a file", format="csv")
    return generate_csv([*map(escape_formula, plan.headings), PROBLEMS], logged)


def _excerpt_difference(change: Change, *, is_new: bool) -> tuple[str, str]:
    """Return the old and the new value, both cut where they begin to differ."""
    if is_new:
        return "", _shorten_text(change.new, 0)
    differing = (place for place, (a, b) in enumerate(zip(change.old, change.new, strict=False)) if a != b)
    common_length = next(differing, min(len(change.old), len(change.new)))
    start = max(0, common_length - _BEFORE_THE_DIFFERENCE)
    if max(len(change.old), len(change.new)) <= _MAX_SHOWN_LENGTH:
        start = 0
    return _shorten_text(change.old, start), _shorten_text(change.new, start)


def _shorten_text(text: str, start: int) -> str:
    end = start + _MAX_SHOWN_LENGTH
    rest = f"… ({len(text):,} characters)" if len(text) > end else ""
    return ("…" if start else "") + visible(text[start:end]) + rest
