"""What a person decides about an A/B test: confirm a winner, complete it without one, open it again.

Nothing else writes a winner. revenue.statistics.verdict has the rules, revenue.admin.ab_tests.actions the buttons.

Each locks the test and its variants, judges them again and refuses in a sentence where the person decided on other
numbers than the ones stored now (optimistic concurrency, by the fingerprint of the judged test).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from revenue.ab_testing.days import format_local_minute
from revenue.ab_testing.judged import JudgedTest, load_judged_test
from revenue.ab_testing.winner import winning_variant_key
from revenue.models import ABTest, ABTestStatus, ABTestVariant
from revenue.statistics.kinds import VerdictKind
from synapse.foundation.databases import REVENUE
from synapse.foundation.logs.logged_calls import log_calls
from synapse.foundation.text.visible import visible
from synapse.kit.change_log.reverting.revert import undo_link

_NOTHING_STORED: Final = Decimal(0)


class DecisionRefusedError(Exception):
    """What was asked can't be done now; the message is a sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was done: a sentence, a note on it (or ''), and the address where it can be undone."""

    sentence: str
    note: str
    undo: str


@log_calls("ab_test.winner_confirmed", lambda call, _: {"test_id": call["test_id"], "variant_id": call["variant_id"]})
def confirm_winner(*, test_id: UUID, variant_id: UUID, seen: str, now: datetime) -> Decided:
    """Store the winner the verdict names and complete the test; `seen` is the fingerprint of what the person saw.

    Raises DecisionRefusedError where the counts have changed since, or the verdict names nobody or somebody else.
    """
    with transaction.atomic(using=REVENUE):
        current = _load_judged_test_for_update(test_id, now)
        _refuse_if_changed(current, seen)
        decision = current.decision
        if decision is None:
            raise DecisionRefusedError(f"There is no winner to confirm: {_no_winner_reason(current)}")
        winner = current.variants[decision.place]
        if winner.pk != variant_id:
            raise DecisionRefusedError(f"The winner is {visible(winner.variant_name)} by now; look again.")
        early = _early_end_note(current)
        _mark_winner(current, winner=winner)
        _save_changed_columns(
            current.test,
            winning_variant=winning_variant_key(winner),
            improvement_rate=decision.improvement_rate,
            statistical_significance=decision.statistical_significance,
            **_ending_columns(current),
        )
        sentence = f"{visible(winner.variant_name)} is confirmed as the winner of {_quoted_name(current)}."
        note = f"{decision.improvement_note} {early}".strip()
        return Decided(sentence, note, undo_link(REVENUE))


@log_calls("ab_test.completed", lambda call, _: {"test_id": call["test_id"]})
def complete_without_winner(*, test_id: UUID, seen: str, now: datetime) -> Decided:
    """End the test; nobody wins. Raises DecisionRefusedError where it is over or changed since it was looked at."""
    with transaction.atomic(using=REVENUE):
        current = _load_judged_test_for_update(test_id, now)
        _refuse_if_changed(current, seen)
        if current.is_completed:
            raise DecisionRefusedError(f"{_quoted_name(current)} is completed already.")
        early = _early_end_note(current)
        _mark_winner(current, winner=None)
        _save_changed_columns(current.test, **_cleared_winner_columns(), **_ending_columns(current))
        return Decided(f"{_quoted_name(current)} is completed without a winner.", early, undo_link(REVENUE))


@log_calls("ab_test.reopened", lambda call, _: {"test_id": call["test_id"]})
def reopen_test(*, test_id: UUID, seen: str, now: datetime) -> Decided:
    """Let a completed test run again and take its winner back; of a running one take back a winner stored all the same.

    A planned end that is still to come stays. Raises DecisionRefusedError where it runs already and nobody has won.
    """
    with transaction.atomic(using=REVENUE):
        current = _load_judged_test_for_update(test_id, now)
        _refuse_if_changed(current, seen)
        if not current.is_completed and not current.has_stored_winner:
            raise DecisionRefusedError(f"{_quoted_name(current)} isn't completed, and no winner is stored.")
        sentence = f"No winner of {_quoted_name(current)} is stored any more."
        _mark_winner(current, winner=None)
        running: dict[str, Any] = {}
        if current.is_completed:
            end = _planned_end_to_come(current)
            running = {"status": ABTestStatus.ACTIVE.value, "end_date": end}
            until = f"until {format_local_minute(end)}, as planned" if end else "without an end date"
            sentence = f"{_quoted_name(current)} runs again, {until}; no winner is stored."
        _save_changed_columns(current.test, **_cleared_winner_columns(), **running)
        return Decided(sentence, "", undo_link(REVENUE))


def _load_judged_test_for_update(test_id: UUID, now: datetime) -> JudgedTest:
    """Return the test, judged under row locks; until the transaction ends nobody changes it or adds to it."""
    test = ABTest.objects.using(REVENUE).select_for_update().filter(pk=test_id).first()
    if test is None:
        raise DecisionRefusedError("The test has been deleted meanwhile.")
    # In the order of keys, so that two decisions can't deadlock. Adding a variant waits too: its foreign key needs a
    # lock on the test's row.
    list(ABTestVariant.objects.using(REVENUE).select_for_update().filter(test=test).order_by("pk"))
    return load_judged_test(test, now=now)


def _refuse_if_changed(current: JudgedTest, seen: str) -> None:
    if seen != current.fingerprint:
        raise DecisionRefusedError("The test has changed since you opened its result; these are the numbers now.")


def _ending_columns(current: JudgedTest) -> dict[str, Any]:
    """Return what ends the test: now, where it hasn't ended before; one that hasn't started ends with its start."""
    end = current.test.end_date
    if end is None or end > current.at:
        end = max(current.at, current.test.start_date)
    return {"status": ABTestStatus.COMPLETED.value, "end_date": end}


def _early_end_note(current: JudgedTest) -> str:
    """Say that a planned end gives way to today's, '' where none does."""
    end = _planned_end_to_come(current)
    if end is None:
        return ""
    ended = format_local_minute(_ending_columns(current)["end_date"])
    return f"The planned end, {format_local_minute(end)}, became {ended}; undo brings it back."


def _planned_end_to_come(current: JudgedTest) -> datetime | None:
    end = current.test.end_date
    return end if end is not None and end > current.at else None


def _cleared_winner_columns() -> dict[str, Any]:
    return {
        "winning_variant": None,
        "improvement_rate": _NOTHING_STORED,
        "statistical_significance": _NOTHING_STORED,
    }


def _mark_winner(current: JudgedTest, *, winner: ABTestVariant | None) -> None:
    for variant in current.variants:
        won = variant == winner
        if bool(variant.is_winner) != won:
            _save_changed_columns(variant, is_winner=won)


def _save_changed_columns(row: ABTest | ABTestVariant, **columns: Any) -> None:
    """Save the columns that change, so that the log says what was decided and no more."""
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        row.save(using=REVENUE, update_fields=changed)


def _no_winner_reason(current: JudgedTest) -> str:
    """Return why there is no winner to confirm."""
    if current.is_completed:
        return "the test is completed."
    if current.outcome.kind is VerdictKind.NOT_STARTED:
        return f"the test hasn't started; it begins on {format_local_minute(current.test.start_date)}."
    return current.outcome.reason


def _quoted_name(current: JudgedTest) -> str:
    return f"“{visible(current.test.test_name)}”"
