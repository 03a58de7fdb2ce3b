"""Tests of rates, and the interval of one rate.

What lives here: pooled two-proportion z, chi-square over k variants, Fisher's exact test, Wilson's interval.
What does not: which of them suits a pair of counts (comparisons.py).
All take variants that are rates (`VariantCounts.is_a_rate`) with at least one impression.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from revenue.statistics.counts import Interval, VariantCounts
from revenue.statistics.normal import two_sided_p, two_sided_quantile
from revenue.statistics.scientific import numpy, special

# Two tables as likely as each other may differ in a float's last digits.
_TIE: Final = 1e-7


class Method(StrEnum):
    """The tests, by the names people know them by."""

    TWO_PROPORTION_Z = "two-proportion z"
    CHI_SQUARE = "chi-square"
    FISHER_EXACT = "Fisher exact"


@dataclass(frozen=True, slots=True)
class TestResult:
    """A test's outcome; `statistic` is None for the exact test, which has none."""

    # pytest takes every class called Test… for a test.
    __test__ = False

    method: Method
    statistic: float | None
    p: float


def two_proportion_z(first: VariantCounts, second: VariantCounts) -> TestResult:
    """Compare two rates by the pooled z; it is negative where the first rate is the lower. p is two-sided."""
    impressions = first.impressions + second.impressions
    pooled = (first.successes + second.successes) / impressions
    variance = pooled * (1 - pooled) * (1 / first.impressions + 1 / second.impressions)
    if variance <= 0:
        return TestResult(Method.TWO_PROPORTION_Z, 0.0, 1.0)
    difference = first.successes / first.impressions - second.successes / second.impressions
    z = difference / math.sqrt(variance)
    return TestResult(Method.TWO_PROPORTION_Z, z, two_sided_p(z))


def chi_square(variants: Sequence[VariantCounts]) -> TestResult:
    """Test whether k rates are one, with k - 1 degrees of freedom and no continuity correction."""
    successes = sum(variant.successes for variant in variants)
    impressions = sum(variant.impressions for variant in variants)
    pooled = successes / impressions
    if successes in {0, impressions}:
        return TestResult(Method.CHI_SQUARE, 0.0, 1.0)
    # Both cells of a variant together: their shares of the sum have one numerator.
    statistic = sum(
        (variant.successes - variant.impressions * pooled) ** 2 / (variant.impressions * pooled * (1 - pooled))
        for variant in variants
    )
    return TestResult(Method.CHI_SQUARE, statistic, chi_square_p(statistic, len(variants) - 1))


def chi_square_p(statistic: float, degrees: int) -> float:
    """Return the chance of a chi-square value of `degrees` of freedom above `statistic`."""
    return float(special().chdtrc(degrees, statistic))


def fisher_exact(first: VariantCounts, second: VariantCounts) -> TestResult:
    """Compare two rates exactly: the chance of all tables, given the margins, no likelier than this one."""
    np = numpy()
    successes = first.successes + second.successes
    least = max(0, successes - second.impressions)
    most = min(successes, first.impressions)
    x = np.arange(least, most, dtype=float)
    # Neighbours' ratios, summed as logarithms: exact where factorials of millions would cancel.
    ratios = (first.impressions - x) * (successes - x) / ((x + 1) * (second.impressions - successes + x + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    chances = np.exp(logs - logs.max())
    observed = chances[first.successes - least]
    p = chances[chances <= observed * (1 + _TIE)].sum() / chances.sum()
    return TestResult(Method.FISHER_EXACT, None, min(1.0, float(p)))


def wilson_interval(variant: VariantCounts, alpha: float = 0.05) -> Interval | None:
    """Return Wilson's score interval of the rate with confidence 1 - `alpha`; None where there is no rate."""
    rate = variant.rate
    if rate is None:
        return None
    n, z = variant.impressions, two_sided_quantile(alpha)
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    # At the ends the formula is exactly 0 and 1, but for rounding.
    low = 0.0 if variant.successes == 0 else max(0.0, min(rate, middle - half))
    high = 1.0 if variant.successes == n else min(1.0, max(rate, middle + half))
    return Interval(low, high)
