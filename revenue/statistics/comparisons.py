"""Which test suits a pair of counts, and what several comparisons cost.

What lives here: the choice between z and the exact test, Holm's correction, and the lift of a variant over the control.
What does not: the tests (proportions.py), the intervals (sequential.py), the verdict (verdict.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import TestResult, chi_square, fisher_exact, two_proportion_z

FEWEST_EXPECTED: Final = 5


@dataclass(frozen=True, slots=True)
class Lift:
    """A relative lift over the control: 0.2 is 20 % more.

    `standard_error` is None where the delta method gives none: a variant without success, or nothing but successes.
    """

    value: float
    standard_error: float | None


def compare(control: VariantCounts, variant: VariantCounts) -> TestResult:
    """Compare two rates by the pooled z, or exactly where an expected count is under 5."""
    if least_expected([control, variant]) < FEWEST_EXPECTED:
        return fisher_exact(control, variant)
    return two_proportion_z(control, variant)


def compare_all(variants: Sequence[VariantCounts]) -> TestResult | None:
    """Test all variants at once by chi-square; None where an expected count is under 5 and it would mislead."""
    return chi_square(variants) if least_expected(variants) >= FEWEST_EXPECTED else None


def least_expected(variants: Sequence[VariantCounts]) -> float:
    """Return the smallest count to expect, of successes or failures of any variant, were all rates one."""
    successes = sum(variant.successes for variant in variants)
    impressions = sum(variant.impressions for variant in variants)
    rarer = min(successes, impressions - successes)
    return min(variant.impressions for variant in variants) * rarer / impressions


def holm(chances: Sequence[float]) -> tuple[float, ...]:
    """Return the p values corrected for being several, in the order given (Holm 1979)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected = [0.0] * len(chances)
    worst = 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = worst
    return tuple(corrected)


def relative_lift(control: VariantCounts, variant: VariantCounts) -> Lift | None:
    """Return how much more than the control a variant converts; None where the control converts nobody."""
    base, rate = control.rate, variant.rate
    if not base or rate is None:
        return None
    # The delta method: the variance of a ratio of two independent rates.
    own = rate * (1 - rate) / variant.impressions / base**2
    controls = base * (1 - base) / control.impressions * rate**2 / base**4
    error = math.sqrt(own + controls)
    return Lift(rate / base - 1, error if rate > 0 and error > 0 else None)
