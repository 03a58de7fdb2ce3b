"""The headings of a file matched with a table's columns, and the notes about those that match none."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from django.db.models import Model

from synapse.foundation.text.visible import visible
from synapse.kit.import_export.columns import Column, natural_key_columns
from synapse.kit.import_export.errors import FileError

PROBLEMS: Final = "problems"
"""The heading of the reasons in a file of bad rows; such a file, mended, is imported as it is."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Per heading its column, None where it matches none; and notes for the person."""

    columns: tuple[Column | None, ...]
    notes: tuple[str, ...]


def match_headings(
    headings: Sequence[str], model: type[Model], columns: Sequence[Column], made: Collection[str] = ()
) -> Headings:
    """Return which heading means which column; `made` are the columns that new rows may leave open.

    Raises FileError where rows couldn't be told apart.
    """
    named = {spelling: column for column in columns for spelling in _known_spellings(column)}
    found = tuple(named.get(_normalize_heading(heading)) for heading in headings)
    twice = [name for name, times in Counter(column.name for column in found if column).items() if times > 1]
    if twice:
        raise FileError(f"The column {twice[0]} stands in the file more than once. Delete one of them.")
    notes = _require_key_columns(found, model, made)
    unknown = [heading for heading, column in zip(headings, found, strict=True) if column is None and heading]
    for heading in unknown:
        # The reasons in a file of bad rows, which is imported again as it is.
        if _normalize_heading(heading) == PROBLEMS:
            continue
        near = get_close_matches(_normalize_heading(heading), [column.name for column in columns], n=1)
        advice = f" Did you mean {near[0]}?" if near else ""
        notes.append(f"The column “{visible(heading[:80])}” is not one of this table and is left out.{advice}")
    missing = [column.name for column in columns if column not in found]
    if missing:
        notes.append(
            f"Not in the file, so left as they are: {', '.join(missing)}. New rows get the table's defaults there."
        )
    return Headings(found, tuple(notes))


def is_known_heading(heading: str, columns: Sequence[Column]) -> bool:
    """Say whether the heading means a column."""
    return any(_normalize_heading(heading) in _known_spellings(column) for column in columns)


def _known_spellings(column: Column) -> set[str]:
    return {column.name, _normalize_heading(str(column.field.verbose_name))}


def _normalize_heading(heading: str) -> str:
    return "_".join(heading.strip().lower().split())


def _require_key_columns(found: Sequence[Column | None], model: type[Model], made: Collection[str]) -> list[str]:
    """Return a note where the file has no key, so that each row is new. Raises FileError where it needs one."""
    names = {column.name for column in found if column}
    if not names:
        raise FileError("None of the headings in the first row is a column of this table. Begin with an export.")
    key, own_key = natural_key_columns(model), model._meta.pk.name
    # Where the primary key is the natural key, a new row without one gets it from its cells (planning.py).
    if key == (own_key,) or own_key in names or set(key) <= names:
        return []
    missing = " and ".join(key)
    if set(key) <= set(made):
        return [f"The file lacks {missing}, by which rows are found, so every row is new."]
    raise FileError(f"The file lacks {missing}, by which rows are found. Begin with an export.")
