"""The headings of a file as columns of a table, and what is to be said of them.

What lives here: telling which heading means which column. What does not: the rows (planning.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from django.db.models import Model

from synapse.foundation.text.visible import visible
from synapse.kit.import_export.columns import Column, key_of
from synapse.kit.import_export.errors import FileError

PROBLEMS: Final = "problems"
"""The heading of the reasons in a file of bad rows; such a file, mended, is imported as it is."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Per heading its column, None where there is none; and notes for the person."""

    columns: tuple[Column | None, ...]
    notes: tuple[str, ...]


def matched_headings(headings: Sequence[str], model: type[Model], columns: Sequence[Column]) -> Headings:
    """Return which heading means which column. Raises FileError where rows couldn't be told apart."""
    named = {spelling: column for column in columns for spelling in _spellings(column)}
    found = tuple(named.get(_normal(heading)) for heading in headings)
    _refuse_repeated(found)
    _refuse_keyless(found, model)
    unknown = [heading for heading, column in zip(headings, found, strict=True) if column is None and heading]
    notes = [_unknown_in_words(heading, columns) for heading in unknown if _normal(heading) != PROBLEMS]
    missing = [column.name for column in columns if column not in found]
    if missing:
        notes.append(
            f"Not in the file, so left as they are: {', '.join(missing)}. New rows get the table's defaults there."
        )
    return Headings(found, tuple(notes))


def knows_heading(heading: str, columns: Sequence[Column]) -> bool:
    """Say whether the heading means a column."""
    return any(_normal(heading) in _spellings(column) for column in columns)


def _spellings(column: Column) -> set[str]:
    return {column.name, _normal(str(column.field.verbose_name))}


def _normal(heading: str) -> str:
    return "_".join(heading.strip().lower().split())


def _refuse_repeated(found: Sequence[Column | None]) -> None:
    twice = [name for name, times in Counter(column.name for column in found if column).items() if times > 1]
    if twice:
        raise FileError(f"The column {twice[0]} stands in the file more than once. Delete one of them.")


def _refuse_keyless(found: Sequence[Column | None], model: type[Model]) -> None:
    names = {column.name for column in found if column}
    if not names:
        raise FileError("None of the headings in the first row is a column of this table. Begin with an export.")
    key, own_key = key_of(model), model._meta.pk.name
    # A table without a key of people's own gets one from the row's cells.
    if key != (own_key,) and not {own_key} <= names and not set(key) <= names:
        raise FileError(f"The file lacks {' and '.join(key)}, by which rows are found. Begin with an export.")


def _unknown_in_words(heading: str, columns: Sequence[Column]) -> str:
    near = get_close_matches(_normal(heading), [column.name for column in columns], n=1)
    advice = f" Did you mean {near[0]}?" if near else ""
    return f"The column “{visible(heading[:80])}” is not one of this table and is left out.{advice}"
