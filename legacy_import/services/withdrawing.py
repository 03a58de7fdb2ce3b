"""Withdraw settlements: take decisions about quarantined rows back, which puts the rows into the quarantine again.

Called by the quarantine's pages. The rows' targets are restored from the change log, as an undo does it
(legacy_import.undo.take_back).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from legacy_import.cell_display import format_key
from legacy_import.desk.withdrawal import Withdrawal
from legacy_import.errors import TerminalError
from legacy_import.models import LedgerRow, Settlement
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.services.quarantine_notices import update_quarantine_notices
from legacy_import.services.settlement_transaction import (
    NotQuarantinedError,
    SettlementResult,
    UnknownRowError,
    begin_replay_runs,
    end_replay_run,
    require_distinct_ids,
    runs_with_changes,
    settlement_transaction,
)
from legacy_import.undo.take_back import ChangedSinceError, revert_rows
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.materialized_views import refresh_views_without_waiting

_MAX_RUNS: Final = 100
_MAX_TRIES: Final = 20
"""Each try finds up to undo.outcome.MAX_LISTED_LEFT rows that people changed since."""


@log_calls(
    "quarantine.withdrawn",
    lambda call, done: {
        "database": call["alias"],
        "author": call["author"],
        "rows": len(done.settled),
        "runs": done.runs,
    },
)
def withdraw_settlements(alias: str, settlement_ids: Sequence[UUID], *, author: str) -> SettlementResult:
    """Take decisions back: their rows are quarantined again, their targets as they were before.

    Where the legacy row has changed since, the decision holds nothing any more: that it was withdrawn is only noted.
    Raises UnknownRowError, NotQuarantinedError (withdrawn before), TerminalError (somebody changed the row since: who,
    and the column), TransientError (the source is being imported right now); then nothing was changed.
    """
    ids = require_distinct_ids(settlement_ids)
    with settlement_transaction(alias, author=author) as cursor:
        named = Settlement.objects.using(alias).filter(pk__in=ids)
        works = begin_replay_runs(cursor, named.values_list("source", flat=True), author=author)
        found = Settlement.objects.using(alias).in_bulk(ids)
        for one in ids:
            if one not in found:
                raise UnknownRowError(f"there is no decision {one}; look at the row again")
            if found[one].withdrawn_at:
                by = f"{found[one].withdrawn_by} has withdrawn the decision at {found[one].withdrawn_at:%Y-%m-%d %H:%M}"
                where = f"{found[one].source}, {found[one].legacy_table} {format_key(found[one].key)}"
                raise NotQuarantinedError(f"{where}: {by}")
        settlements = [found[one] for one in ids]
        for work in works:
            work.prepare_session()
            _return_to_quarantine(work, [one for one in settlements if one.source == work.source.name], author)
            end_replay_run(work)
        refresh_views_without_waiting(alias=alias)
    update_quarantine_notices(work.source for work in works)
    return SettlementResult(tuple(one.ledger_id for one in settlements), (), runs_with_changes(works))


def withdraw_step(
    alias: str, settlement_ids: Sequence[UUID], *, author: str
) -> tuple[SettlementResult, ChangedSinceError | None]:
    """Take back the decisions of one step, but for those whose rows people changed since; return why some stay.

    Raises as `withdraw_settlements` does, where no decision at all can be taken back.
    """
    remaining, why_some_stay = list(settlement_ids), None
    for _ in range(_MAX_TRIES):
        try:
            return withdraw_settlements(alias, remaining, author=author), why_some_stay
        except ChangedSinceError as error:
            why_some_stay = error
            edited = LedgerRow.objects.using(alias).filter(
                pk__in=Settlement.objects.using(alias).filter(pk__in=remaining).values("ledger_id"),
                target_key__in=error.keys,
            )
            kept = Settlement.objects.using(alias).filter(pk__in=remaining, ledger_id__in=edited.values("pk"))
            staying = set(kept.values_list("pk", flat=True))
            remaining = [one for one in remaining if one not in staying]
            if not staying or not remaining:
                raise
    raise TerminalError("too many rows were changed here since: withdraw the others one by one")


def _return_to_quarantine(work: SourceImport, settlements: list[Settlement], author: str) -> None:
    """Mark the source's settlements as withdrawn, and take back what runs wrote to the rows they hold."""
    withdrawal = Withdrawal(work)
    withdrawal.collect_withdrawn_rows([one.pk for one in settlements])
    Settlement.objects.using(work.cursor.db.alias).filter(pk__in=[one.pk for one in settlements]).update(
        withdrawn_by=author, withdrawn_at=Now()
    )
    # What the target row holds may be the work of several runs, each of which took the decision into account.
    for _ in range(_MAX_RUNS):
        held = withdrawal.find_held_rows()
        if not held:
            break
        revert_rows(work.cursor, ledger_ids=held)
    else:
        raise TerminalError(f"{work.source.name}: too many runs have written to the rows since; undo those first")
    withdrawal.reimport_held_rows()
