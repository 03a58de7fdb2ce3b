"""What taking changes back did, or would do, as a page and a message say it.

What lives here: words and what templates get. What does not: the doing (undoing).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.kit.change_log.column_changes import ColumnChange, column_changes
from synapse.kit.change_log.reverting.outcome import LISTED, Left, Outcome, WeighedRow
from synapse.kit.change_log.reverting.revertability import CHANGED, GONE
from synapse.kit.change_log.row_names import Place, name_of_values, parent_names, row_link, row_names
from synapse.kit.change_log.words import author_words, column_words, counted, moment_words, noun

_NAMED_IN_MESSAGE: Final = 5
_DONE: Final = ("changed back", "taken away", "brought back")
_TO_DO: Final = ("to change back", "to take away", "to bring back")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row that goes back: its name and page (empty: none), what happens to it, its columns from now to then."""

    noun: str
    name: str
    link: str
    what: str
    columns: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True)
class ShownLeft:
    """Something that stays, and why."""

    noun: str
    name: str
    link: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """What goes back and what stays, for a template."""

    summary: str
    total: int
    rows: tuple[ShownRow, ...]
    more_rows: int
    left: tuple[ShownLeft, ...]
    more_left: int


_WHAT: Final = {"update": "Changes back", "insert": "Goes away", "delete": "Comes back"}


def shown_outcome(request: HttpRequest, alias: str, outcome: Outcome) -> ShownOutcome:
    """Return the outcome for a template: names, links and words, in one query per table."""
    places = {(row.table, row.key) for row in outcome.rows} | {(left.table, left.key) for left in outcome.left}
    names = row_names(alias, places)
    values = [(row.table, column, value) for row in outcome.rows for column, value in _both_sides(row)]
    parents = parent_names(alias, values)
    return ShownOutcome(
        summary=summary(outcome, done=False),
        total=outcome.total,
        rows=tuple(_shown_row(request, row, names, parents) for row in outcome.rows),
        more_rows=max(0, outcome.total - LISTED),
        left=tuple(_shown_left(request, left, names) for left in outcome.left),
        more_left=max(0, outcome.left_count - LISTED),
    )


def summary(outcome: Outcome, *, done: bool) -> str:
    """Return how many rows went back (or would), in a sentence without its full stop."""
    groups = zip((outcome.changed, outcome.removed, outcome.restored), _DONE if done else _TO_DO, strict=True)
    words = [f"{counted(table, rows)} {verb}" for counts, verb in groups for table, rows in sorted(counts.items())]
    return ", ".join(words)


def outcome_message(request: HttpRequest, alias: str, outcome: Outcome) -> SafeString:
    """Return what to tell the person who took changes back, with the way to undo that."""
    said = summary(outcome, done=True)
    did = f"{said[:1].upper()}{said[1:]}." if said else "Nothing was left to take back."
    words = format_html("{}{}", did, _left_words(request, alias, outcome))
    if not outcome.undo:
        return words
    return format_html('{} <a href="{}">Undo this</a>', words, outcome.undo)


def _left_words(request: HttpRequest, alias: str, outcome: Outcome) -> str:
    if not outcome.left:
        return ""
    names = row_names(alias, {(one.table, one.key) for one in outcome.left[:_NAMED_IN_MESSAGE]})
    shown = [_shown_left(request, left, names) for left in outcome.left[:_NAMED_IN_MESSAGE]]
    told = [f"{one.column or one.noun} of “{one.name}”: {one.why}" for one in shown]
    more = outcome.left_count - len(told)
    return f" Left as it is: {'; '.join(told)}{f'; and {more:,} more' if more else ''}."


def _both_sides(row: WeighedRow) -> list[tuple[str, object]]:
    return [*row.here.items(), *row.back.items()]


def _shown_row(
    request: HttpRequest, row: WeighedRow, names: Mapping[Place, str], parents: Mapping[str, str]
) -> ShownRow:
    place = (row.table, row.key)
    is_here = place in names
    return ShownRow(
        noun=noun(row.table),
        name=names[place] if is_here else name_of_values(row.table, row.back or row.here),
        link=row_link(request, *place) if is_here else "",
        what=_WHAT[row.kind],
        columns=column_changes(row.table, row.here, row.back, parents) if row.kind == "update" else (),
    )


def _shown_left(request: HttpRequest, left: Left, names: Mapping[Place, str]) -> ShownLeft:
    place = (left.table, left.key)
    is_here = place in names
    return ShownLeft(
        noun=noun(left.table),
        name=names[place] if is_here else str(left.key),
        link=row_link(request, *place) if is_here else "",
        column=column_words(left.table, left.column) if left.column else "",
        why=_why(left),
    )


def _why(left: Left) -> str:
    if left.why not in {CHANGED, GONE} or left.changed_at is None:
        return left.why
    who = "an import" if left.import_run else author_words(left.author)
    return f"{left.why} by {who} on {moment_words(left.changed_at)}"
