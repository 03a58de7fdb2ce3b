"""Carry out what a page of the quarantine was sent for: settle rows or a group, or withdraw decisions.

Called by page. Only rows that are still what the page showed are settled (optimistic concurrency: a mark per row, a
digest per group). The settling itself is legacy_import.services.settling's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from legacy_import.admin.quarantine.form import ALL_ROWS, SettleForm
from legacy_import.admin.quarantine.groups import MAX_ROWS_AT_ONCE, GroupKey, GroupState, read_group_state
from legacy_import.admin.quarantine.inputs import fixable_columns, suggest_cell_value
from legacy_import.admin.quarantine.rows import HeldRow, read_rows_by_id
from legacy_import.cell_display import describe_reason
from legacy_import.errors import LegacyImportError
from legacy_import.services import (
    RowFix,
    SettlementResult,
    archive_quarantined_rows,
    fix_quarantined_rows,
    replay_quarantined_rows,
    withdraw_settlements,
    withdraw_step,
)

_CHANGED: Final = "The legacy row has changed since this page was opened: look at its cells again."
_NEW: Final = "This row was not in the group when the page was opened."
_NOTHING_SAID: Final = "Say what the cell is to be read as, or tick what it is."


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a request, or with a `preview` what would come of it.

    `refusals` say for each row that waits on why; `meanwhile` are rows that somebody else settled; `error` says why
    nothing was done at all, empty where something was.
    """

    settled: tuple[UUID, ...] = ()
    refusals: Mapping[UUID, str] = field(default_factory=dict)
    meanwhile: tuple[HeldRow, ...] = ()
    error: str = ""
    preview: "Preview | None" = None

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing left to say but that it is done."""
        return not (self.refusals or self.meanwhile or self.error)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step would do to a group of `total` rows: it takes `taken` of them, of which `settled` do not wait on.

    `outcomes` counts what becomes of these, `reasons` why the others wait on, `cells` are the columns' one value.
    """

    total: int
    taken: int
    settled: tuple[UUID, ...]
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    cells: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Request:
    """A sent page, and who sent it."""

    alias: str
    form: SettleForm
    author: str


def settle_rows(request: Request, rows: Sequence[HeldRow], *, group: GroupKey | None = None) -> Result:
    """Settle these rows, read anew; a group's one value goes before what was typed at a row."""
    if not rows:
        return Result(error="No row is ticked: tick those you mean.")
    waiting = [row for row in rows if row.is_waiting]
    refusals = {row.ledger_id: _CHANGED for row in waiting if request.form.seen.get(row.ledger_id) != row.seen}
    fixes = []
    for row in waiting:
        cells = _typed_cell_values(request, row, group) if request.form.verb == "fix" else {}
        if request.form.verb == "fix" and not cells:
            refusals.setdefault(row.ledger_id, _NOTHING_SAID)
        if row.ledger_id not in refusals:
            fixes.append(RowFix(row.ledger_id, cells))
    meanwhile = tuple(row for row in rows if not row.is_waiting)
    expected = {row.ledger_id: row.seen for row in waiting}
    return _apply_fixes(request, fixes, Result(refusals=refusals, meanwhile=meanwhile), expected)


def settle_group(request: Request, group: GroupKey) -> Result:
    """Settle every row of the group alike: with one value, as archived, or as they are; a large one step by step.

    What was not confirmed yet is tried and rolled back: the result is a preview.
    """
    state = read_group_state(request.alias, group)
    if (changed := _find_group_changes(request, state)) is not None:
        return changed
    cells = _common_cell_values(request, group)
    if request.form.verb == "fix" and not cells:
        return Result(error="Type the one value that all rows of the group are to be read as, or tick what it is.")
    fixes = [RowFix(key, cells) for key in state.batch_marks]
    if request.form.is_confirmed or not fixes:
        return _apply_fixes(request, fixes, Result(), state.batch_marks)
    try:
        done = _settle(request, fixes, state.batch_marks, dry_run=True)
    except LegacyImportError as error:
        return Result(error=str(error))
    reasons = Counter(
        f"column {reason['column']}: expected {reason['expected']}" for row in done.refused for reason in row.reasons
    )
    return Result(preview=Preview(request.form.rows, len(fixes), done.settled, done.outcomes, reasons, cells))


def _find_group_changes(request: Request, state: GroupState) -> Result | None:
    """Return a result that says what changed in the group since the page was shown, None where nothing did."""
    form, marks = request.form, state.marks
    refusals = {key: _CHANGED for key, mark in marks.items() if form.seen.get(key, mark) != mark}
    # Of a group beyond one step's rows the exact number is nothing that the step depends on.
    same_number = form.rows == len(marks) or (state.has_more_rows and form.rows > MAX_ROWS_AT_ONCE)
    if same_number and form.digest == state.digest and not refusals:
        return None
    # A page shows at most one page of a group: what it did not show is new only where it showed the whole group.
    if form.rows == len(form.seen):
        # The page showed the whole group, so whatever it didn't show is new.
        refusals |= {key: _NEW for key in marks if key not in form.seen}
    meanwhile = tuple(row for row in read_rows_by_id(request.alias, list(form.seen)) if not row.is_waiting)
    if not same_number:
        error = f"The group has {len(marks):,} rows now, no longer {form.rows:,}: look at it again."
    else:
        error = "The group's rows have changed since this page was opened, so none is settled: look at them again."
    return Result(refusals=refusals, meanwhile=meanwhile, error=error)


def withdraw_decisions(request: Request, decisions: Sequence[UUID]) -> Result:
    """Withdraw decisions, all of them or none."""
    if not decisions:
        return Result(error="No decision is named.")
    try:
        done = withdraw_settlements(request.alias, decisions, author=request.author)
    except LegacyImportError as error:
        return Result(error=str(error))
    return Result(settled=done.settled)


def _typed_cell_values(request: Request, row: HeldRow, group: GroupKey | None) -> dict[str, str | None]:
    """Return what the row's cells are to be read as, by column; a cell nobody spoke of is not among them."""
    said = request.form.typed_cells_of_row(row.ledger_id, fixable_columns(row.source, row.table))
    said = {name: typed for name, typed in said.items() if name in row.cells}
    # A page reads long cells only in part; what was ticked as suggested needs the whole cell.
    long = any("take" in typed.ticks and not row.cells[name].is_whole for name, typed in said.items())
    whole = read_rows_by_id(request.alias, [row.ledger_id], whole=True)[0] if long else row
    readings = {name: typed.chosen_value(suggest_cell_value(whole, name)) for name, typed in said.items()}
    return readings | (_common_cell_values(request, group) if group else {})


def _common_cell_values(request: Request, group: GroupKey) -> dict[str, str | None]:
    return {
        name: typed.chosen_value(None)
        for name, typed in request.form.typed_cells_of_row(ALL_ROWS, group.blamed_columns).items()
    }


def withdraw_step_decisions(request: Request, decisions: Sequence[UUID]) -> Result:
    """Withdraw what was decided in one step, but for the rows that people changed since."""
    if not decisions:
        return Result(error="Nothing of this step holds any more.")
    try:
        done, why_some_stay = withdraw_step(request.alias, decisions, author=request.author)
    except LegacyImportError as error:
        return Result(error=str(error))
    stays = len(decisions) - len(done.settled)
    if why_some_stay is None:
        return Result(settled=done.settled)
    rows = "1 decision stays" if stays == 1 else f"{stays:,} decisions stay"
    return Result(settled=done.settled, error=f"{rows}, {why_some_stay}")


def _apply_fixes(request: Request, fixes: Sequence[RowFix], result: Result, expected: Mapping[UUID, str]) -> Result:
    """Settle the rows in one transaction of the service's; `expected` are the marks of the cells that were shown."""
    if not fixes:
        return result
    try:
        done = _settle(request, fixes, expected)
    except LegacyImportError as error:
        return replace(result, error=str(error))
    refused = {row.ledger_id: "; ".join(map(describe_reason, row.reasons)) for row in done.refused}
    return replace(result, settled=done.settled, refusals={**result.refusals, **refused})


def _settle(
    request: Request, fixes: Sequence[RowFix], expected: Mapping[UUID, str], *, dry_run: bool = False
) -> SettlementResult:
    form, alias, author = request.form, request.alias, request.author
    ids = [fix.ledger_id for fix in fixes]
    if form.verb == "fix":
        return fix_quarantined_rows(alias, fixes, reason=form.reason, author=author, expected=expected, dry_run=dry_run)
    if form.verb == "archive":
        return archive_quarantined_rows(
            alias, ids, reason=form.reason, author=author, expected=expected, dry_run=dry_run
        )
    return replay_quarantined_rows(alias, ids, author=author, expected=expected, dry_run=dry_run)
