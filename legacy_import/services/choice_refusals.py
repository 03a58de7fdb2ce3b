"""Why a choice between diverging values is refused, in sentences that name the row, the field and the values.

Called by choosing_values; read_parent_labels also by legacy_import.admin.divergences.blocks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper
from psycopg import errors

from legacy_import.cell_display import visible
from legacy_import.models import Divergence
from legacy_import.pipeline.divergence.target_rows import read_last_changes, read_target_rows
from legacy_import.target_display import (
    describe_row,
    field_label,
    format_moment,
    format_value,
    parent_table,
    target_model,
)
from legacy_import.validation.signatures import find_deletion_author

_MAX_REASONS: Final = 3
_MAX_VALUE_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class DivergingField:
    """A divergence's field, for sentences; `row` is None where the row is gone."""

    cursor: CursorWrapper
    one: Divergence
    row: Mapping[str, Any] | None

    def __str__(self) -> str:
        """Return the field and its row."""
        table = self.one.target_table
        return f"{field_label(table, self.one.column)} of “{describe_row(table, self.row)}”"

    def deleted_sentence(self) -> str:
        """Say that the row is gone, and who deleted it."""
        author = find_deletion_author(self.cursor, self.one.target_table, str(self.one.target_key))
        noun = target_model(self.one.target_table)._meta.verbose_name
        by = f" by {visible(author)}" if author else ""
        field = field_label(self.one.target_table, self.one.column)
        return f"The {noun} whose {field} differs was deleted here{by}, so there is nothing to choose."

    def changed_since_shown_sentence(self, here: object) -> str:
        """Say what the field holds now."""
        other, now = self._format_value(self.one.other), self._format_value(here)
        choice = f" and {visible(self.one.chosen_by)} has decided" if self.one.choice else ""
        return (
            f"{self} has changed since the page was shown: here is now {now}, {self.one.source} says {other}{choice}."
            " Choose again."
        )

    def changed_since_chosen_sentence(self, here: object) -> str:
        """Say who changed the field after the choice, and to what."""
        one, who = self.one, "somebody"
        place = (one.target_table, one.target_key)
        change = read_last_changes(self.cursor, [place], [one.column]).get((*place, one.column))
        if change is not None:
            name = "an import" if change.by_import else visible(change.author) or "somebody outside the admin"
            who = f"{name} ({format_moment(change.changed_at.isoformat())})"
        return f"{self}: {who} changed it to {self._format_value(here)} after the choice, and that stays."

    def broken_rule_sentence(self, error: IntegrityError, value: object) -> str:
        """Say which rule of the table the value breaks."""
        noun = target_model(self.one.target_table)._meta.verbose_name
        match error.__cause__:
            case errors.UniqueViolation():
                why = f"another {noun} has that value already"
            case errors.NotNullViolation():
                why = "the field can't be empty"
            case errors.ForeignKeyViolation():
                why = "the row it points to is not here any more"
            case errors.CheckViolation() as broken:
                why = f"the rule {broken.diag.constraint_name} forbids it"
            case _:
                why = "a rule of the database forbids it"
        return f"{self} can't become {self._format_value(value)}: {why}."

    def _format_value(self, value: object) -> str:
        parents = read_parent_labels(self.cursor, [(self.one.target_table, self.one.column, value)])
        words = format_value(self.one.target_table, self.one.column, value, parents=parents)
        return words if len(words) <= _MAX_VALUE_LENGTH else f"{words[:_MAX_VALUE_LENGTH]}…"


def read_parent_labels(cursor: CursorWrapper, values: Iterable[tuple[str, str, object]]) -> dict[str, str]:
    """Return the words of the rows that the references among the values (table, column, value) point to, by key."""
    places = {
        (parent, UUID(str(value)))
        for table, column, value in values
        if value is not None and (parent := parent_table(table, column))
    }
    return {str(key): describe_row(table, row) for (table, key), row in read_target_rows(cursor, places).items()}


def refusal_sentence(reasons: Sequence[str]) -> str:
    """Return the first reasons, how many more there are, and that nothing was changed."""
    more = f" And {len(reasons) - _MAX_REASONS} more." if len(reasons) > _MAX_REASONS else ""
    return f"Nothing was changed. {' '.join(reasons[:_MAX_REASONS])}{more}"
