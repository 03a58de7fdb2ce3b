"""What the preview of a step says: which rows it takes, what becomes of them, and why others wait on.

Called by page_contexts; the figures are those of a settlement that was tried and rolled back (actions.Preview).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from legacy_import.admin.quarantine.actions import Preview
from legacy_import.admin.quarantine.groups import GroupKey
from legacy_import.admin.quarantine.rows import HeldRow
from legacy_import.cell_display import format_key, visible

EXAMPLES: Final = 5
_MAX_SHOWN_LENGTH: Final = 80
_OUTCOMES: Final = {
    "inserted": "New",
    "updated": "Updated",
    "unchanged": "Same as here",
    "merged": "Merged into a better source's row",
    "archived": "Archived",
}


@dataclass(frozen=True, slots=True)
class PreviewText:
    """A preview in words; `rows` are the first of those that would be settled."""

    verb: str
    preview: Preview
    group: GroupKey
    rows: Sequence[HeldRow]
    reason: str

    @property
    def reason_text(self) -> str:
        """Why it is decided, safe to read; empty where nothing new is decided."""
        return "" if self.verb == "retry" else visible(self.reason)

    @property
    def settled_count(self) -> int:
        """How many rows would be settled."""
        return len(self.preview.settled)

    @property
    def headline(self) -> str:
        """Return the outcome in a sentence."""
        waiting = self.preview.taken - self.settled_count
        done = "be archived" if self.verb == "archive" else "land"
        rest = f", {waiting:,} would still wait" if waiting else ""
        return f"{format_row_count(self.settled_count)} would {done}{rest}."

    @property
    def batch_scope_text(self) -> str:
        """Return which rows of the group the step takes."""
        if self.preview.taken == self.preview.total:
            return f"all {self.preview.total:,}" if self.preview.total > 1 else "the only one"
        return f"the first {self.preview.taken:,} of {self.preview.total:,}; the others wait for the next step"

    @property
    def column_label(self) -> str:
        """The blamed column's name, safe to read."""
        return visible(self.group.column)

    @property
    def column_values(self) -> list[tuple[str, str]]:
        """Each column with the one value that its cells are read as."""
        return [(visible(name), _format_value(value)) for name, value in self.preview.cells.items()]

    @property
    def outcome_lines(self) -> list[tuple[str, str]]:
        """What becomes of the rows that are settled, with how many do."""
        outcomes = self.preview.outcomes
        return [(words, format_row_count(outcomes[name])) for name, words in _OUTCOMES.items() if name in outcomes]

    @property
    def refusal_lines(self) -> list[str]:
        """Why others wait on, the most frequent reason first."""
        by_number = sorted(self.preview.reasons.items(), key=lambda item: (-item[1], item[0]))
        return [f"{format_row_count(rows)}: {visible(reason)}" for reason, rows in by_number]

    @property
    def example_lines(self) -> list[str]:
        """The keys of the first rows, with the cells as they were found."""
        return [
            f"{format_key(row.key)}"
            + "".join(
                f", {visible(name)} {row.cells[name].to_shown_cell(_MAX_SHOWN_LENGTH).text or '(empty text)'}"
                for name in self.group.blamed_columns
                if name in row.cells and row.cells[name].exact is not None
            )
            for row in self.rows
        ]

    @property
    def button_label(self) -> str:
        """What the button that confirms says."""
        rows = format_row_count(self.settled_count)
        if self.verb == "archive":
            return f"Accept {rows} as archived"
        return f"Fix and replay {rows}" if self.verb == "fix" else f"Try {rows} again"


def format_row_count(number: int) -> str:
    """Return "1 row" or "1,234 rows"."""
    return "1 row" if number == 1 else f"{number:,} rows"


def _format_value(value: str | None) -> str:
    if value is None:
        return "NULL"
    cut = value if len(value) <= _MAX_SHOWN_LENGTH else f"{value[:_MAX_SHOWN_LENGTH]}…"
    return visible(cut) or "(empty text)"
