"""The verdict on a test: what its counts allow to be said, and what a confirmation would write.

The numbers come from findings.py, the words from wording.py; revenue.services.ab_decisions writes.
A sample ratio mismatch is judged first, whatever else is true. Nothing is a winner unless the ratio check passes, the
counts are rates, every variant has a minimum of data, the planned sample is reached, one variant alone has the best
rate and the corrected test passes.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.findings import Findings, compute_findings
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.sample_ratio import RatioOutcome
from revenue.statistics.wording import VerdictText, describe_verdict

_MIN_VARIANTS: Final = 2
_TO_CONFIRM: Final = frozenset({VerdictKind.WINNER_TO_CONFIRM, VerdictKind.CONTROL_TO_CONFIRM})

_STEP: Final = Decimal("0.0001")
MAX_STORED_LIFT: Final = Decimal("9.9999")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person confirms: the winner's place, and the values of the test's columns.

    `improvement_rate` is the winner's relative lift over the control, None where the control converts nobody;
    `improvement_note` says so, or that the column could not hold it. `statistical_significance` is 1 - corrected p.
    """

    place: int
    winner: VariantCounts
    improvement_rate: Decimal | None
    improvement_note: str
    statistical_significance: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said; `decision` is there only for WINNER_TO_CONFIRM and CONTROL_TO_CONFIRM."""

    kind: VerdictKind
    findings: Findings
    decision: Decision | None
    words: VerdictText


def judge_counts(test: TestCounts) -> Verdict:
    """Return the verdict on a test as counted so far."""
    findings = compute_findings(test)
    place = significant_leader(findings)
    kind = _verdict_kind(findings, place)
    winner = place if kind in _TO_CONFIRM else None
    decision = None
    if winner is not None:
        p = max(comparison.p_corrected for comparison in findings.decisive_comparisons(winner))
        rate, note = storable_improvement(findings, winner)
        significance = Decimal(1 - p).quantize(_STEP, ROUND_HALF_UP)
        decision = Decision(winner, test.variants[winner], rate, note, significance)
    return Verdict(kind, findings, decision, describe_verdict(findings, kind, winner))


def significant_leader(findings: Findings) -> int | None:
    """Return the place of the leader where it leads alone and its comparisons pass; the control passes against all."""
    if not findings.comparisons or findings.leader is None or len(findings.leaders) > 1:
        return None
    passes = all(comparison.significant for comparison in findings.decisive_comparisons(findings.leader))
    return findings.leader if passes else None


def storable_improvement(findings: Findings, place: int) -> tuple[Decimal | None, str]:
    """Return the relative lift over the control as the column holds it, and a note where it can't."""
    if not findings.control.rate:
        return None, "The control converts nobody, so there is no improvement to store."
    lift = findings.comparisons[place - 1].lift if place else None
    value = Decimal(lift.value if lift else 0).quantize(_STEP, ROUND_HALF_UP)
    if value > MAX_STORED_LIFT:
        return (
            MAX_STORED_LIFT,
            f"The lift is {value:+,.1%}; {MAX_STORED_LIFT:+.2%} is stored, the most the column holds.",
        )
    return value, ""


def _verdict_kind(findings: Findings, winner: int | None) -> VerdictKind:
    test, ratio = findings.test, findings.ratio
    is_enough = all(variant.has_minimum_data for variant in test.variants) and test.reached_planned_sample
    waiting = VerdictKind.STALLED if test.is_stalled else VerdictKind.COLLECTING
    # In this order: each answer makes the questions after it meaningless.
    questions = (
        (ratio.outcome is RatioOutcome.FAILS, VerdictKind.RATIO_MISMATCH),
        (not all(variant.has_valid_rate for variant in test.variants), VerdictKind.NOT_A_RATE),
        (len(test.variants) < _MIN_VARIANTS, VerdictKind.NOTHING_TO_COMPARE),
        (ratio.outcome is RatioOutcome.NO_PLAN, VerdictKind.UNUSABLE_SHARES),
        (not is_enough or not ratio.allows_winner, waiting),
        (winner is None, VerdictKind.NO_DIFFERENCE),
        (winner == 0, VerdictKind.CONTROL_TO_CONFIRM),
    )
    return next((kind for is_so, kind in questions if is_so), VerdictKind.WINNER_TO_CONFIRM)
