"""What the quarantine's templates show of a group, a row and a cell, and the messages about what was done.

Frozen values and words, made for a page; called by page_contexts and page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from legacy_import.admin.database_page import admin_link
from legacy_import.admin.quarantine.actions import Result
from legacy_import.admin.quarantine.decisions import EarlierFix
from legacy_import.admin.quarantine.form import SettleForm
from legacy_import.admin.quarantine.groups import Group, GroupKey
from legacy_import.admin.quarantine.inputs import Input, fixable_columns, row_inputs
from legacy_import.admin.quarantine.preview_text import format_row_count
from legacy_import.admin.quarantine.rows import HeldRow, read_rows_by_id
from legacy_import.cell_display import ShownCell, describe_found_value, describe_reason, format_key, visible
from legacy_import.target_display import target_model

_MAX_CELL_LENGTH: Final = 300
_MAX_LENGTH_ON_ROW_PAGE: Final = 4_000
_MAX_LINKED_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group in the list of groups."""

    group: Group
    page: str

    @property
    def column_label(self) -> str:
        """The blamed column's name, safe to read."""
        return visible(self.group.key.column)

    @property
    def expected_text(self) -> str:
        """What was expected there, safe to read."""
        return visible(self.group.key.expected)

    @property
    def sample_texts(self) -> list[str]:
        """Some of the cells as they were found, safe to read."""
        several = len(self.group.key.blamed_columns) > 1
        return [describe_found_value(found, several=several) for found in self.group.samples]


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell on its row's page: where it goes (empty: nowhere), what is expected of it, and whether it is to blame."""

    column: str
    cell: ShownCell
    target: str
    expected: str
    is_blamed: bool


@dataclass(frozen=True, slots=True)
class RowCard:
    """A row with its inputs; `refusal` says why it waits on, empty where nothing was tried."""

    row: HeldRow
    page: str
    inputs: Sequence[Input]
    is_ticked: bool = False
    refusal: str = ""

    @property
    def key_text(self) -> str:
        """The legacy key, safe to read."""
        return format_key(self.row.key)

    @property
    def reason_texts(self) -> list[str]:
        """Why the row was refused."""
        return [describe_reason(reason) for reason in self.row.reasons]

    @property
    def other_cells(self) -> list[tuple[str, ShownCell]]:
        """The cells without an input, in the file's declared order, unknown ones last."""
        shown = {field.column for field in self.inputs}
        names = [name for name in ordered_columns(self.row) if name not in shown]
        return [(visible(name), self.row.cells[name].to_shown_cell(_MAX_CELL_LENGTH)) for name in names]


def row_card(
    row: HeldRow, page: str, *, form: SettleForm | None, earlier: EarlierFix | None, result: Result | None
) -> RowCard:
    """Return a row with inputs for the columns that are to blame."""
    return RowCard(
        row=row,
        page=page,
        inputs=list(row_inputs(row, row.blamed_columns, form=form, earlier=earlier)),
        is_ticked=form is not None and row.ledger_id in form.ticked,
        refusal=result.refusals.get(row.ledger_id, "") if result else "",
    )


def ordered_columns(row: HeldRow) -> list[str]:
    """Return the row's columns as they are declared, then those nobody declared."""
    declared = [name for name in fixable_columns(row.source, row.table) if name in row.cells]
    return declared + sorted(row.cells.keys() - set(declared))


def cell_lines(row: HeldRow) -> Iterator[CellLine]:
    """Yield all cells of a row beside the fields they go to."""
    terms, blamed = fixable_columns(row.source, row.table), row.blamed_columns
    for name in ordered_columns(row):
        known = terms.get(name)
        expected = blamed.get(name, known.codec.expected if known else "")
        shown = row.cells[name].to_shown_cell(_MAX_LENGTH_ON_ROW_PAGE)
        yield CellLine(visible(name), shown, known.target if known else "", expected, name in blamed)


def group_query_string(group: GroupKey, **more: str) -> str:
    """Return the part of an address that names a group."""
    words = {"source": group.source, "table": group.table, "column": group.column, "expected": group.expected}
    return urlencode({**words, **more})


def report_result(request: HttpRequest, verb: str, result: Result, *, alias: str) -> None:
    """Tell the person what was done, and what was not."""
    if result.error:
        messages.error(request, visible(result.error))
    if result.settled:
        done = "is archived" if verb == "archive" else "landed"
        if verb == "archive" and len(result.settled) > 1:
            done = "are archived"
        sentence = f"{format_row_count(len(result.settled))} {done}"
        waits = "1 still waits" if len(result.refusals) == 1 else f"{len(result.refusals):,} still wait"
        refused = f", {waits}" if result.refusals else ""
        links = target_links(alias, result.settled[:_MAX_LINKED_ROWS]) if verb != "archive" else ""
        messages.success(request, format_html("{}{}.{}", sentence, refused, links))
    elif result.refusals and not result.error:
        messages.warning(request, f"Nothing is settled: {format_row_count(len(result.refusals))} cannot land so.")
    if result.meanwhile:
        keys = ", ".join(format_key(row.key) for row in result.meanwhile[:_MAX_LINKED_ROWS])
        more = " …" if len(result.meanwhile) > _MAX_LINKED_ROWS else ""
        messages.warning(
            request, f"Somebody else settled {format_row_count(len(result.meanwhile))} meanwhile: {keys}{more}."
        )


def report_withdrawal(request: HttpRequest, result: Result) -> None:
    """Tell the person whether the decision is withdrawn, and of a whole step how many are."""
    if result.error:
        messages.error(request, visible(result.error))
    if len(result.settled) > 1:
        withdrawn = f"{len(result.settled):,} decisions are withdrawn."
        messages.success(request, f"{withdrawn} Unless their files say otherwise by now, the rows wait again.")
    elif result.settled:
        messages.success(request, "Withdrawn. Unless its file says otherwise by now, the row waits again.")


def target_links(alias: str, ids: Sequence[UUID]) -> SafeString:
    """Return links to the rows' targets, those of merged ones to the rows they were merged into."""
    links = [(target_link(row),) for row in read_rows_by_id(alias, ids) if row.target_table and row.target_key]
    return format_html(" See {}.", format_html_join(", ", "{}", links)) if links else format_html("")


def target_link(row: HeldRow) -> SafeString | str:
    """Return a link to the row of the target, in the words of the legacy key."""
    try:
        model = target_model(row.target_table or "")
    except LookupError:
        return format_key(row.key)
    return admin_link(model, row.target_key, format_key(row.key))
