"""What makes a verdict doubtful, in plain words.

What lives here: the warnings beside a verdict. What does not: the verdict's own words, and the caveat that holds for
all of them (wording.py).
"""

from revenue.statistics.findings import HOPED_FOR, Findings
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.phrases import percent, probability
from revenue.statistics.proportions import Method
from revenue.statistics.ratio import RatioOutcome


def doubts(findings: Findings, kind: VerdictKind, winner: int | None) -> tuple[str, ...]:
    """Return the warnings that belong beside a verdict of `kind`; `winner` is the place of a winner to confirm."""
    found = (_confidence(findings), _ratio(findings, kind), _plan(findings), _peeking(findings, winner))
    return tuple(warning for warning in (*found, _exact(findings)) if warning)


def _confidence(findings: Findings) -> str:
    test = findings.test
    if test.has_usable_confidence:
        return ""
    return (
        f"The confidence threshold {test.confidence_threshold} can't be used: it must be at least 0.5 and under 1. "
        "0.95 is taken instead; correct it on the test."
    )


def _ratio(findings: Findings, kind: VerdictKind) -> str:
    ratio = findings.ratio
    if ratio.p is None or kind is VerdictKind.RATIO_MISMATCH:
        return ""
    if ratio.outcome is RatioOutcome.WARNS:
        return f"The traffic is oddly split (p {probability(ratio.p)}). Look at how the variants are handed out."
    if ratio.outcome is RatioOutcome.FAILS:
        return (
            f"Sample ratio mismatch: the traffic is not split as planned (p {probability(ratio.p)}). "
            "Find out why before you collect more."
        )
    return ""


def _plan(findings: Findings) -> str:
    plan = findings.plan
    if plan is None or not plan.is_too_small:
        return ""
    text = (
        f"The planned sample of {plan.planned_sample:,} has {plan.chance:.0%} power for {HOPED_FOR.base:.0%} → "
        f"{HOPED_FOR.target:.0%}; 80% takes {plan.needed:,} a variant."
    )
    if plan.detectable is None:
        return text
    return f"{text} At the control's rate it reliably finds only lifts of {percent(plan.detectable)} and more."


def _peeking(findings: Findings, winner: int | None) -> str:
    decisive = () if winner is None else findings.decisive(winner)
    if all(comparison.always_valid and comparison.always_valid.excludes_zero for comparison in decisive):
        return ""
    return (
        "The interval that allows for looking every day still includes no lift at all: trust this result only if "
        "nobody decided to stop by looking."
    )


def _exact(findings: Findings) -> str:
    if not any(comparison.result.method is Method.FISHER_EXACT for comparison in findings.comparisons):
        return ""
    return "Some counts are so small that Fisher's exact test stands in for the z test."
