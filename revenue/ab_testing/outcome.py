"""The one verdict on a test, as every page shows it: what its counts say, and what is stored and known of it.

`determine_outcome` is called by JudgedTest.outcome alone; the change page, the list, the result page, the front page
and the decisions read that. The verdict on the counts is revenue.statistics.verdict's, its text wording's.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from revenue.ab_testing.days import format_local_day
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.phrases import format_lift
from revenue.statistics.sample_ratio import RatioOutcome
from synapse.foundation.text.visible import visible

if TYPE_CHECKING:
    from revenue.ab_testing.judged import JudgedTest

_SAYS_SOMETHING: Final = frozenset(
    {
        VerdictKind.RATIO_MISMATCH,
        VerdictKind.NOT_A_RATE,
        VerdictKind.UNUSABLE_SHARES,
        VerdictKind.MIXED_METRICS,
        VerdictKind.NO_DIFFERENCE,
        VerdictKind.WINNER_TO_CONFIRM,
        VerdictKind.CONTROL_TO_CONFIRM,
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A headline, its reason in one sentence, more behind it, doubts, and what to do next ('' for nothing)."""

    kind: VerdictKind
    headline: str
    reason: str
    details: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    next_step: str = ""


def determine_outcome(judged: "JudgedTest") -> Outcome:
    """Return the verdict on a test at its moment; names of variants are in it as they can be shown."""
    running = _current_outcome(judged)
    if judged.is_completed:
        return _completed_outcome(judged, running)
    notes = [note for note in (_stored_winner_note(judged), _end_note(judged, running)) if note]
    return replace(running, warnings=(*notes, *running.warnings))


def _current_outcome(judged: "JudgedTest") -> Outcome:
    """Return what today's counts say, whatever is stored."""
    verdict = judged.verdict
    words, kind = verdict.words, verdict.kind
    if kind is not VerdictKind.RATIO_MISMATCH:
        if not judged.has_started:
            reason = f"It starts on {format_local_day(judged.test.start_date)}; nothing can be confirmed before."
            step = "Correct the start on the test's form if that is wrong."
            return Outcome(VerdictKind.NOT_STARTED, "Not started yet", reason, next_step=step)
        if judged.metric.problem:
            headline, step = "Variants count different things", "Correct the expected metric on the test's form."
            return Outcome(VerdictKind.MIXED_METRICS, headline, judged.metric.problem, next_step=step)
    reason = _stalled_reason(judged) if kind is VerdictKind.STALLED else words.reason
    return Outcome(kind, words.headline, reason, words.details, words.warnings, words.next_step)


def _completed_outcome(judged: "JudgedTest", today: Outcome) -> Outcome:
    """Return what came of the test; of what `today` says, nothing that asks to go on."""
    is_mismatch = judged.verdict.findings.ratio.outcome is RatioOutcome.FAILS
    shown = replace(today, next_step="") if today.kind in _SAYS_SOMETHING else replace(today, details=(), next_step="")
    mismatch = (f"{today.reason} Find out why before you rely on this test.",) if is_mismatch else ()
    decision, winner = judged.stored_decision, judged.winner
    if winner is None:
        reason = "No variant was confirmed as the winner."
        if judged.has_stored_winner:
            reason = "A winner is stored that is no variant of this test any more, or is marked on a variant only."
        elif decision and decision.author:
            reason = f"Completed by {visible(decision.author)} on {format_local_day(decision.at)}."
        headline = "Completed without a winner"
        return Outcome(VerdictKind.COMPLETED, headline, reason, shown.details, (*mismatch, *shown.warnings))
    name = visible(winner.variant_name)
    if decision is None or not decision.author:
        who = "The legacy scripts" if decision is None or decision.is_imported else "Somebody outside Synapse"
        reason = f"{who} stored {name} as the winner; no person confirmed it here."
        if is_mismatch:
            return replace(shown, details=(reason,), next_step="Find out why before you rely on this test.")
        return Outcome(VerdictKind.STORED_WINNER, f"Won by {name}", reason, shown.details, shown.warnings)
    headline = f"Confirmed by {visible(decision.author)} on {format_local_day(decision.at)}"
    warnings = (*_changed_figures_warning(judged, today), *mismatch, *shown.warnings)
    return Outcome(VerdictKind.CONFIRMED, headline, _winner_sentence(judged, name), shown.details, warnings)


def _winner_sentence(judged: "JudgedTest", name: str) -> str:
    """Return who won, with the lift that was stored."""
    if judged.variants[0] == judged.winner:
        return f"{name}, the control, is the winner."
    lift = judged.test.improvement_rate
    return f"{name} is the winner" + ("." if lift is None else f", with a lift of {format_lift(float(lift))}.")


def _changed_figures_warning(judged: "JudgedTest", today: Outcome) -> tuple[str, ...]:
    """Return the warning that the figures no longer give what was confirmed; none where they do."""
    test, decision = judged.test, judged.verdict.decision
    if decision and judged.metric.is_agreed and judged.variants[decision.place] == judged.winner:
        now = decision.improvement_rate, decision.statistical_significance
        if now == (test.improvement_rate, test.statistical_significance):
            return ()
        says = f"they still name {decision.winner.name}, but with another lift or certainty"
    elif today.kind in _SAYS_SOMETHING:
        says = f"they say “{today.headline}”"
    else:
        says = "they are too few for a winner"
    return (f"The figures have changed since the confirmation: today {says}.",)


def _stored_winner_note(judged: "JudgedTest") -> str:
    """Return the warning that a running test has a stored winner, '' where it has none."""
    if not judged.has_stored_winner:
        return ""
    step = "Take the stored winner back, or set the test's status to completed."
    if judged.winner is None:
        return f"A winner is stored that is no variant of this test any more, or is marked on a variant only. {step}"
    decision = judged.stored_decision
    by = (
        f", confirmed by {visible(decision.author)} on {format_local_day(decision.at)}"
        if decision and decision.author
        else ""
    )
    return f"Stored winner: {visible(judged.winner.variant_name)}{by}. The test isn't completed. {step}"


def _end_note(judged: "JudgedTest", running: Outcome) -> str:
    """Return the warning that a test that waits for data is past its planned end, '' where it isn't."""
    end, waits = judged.test.end_date, running.kind in {VerdictKind.COLLECTING, VerdictKind.STALLED}
    if not waits or end is None or end > judged.at:
        return ""
    return (
        f"The planned end, {format_local_day(end)}, has passed: set a later one, or complete the test without a winner."
    )


def _stalled_reason(judged: "JudgedTest") -> str:
    """Say since when there are no impressions, and how that is known."""
    last = judged.last_impressions
    if last is None or last.at < judged.test.start_date:
        since = format_local_day(judged.test.start_date)
        return f"No impressions have been recorded since the test started on {since}."
    if last.is_exact:
        return f"The last impressions were recorded on {format_local_day(last.at)}."
    return f"The last impressions came with the import of {format_local_day(last.at)}, or before it."
