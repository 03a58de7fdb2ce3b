"""The warnings beside a verdict, in plain words: sample ratio mismatch, low power, peeking, an unusable threshold.

Called by wording.py, which has the verdict's own words and the caveat that holds for all of them.
"""

from revenue.statistics.findings import HOPED_FOR, Findings
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.phrases import count_with_noun, format_p_value, format_percent, join_names
from revenue.statistics.proportions import Method
from revenue.statistics.sample_ratio import RatioOutcome


def verdict_warnings(findings: Findings, kind: VerdictKind, winner: int | None) -> tuple[str, ...]:
    """Return the warnings that belong beside a verdict of `kind`; `winner` is the place of a winner to confirm."""
    test, unusable = findings.test, ""
    if not test.has_usable_confidence:
        unusable = (
            f"The confidence threshold {test.confidence_threshold} can't be used: it must be at least 0.5 and under 1. "
            "0.95 is taken instead; correct it on the test."
        )
    if kind.is_traffic_fault:
        # Nothing that speaks of samples: beside a fault of the traffic it would read as advice to go on collecting.
        return tuple(warning for warning in (unusable, invalid_rate_sentence(findings)) if warning)
    found = (unusable, _ratio_warning(findings), _power_warning(findings), _peeking_warning(findings, winner))
    is_exact = any(comparison.result.method is Method.FISHER_EXACT for comparison in findings.comparisons)
    note = "Some counts are so small that Fisher's exact test stands in for the z test." if is_exact else ""
    return tuple(warning for warning in (*found, note) if warning)


def invalid_rate_sentence(findings: Findings) -> str:
    """Return the sentence that names the variants whose counts make no valid rate; '' where all do."""
    wrong = [variant for variant in findings.test.variants if not variant.has_valid_rate]
    if not wrong:
        return ""
    counted = [
        f"{v.name} has {count_with_noun(v.successes, 'action')} out of {count_with_noun(v.impressions, 'impression')}"
        for v in wrong
    ]
    return f"{join_names(counted)}: there can't be more actions than impressions, nor fewer than none."


def _ratio_warning(findings: Findings) -> str:
    ratio = findings.ratio
    if ratio.outcome is not RatioOutcome.WARNS or ratio.p is None:
        return ""
    return f"The {ratio.unit} are oddly split (p {format_p_value(ratio.p)}). Look at how the variants are assigned."


def _power_warning(findings: Findings) -> str:
    plan = findings.plan
    if plan is None or not plan.is_too_small:
        return ""
    text = (
        f"The planned sample of {plan.planned_sample:,} has {plan.chance:.0%} power for {HOPED_FOR.base:.0%} → "
        f"{HOPED_FOR.target:.0%}; 80% takes {plan.needed:,} a variant."
    )
    if plan.detectable is None:
        return text
    return f"{text} At the control's rate it reliably finds only lifts of {format_percent(plan.detectable)} and more."


def _peeking_warning(findings: Findings, winner: int | None) -> str:
    decisive = () if winner is None else findings.decisive_comparisons(winner)
    if all(comparison.always_valid and comparison.always_valid.excludes_zero for comparison in decisive):
        return ""
    return (
        "The interval that allows for looking every day still includes no lift at all: trust this result only if "
        "nobody decided to stop by looking."
    )
