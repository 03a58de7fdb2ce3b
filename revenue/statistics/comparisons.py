"""Which hypothesis test suits a pair of counts, the Holm-Bonferroni correction of several, and the relative lift.

The tests are in proportions.py, the intervals of a lift in sequential.py, what follows from both in verdict.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import TestResult, chi_square, fisher_exact, two_proportion_z

MIN_EXPECTED_COUNT: Final = 5


@dataclass(frozen=True, slots=True)
class Lift:
    """A relative lift over the control: 0.2 is 20 % more.

    `standard_error` is None where the delta method gives none: a variant without success, or nothing but successes.
    """

    value: float
    standard_error: float | None


def compare_rates(control: VariantCounts, variant: VariantCounts) -> TestResult:
    """Compare two rates by the pooled z test, or by Fisher's exact test where an expected count is under 5.

    The bound of 5 is Cochran's (1954): below it the normal approximation calls too many differences significant.
    """
    if smallest_expected_count([control, variant]) < MIN_EXPECTED_COUNT:
        return fisher_exact(control, variant)
    return two_proportion_z(control, variant)


def compare_all_rates(variants: Sequence[VariantCounts]) -> TestResult | None:
    """Test all variants at once by chi-square; None where an expected count is under 5 and it would mislead."""
    return chi_square(variants) if smallest_expected_count(variants) >= MIN_EXPECTED_COUNT else None


def smallest_expected_count(variants: Sequence[VariantCounts]) -> float:
    """Return the smallest expected count, of successes or failures of any variant, if all rates were the same."""
    successes = sum(variant.successes for variant in variants)
    impressions = sum(variant.impressions for variant in variants)
    # Expected counts are proportional to impressions: the smallest variant has the smallest, of the rarer outcome.
    rarer = min(successes, impressions - successes)
    return min(variant.impressions for variant in variants) * rarer / impressions


def holm_bonferroni(chances: Sequence[float]) -> tuple[float, ...]:
    """Return the p values after the Holm-Bonferroni step-down correction (Holm 1979), in the order given.

    Written here: scipy has only the corrections of Benjamini, Hochberg and Yekutieli. statsmodels' `multipletests`
    gives the same digits, but its import takes 1.2 s and 131 MB.
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected = [0.0] * len(chances)
    worst = 0.0
    for rank, place in enumerate(order):
        # The running maximum keeps the corrected values in the order of the raw ones.
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = worst
    return tuple(corrected)


def relative_lift(control: VariantCounts, variant: VariantCounts) -> Lift | None:
    """Return how much more than the control a variant converts, with its standard error by the delta method.

    None where the control converts nobody or a variant has no rate.
    """
    base, rate = control.rate, variant.rate
    if not base or rate is None:
        return None
    # The delta method (Cramér 1946): the variance of a ratio of two independent rates, each derivative squared.
    own = rate * (1 - rate) / variant.impressions / base**2
    controls = base * (1 - base) / control.impressions * rate**2 / base**4
    error = math.sqrt(own + controls)
    return Lift(rate / base - 1, error if rate > 0 and error > 0 else None)
