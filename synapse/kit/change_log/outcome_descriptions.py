"""What a revert did, or would do, in the words of its page and its message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.kit.change_log.column_changes import ColumnChange, column_changes
from synapse.kit.change_log.formatting import author_label, column_label, format_local_time, format_row_count, row_noun
from synapse.kit.change_log.reverting.outcome import MAX_LISTED, LeftAsIs, Outcome, RevertedRow
from synapse.kit.change_log.reverting.revertability import CHANGED, GONE
from synapse.kit.change_log.row_names import Place, format_deleted_row_name, read_parent_names, read_row_names, row_link

_MAX_NAMED_IN_MESSAGE: Final = 5
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
    """A column or row that is left as it is, and why."""

    noun: str
    name: str
    link: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """What is reverted and what is left as it is, for a template."""

    summary: str
    total: int
    rows: tuple[ShownRow, ...]
    more_rows: int
    left: tuple[ShownLeft, ...]
    more_left: int


_WHAT: Final = {"update": "Changes back", "insert": "Goes away", "delete": "Comes back"}


def describe_outcome(request: HttpRequest, alias: str, outcome: Outcome) -> ShownOutcome:
    """Return the outcome for a template: names, links and words, in one query per table."""
    places = {(row.table, row.key) for row in outcome.rows} | {(left.table, left.key) for left in outcome.left}
    names = read_row_names(alias, places)
    sides = [(row.table, side) for row in outcome.rows for side in (row.here, row.back)]
    values = [(table, column, value) for table, side in sides for column, value in side.items()]
    parents = read_parent_names(alias, values)
    return ShownOutcome(
        summary=summarize_outcome(outcome, done=False),
        total=outcome.total_rows,
        rows=tuple(_describe_reverted_row(request, row, names, parents) for row in outcome.rows),
        more_rows=max(0, outcome.total_rows - MAX_LISTED),
        left=tuple(_describe_left_row(request, left, names) for left in outcome.left),
        more_left=max(0, outcome.left_count - MAX_LISTED),
    )


def summarize_outcome(outcome: Outcome, *, done: bool) -> str:
    """Return how many rows went back (or would), in a sentence without its full stop."""
    groups = zip((outcome.changed, outcome.removed, outcome.restored), _DONE if done else _TO_DO, strict=True)
    words = [
        f"{format_row_count(table, rows)} {verb}" for counts, verb in groups for table, rows in sorted(counts.items())
    ]
    return ", ".join(words)


def outcome_message(request: HttpRequest, alias: str, outcome: Outcome) -> SafeString:
    """Return what to tell the person who took changes back, with the way to undo that."""
    said = summarize_outcome(outcome, done=True)
    did = f"{said[:1].upper()}{said[1:]}." if said else "Nothing was left to take back."
    if outcome.left:
        named = outcome.left[:_MAX_NAMED_IN_MESSAGE]
        names = read_row_names(alias, {(one.table, one.key) for one in named})
        shown = [_describe_left_row(request, one, names) for one in named]
        reasons = "; ".join(f"{one.column or one.noun} of “{one.name}”: {one.why}" for one in shown)
        more = outcome.left_count - len(shown)
        did += f" Left as it is: {reasons}{f'; and {more:,} more' if more else ''}."
    words = format_html("{}", did)
    if not outcome.undo:
        return words
    return format_html('{} <a href="{}">Undo this</a>', words, outcome.undo)


def _describe_reverted_row(
    request: HttpRequest, row: RevertedRow, names: Mapping[Place, str], parents: Mapping[str, str]
) -> ShownRow:
    place = (row.table, row.key)
    is_here = place in names
    return ShownRow(
        noun=row_noun(row.table),
        name=names[place] if is_here else format_deleted_row_name(row.table, row.back or row.here),
        link=row_link(request, *place) if is_here else "",
        what=_WHAT[row.kind],
        columns=column_changes(row.table, row.here, row.back, parents) if row.kind == "update" else (),
    )


def _describe_left_row(request: HttpRequest, left: LeftAsIs, names: Mapping[Place, str]) -> ShownLeft:
    place = (left.table, left.key)
    is_here = place in names
    why = left.why
    if left.why in {CHANGED, GONE} and left.changed_at is not None:
        who = "an import" if left.import_run else author_label(left.author)
        why = f"{left.why} by {who} on {format_local_time(left.changed_at)}"
    return ShownLeft(
        noun=row_noun(left.table),
        name=names[place] if is_here else str(left.key),
        link=row_link(request, *place) if is_here else "",
        column=column_label(left.table, left.column) if left.column else "",
        why=why,
    )
