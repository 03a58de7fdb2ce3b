"""The verbs of the quarantine desk: fix rows, accept them as archived, try them again.

What lives here: checking what a person asks for, one transaction for it, the record of its runs. What does not: how
a row is staged, judged and landed (legacy_import.desk.replay), and the pages.

Every call is wholly done or not at all, and opens the outermost transaction of its database itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.cell_words import reason_in_words, show_key, visible
from legacy_import.cells import plain_cell
from legacy_import.desk.replay import Decision, Reasons, Replay, create_replayed
from legacy_import.mapping import Table
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
from synapse.foundation.materialized_views import refresh_views

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
    """One call of a verb: `kind` None decides nothing new; `cells` are the fixed ones by row, spelled for the stage."""

    alias: str
    author: str
    ledger_ids: tuple[UUID, ...]
    kind: Settlement.Kind | None = None
    reason: str = ""
    fixes: Sequence[RowFix] = ()
    expected: Expected = field(default_factory=dict)


def fix_rows(
    alias: str, fixes: Sequence[RowFix], *, reason: str, author: str, expected: Expected = _ANYTHING
) -> SettlementResult:
    """Read cells of quarantined rows as a person says, and land the rows; the file's own cells are what is rebuilt.

    The fix holds for later imports for as long as the legacy row stays what it is. A row that still cannot land stays
    as it was. Raises UnknownRowError, NotQuarantinedError, ChangedRowError (a row is not as `expected`), NoReasonError,
    UnfitFixError, TransientError (the source is being imported right now); then nothing was changed.
    """
    ids = require_distinct_ids(fix.ledger_id for fix in fixes)
    return _settle_rows(_Call(alias, author, ids, Settlement.Kind.FIX, require_reason(reason), fixes, expected))


def archive_rows(
    alias: str, ledger_ids: Sequence[UUID], *, reason: str, author: str, expected: Expected = _ANYTHING
) -> SettlementResult:
    """Accept quarantined rows as archived: kept whole, and reported no more while the legacy row stays what it is.

    Raises as `fix_rows` does.
    """
    ids = require_distinct_ids(ledger_ids)
    return _settle_rows(_Call(alias, author, ids, Settlement.Kind.ARCHIVE, require_reason(reason), expected=expected))


def replay_rows(
    alias: str, ledger_ids: Sequence[UUID], *, author: str, expected: Expected = _ANYTHING
) -> SettlementResult:
    """Judge quarantined rows again as they are, with the fixes that hold for them; raises as `fix_rows` does."""
    return _settle_rows(_Call(alias, author, require_distinct_ids(ledger_ids), expected=expected))


def _settle_rows(call: _Call) -> SettlementResult:
    refused: dict[UUID, Reasons] = {}
    with settlement_transaction(call.alias, author=call.author) as cursor:
        named = LedgerRow.objects.using(call.alias).filter(pk__in=call.ledger_ids)
        works = begin_replay_runs(cursor, named.values_list("source", flat=True), author=call.author)
        rows = _find_quarantined_rows(call)
        _refuse_changed(cursor, call, rows)
        create_replayed(cursor)
        _fill_replayed(cursor, call, rows)
        for work in works:
            refused |= _replay_source(work, call)
        if any(work.outcome.written_to for work in works):
            refresh_views(alias=call.alias)
    update_quarantine_notices([work.source for work in works], is_news=False)
    settled = tuple(ledger_id for ledger_id in call.ledger_ids if ledger_id not in refused)
    told = tuple(_refusal(rows[one], refused[one]) for one in rows if one in refused)
    return SettlementResult(settled, told, runs_with_changes(works))


def _find_quarantined_rows(call: _Call) -> dict[UUID, LedgerRow]:
    """Return the rows in the order they were named, each still in the quarantine; the sources' locks are held."""
    found = LedgerRow.objects.using(call.alias).in_bulk(call.ledger_ids)
    for ledger_id in call.ledger_ids:
        if ledger_id not in found:
            raise UnknownRowError(f"the ledger has no row {ledger_id}; look at the quarantine again")
        if found[ledger_id].state != LedgerRow.State.QUARANTINED:
            raise NotQuarantinedError(_why_not_quarantined(call.alias, found[ledger_id]))
    return {ledger_id: found[ledger_id] for ledger_id in call.ledger_ids}


def _refuse_changed(cursor: CursorWrapper, call: _Call, rows: Mapping[UUID, LedgerRow]) -> None:
    """Refuse rows that an import has written since they were looked at; from here on the sources' locks keep it out."""
    cursor.execute(
        "SELECT l.id FROM jsonb_each_text(%s::jsonb) AS e JOIN ledger AS l ON l.id = e.key::uuid"
        " WHERE md5(coalesce(l.cells::text, '')) <> e.value ORDER BY l.id",
        [json.dumps({str(ledger_id): call.expected[ledger_id] for ledger_id in rows if ledger_id in call.expected})],
    )
    changed = [rows[ledger_id] for (ledger_id,) in cursor.fetchall()]
    if changed:
        where = f"{changed[0].source}, {changed[0].legacy_table} {show_key(changed[0].key)}"
        more = f" (and {len(changed) - 1:,} more)" if len(changed) > 1 else ""
        raise ChangedRowError(f"{where}{more} has changed meanwhile: look at its cells again")


def _why_not_quarantined(alias: str, row: LedgerRow) -> str:
    last = Settlement.objects.using(alias).filter(ledger_id=row.pk, withdrawn_at=None).first()
    by = f": {last.settled_by} settled it at {last.settled_at:%Y-%m-%d %H:%M} UTC" if last else ""
    where = f"{row.source}, {row.legacy_table} {show_key(row.key)}"
    return f"{where} is not quarantined any more, it is {row.get_state_display()}{by}"


def _fill_replayed(cursor: CursorWrapper, call: _Call, rows: Mapping[UUID, LedgerRow]) -> None:
    if call.kind is None:
        cursor.execute(
            "INSERT INTO replayed SELECT l.id, l.source, l.legacy_table, p.kind, p.original, p.cells FROM ledger AS l"
            " LEFT JOIN settlement AS p ON p.ledger_id = l.id AND p.withdrawn_at IS NULL WHERE l.id = ANY(%s)",
            [list(call.ledger_ids)],
        )
        return
    cells: dict[str, dict[str, str | None] | None] = {str(ledger_id): None for ledger_id in call.ledger_ids}
    cells |= {str(fix.ledger_id): _spell_fix(rows[fix.ledger_id], fix) for fix in call.fixes}
    cursor.execute(
        "INSERT INTO replayed SELECT l.id, l.source, l.legacy_table, %s, l.cells, nullif(d.value, 'null')"
        " FROM jsonb_each(%s::jsonb) AS d JOIN ledger AS l ON l.id = d.key::uuid",
        [call.kind, json.dumps(cells)],
    )


def _spell_fix(row: LedgerRow, fix: RowFix) -> dict[str, str | None]:
    """Return the fix's cells as the stage spells texts."""
    table = source_named(row.source).find_table(row.legacy_table)
    if not fix.cells:
        raise UnfitFixError(f"{row.source}, {row.legacy_table} {show_key(row.key)}: the fix names no column")
    return {name: _spelled_cell(row, table, name, text) for name, text in fix.cells.items()}


def _spelled_cell(row: LedgerRow, table: Table | None, name: str, text: str | None) -> str | None:
    columns = table.columns if table else ()
    column = next((column for column in columns if name in column.legacy_names), None)
    where = f"{row.source}, {row.legacy_table} {show_key(row.key)}, column {visible(name)}"
    if column is None or name not in (row.cells or {}):
        raise UnfitFixError(f"{where}: the import reads no such column")
    if text is not None and ("\0" in text or not _is_unicode(text)):
        raise UnfitFixError(f"{where}: a text with NUL or half a character cannot be kept in PostgreSQL")
    return plain_cell(text, column.codec.storage)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _replay_source(work: SourceImport, call: _Call) -> dict[UUID, Reasons]:
    work.prepare_session()
    refused = Replay(work, Decision(call.reason, call.author) if call.kind else None).replay_source()
    end_replay_run(work)
    return refused


def _refusal(row: LedgerRow, reasons: Reasons) -> RefusedRow:
    words = "; ".join(reason_in_words(reason) for reason in reasons)
    return RefusedRow(row.pk, f"{row.legacy_table} {show_key(row.key)}: {words}", tuple(reasons))
