"""The columns of a change, before beside after, in words; what differs in long texts is marked (a word diff).

Values are formatted by formatting.py, the diff synapse.foundation.text.difference's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from synapse.foundation.text.difference import Segment, compare_texts
from synapse.kit.change_log.formatting import column_label, format_column_value

_MIN_COMPARED_LENGTH: Final = 40
"""Characters; texts from this length on are compared word by word, shorter ones are shown whole."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column's name and its value before and after, in segments; those that `differ` are marked."""

    label: str
    old: tuple[Segment, ...]
    new: tuple[Segment, ...]


def column_changes(
    table: str, old: Mapping[str, Any], new: Mapping[str, Any], parents: Mapping[str, str]
) -> tuple[ColumnChange, ...]:
    """Return the columns of both sides, in the order of their names; one that a side lacks has no segments there."""
    changes = []
    for name in sorted({*old, *new}, key=lambda name: column_label(table, name)):
        before, after = (
            format_column_value(table, name, values[name], parents=parents) if name in values else ""
            for values in (old, new)
        )
        if before == after and name in old and name in new:
            # The words leave out microseconds and how JSON spells a number, which may be all that differs.
            before, after = str(old[name]), str(new[name])
        if min(len(before), len(after)) >= _MIN_COMPARED_LENGTH:
            one, other = map(tuple, compare_texts(before, after))
        else:
            one, other = _single_segment(before, old.get(name)), _single_segment(after, new.get(name))
        changes.append(ColumnChange(column_label(table, name), one, other))
    return tuple(changes)


def describe_filled_columns(
    table: str, values: Mapping[str, Any], parents: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the columns of a row that hold something, each with its words."""
    return tuple(
        (column_label(table, name), format_column_value(table, name, value, parents=parents))
        for name, value in sorted(values.items())
        if value not in (None, "")
    )


def _single_segment(words: str, value: object) -> tuple[Segment, ...]:
    """Return the words as one segment; the word for NULL or an empty text is not marked as if it were a value."""
    return (Segment(words, differs=value not in (None, "")),) if words else ()
