"""Settle quarantined rows: fix their cells, accept them as archived, or replay them as they are.

Called by the pages of the quarantine (legacy_import.admin.quarantine.actions). How a row is staged, judged and merged
is legacy_import.desk.replay's. Every call is wholly done or not at all, and opens the outermost transaction of its
database itself. `expected` is the optimistic concurrency of the pages: what was changed since it was shown is refused.
A dry run does it all and rolls it back: the preview of a page is what will happen, and not a guess at it.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from legacy_import.cell_display import describe_reason, format_key, visible
from legacy_import.cells import serialize_stage_cell
from legacy_import.desk.replay import Decision, Reasons, Replay, create_replay_table
from legacy_import.models import LedgerRow, Settlement
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.services.quarantine_notices import update_quarantine_notices
from legacy_import.services.settlement_transaction import (
    ChangedRowError,
    NotQuarantinedError,
    RefusedRow,
    SettlementResult,
    UnfitFixError,
    UnknownRowError,
    begin_replay_runs,
    end_replay_run,
    require_distinct_ids,
    require_reason,
    runs_with_changes,
    settlement_transaction,
)
from legacy_import.sources import source_named
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.materialized_views import refresh_views_without_waiting
from synapse.foundation.text.storable import is_storable_text

Expected = Mapping[UUID, str]
"""Of rows that a person looked at, the MD5 of their cells as PostgreSQL spells them."""

_ANYTHING: Final[Expected] = {}


@dataclass(frozen=True, slots=True)
class RowFix:
    """What cells of a quarantined row are to be read as, by legacy column: a text as typed, None for NULL."""

    ledger_id: UUID
    cells: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a verb: `kind` is None for a replay, which decides nothing new; `fixes` are a fix's cells by row."""

    alias: str
    author: str
    ledger_ids: tuple[UUID, ...]
    kind: Settlement.Kind | None = None
    reason: str = ""
    fixes: Sequence[RowFix] = ()
    expected: Expected = field(default_factory=dict)
    dry_run: bool = False


def fix_quarantined_rows(  # noqa: PLR0913  # a decision is what it says
    alias: str,
    fixes: Sequence[RowFix],
    *,
    reason: str,
    author: str,
    expected: Expected = _ANYTHING,
    dry_run: bool = False,
) -> SettlementResult:
    """Read cells of quarantined rows as a person says, and land the rows; the file's own cells are what is rebuilt.

    The fix holds for later imports for as long as the legacy row stays what it is. A row that still cannot land stays
    as it was. Raises UnknownRowError, NotQuarantinedError, ChangedRowError (a row is not as `expected`), NoReasonError,
    UnfitFixError, TransientError (the source is being imported right now); then nothing was changed.
    """
    ids = require_distinct_ids(fix.ledger_id for fix in fixes)
    return _settle_rows(
        _Call(alias, author, ids, Settlement.Kind.FIX, require_reason(reason), fixes, expected, dry_run)
    )


def archive_quarantined_rows(  # noqa: PLR0913
    alias: str,
    ledger_ids: Sequence[UUID],
    *,
    reason: str,
    author: str,
    expected: Expected = _ANYTHING,
    dry_run: bool = False,
) -> SettlementResult:
    """Accept quarantined rows as archived: kept whole, and reported no more while the legacy row stays what it is.

    Raises as `fix_quarantined_rows` does.
    """
    ids = require_distinct_ids(ledger_ids)
    kind, why = Settlement.Kind.ARCHIVE, require_reason(reason)
    return _settle_rows(_Call(alias, author, ids, kind, why, expected=expected, dry_run=dry_run))


def replay_quarantined_rows(
    alias: str, ledger_ids: Sequence[UUID], *, author: str, expected: Expected = _ANYTHING, dry_run: bool = False
) -> SettlementResult:
    """Judge quarantined rows again as they are, with the fixes that hold; raises as `fix_quarantined_rows` does."""
    return _settle_rows(_Call(alias, author, require_distinct_ids(ledger_ids), expected=expected, dry_run=dry_run))


@log_calls(
    "quarantine.settled",
    # A dry run settles nothing.
    lambda call, done: (
        None
        if call["call"].dry_run
        else {
            "verb": call["call"].kind or "replay",
            "database": call["call"].alias,
            "author": call["call"].author,
            "settled": len(done.settled),
            "still_refused": len(done.refused),
            "runs": done.runs,
        }
    ),
)
def _settle_rows(call: _Call) -> SettlementResult:
    refused: dict[UUID, Reasons] = {}
    with settlement_transaction(call.alias, author=call.author) as cursor:
        named = LedgerRow.objects.using(call.alias).filter(pk__in=call.ledger_ids)
        works = begin_replay_runs(cursor, named.values_list("source", flat=True), author=call.author)
        rows = _find_quarantined_rows(call)
        _require_unchanged_rows(cursor, call, rows)
        create_replay_table(cursor)
        _fill_replay_table(cursor, call, rows)
        for work in works:
            work.prepare_session()
            refused |= Replay(work, Decision(call.reason, call.author) if call.kind else None).replay_source()
            end_replay_run(work)
        if call.dry_run:
            transaction.set_rollback(True, using=call.alias)
        elif any(work.outcome.written_to for work in works):
            refresh_views_without_waiting(alias=call.alias)
    if not call.dry_run:
        update_quarantine_notices([work.source for work in works], is_news=False)
    settled = tuple(ledger_id for ledger_id in call.ledger_ids if ledger_id not in refused)
    refusals = [
        RefusedRow(
            ledger_id,
            f"{row.legacy_table} {format_key(row.key)}: {'; '.join(map(describe_reason, refused[ledger_id]))}",
            tuple(refused[ledger_id]),
        )
        for ledger_id, row in rows.items()
        if ledger_id in refused
    ]
    runs = () if call.dry_run else runs_with_changes(works)
    return SettlementResult(settled, tuple(refusals), runs, _sum_outcomes(works))


def _sum_outcomes(works: Sequence[SourceImport]) -> dict[str, int]:
    """Return how many of the rows came to each outcome, without those of none."""
    sums = Counter[str]()
    for work in works:
        for counts in work.outcome.tables.values():
            sums.update({name: rows for name, rows in asdict(counts).items() if name != "read"})
    return {name: rows for name, rows in sums.items() if rows}


def _find_quarantined_rows(call: _Call) -> dict[UUID, LedgerRow]:
    """Return the rows in the order they were named; raises UnknownRowError, NotQuarantinedError.

    The sources' advisory locks are held, so no import changes them until the transaction ends.
    """
    found = LedgerRow.objects.using(call.alias).in_bulk(call.ledger_ids)
    for ledger_id in call.ledger_ids:
        if ledger_id not in found:
            raise UnknownRowError(f"the ledger has no row {ledger_id}; look at the quarantine again")
        row = found[ledger_id]
        if row.state != LedgerRow.State.QUARANTINED:
            last = Settlement.objects.using(call.alias).filter(ledger_id=ledger_id, withdrawn_at=None).first()
            by = f": {last.settled_by} settled it at {last.settled_at:%Y-%m-%d %H:%M} UTC" if last else ""
            where = f"{row.source}, {row.legacy_table} {format_key(row.key)}"
            raise NotQuarantinedError(f"{where} is not quarantined any more, it is {row.get_state_display()}{by}")
    return {ledger_id: found[ledger_id] for ledger_id in call.ledger_ids}


def _require_unchanged_rows(cursor: CursorWrapper, call: _Call, rows: Mapping[UUID, LedgerRow]) -> None:
    """Raise ChangedRowError for rows that an import has written since they were looked at.

    From here on the sources' locks keep imports out, so what is compared here is what is settled.
    """
    cursor.execute(
        "SELECT l.id FROM jsonb_each_text(%s::jsonb) AS e JOIN ledger AS l ON l.id = e.key::uuid"
        " WHERE md5(coalesce(l.cells::text, '')) <> e.value ORDER BY l.id",
        [json.dumps({str(ledger_id): call.expected[ledger_id] for ledger_id in rows if ledger_id in call.expected})],
    )
    changed = [rows[ledger_id] for (ledger_id,) in cursor.fetchall()]
    if changed:
        where = f"{changed[0].source}, {changed[0].legacy_table} {format_key(changed[0].key)}"
        more = f" (and {len(changed) - 1:,} more)" if len(changed) > 1 else ""
        raise ChangedRowError(f"{where}{more} has changed meanwhile: look at its cells again")


def _fill_replay_table(cursor: CursorWrapper, call: _Call, rows: Mapping[UUID, LedgerRow]) -> None:
    """Fill the table `replayed`: each row with the decision that holds for it, or with the one made now."""
    if call.kind is None:
        cursor.execute(
            "INSERT INTO replayed SELECT l.id, l.source, l.legacy_table, p.kind, p.original, p.cells FROM ledger AS l"
            " LEFT JOIN settlement AS p ON p.ledger_id = l.id AND p.withdrawn_at IS NULL WHERE l.id = ANY(%s)",
            [list(call.ledger_ids)],
        )
        return
    # One statement for all rows: a JSON object maps each row's id to its fixed cells, null for a row that is archived.
    cells: dict[str, dict[str, str | None] | None] = {str(ledger_id): None for ledger_id in call.ledger_ids}
    cells |= {str(fix.ledger_id): _encode_fix_cells(rows[fix.ledger_id], fix) for fix in call.fixes}
    cursor.execute(
        "INSERT INTO replayed SELECT l.id, l.source, l.legacy_table, %s, l.cells, nullif(d.value, 'null')"
        " FROM jsonb_each(%s::jsonb) AS d JOIN ledger AS l ON l.id = d.key::uuid",
        [call.kind, json.dumps(cells)],
    )


def _encode_fix_cells(row: LedgerRow, fix: RowFix) -> dict[str, str | None]:
    """Return the fix's cells as the stage spells texts. Raises UnfitFixError."""
    table = source_named(row.source).find_table(row.legacy_table)
    row_words = f"{row.source}, {row.legacy_table} {format_key(row.key)}"
    if not fix.cells:
        raise UnfitFixError(f"{row_words}: the fix names no column")
    cells = {}
    for name, text in fix.cells.items():
        columns = table.columns if table else ()
        column = next((column for column in columns if name in column.legacy_names), None)
        where = f"{row_words}, column {visible(name)}"
        if column is None or name not in (row.cells or {}):
            raise UnfitFixError(f"{where}: the import reads no such column")
        if text is not None and not is_storable_text(text):
            raise UnfitFixError(f"{where}: a text with NUL or half a character cannot be kept in PostgreSQL")
        cells[name] = serialize_stage_cell(text, column.codec.storage)
    return cells
