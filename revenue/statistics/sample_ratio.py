"""Sample ratio mismatch (SRM): whether the variants got the traffic that the plan gives them.

verdict.py says what follows from a mismatch: nothing else may be concluded from such a test. Shares are equal unless a
person planned others, for the legacy scripts draw each post's variant at random, each as likely.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from revenue.statistics.comparisons import MIN_EXPECTED_COUNT
from revenue.statistics.counts import TestCounts
from revenue.statistics.proportions import chi_square_p

FAILS_BELOW_P: Final = 0.001
WARNS_BELOW_P: Final = 0.01
WHOLE_PERCENT: Final = Decimal(100)
_MIN_VARIANTS: Final = 2


class RatioOutcome(StrEnum):
    """What the check says; only PASSES and WARNS let a winner be called."""

    PASSES = "passes"
    WARNS = "warns"
    FAILS = "fails"
    TOO_FEW = "too few"
    NO_PLAN = "no plan"


class RatioUnit(StrEnum):
    """What was counted for the check."""

    POSTS = "posts"
    IMPRESSIONS = "impressions"


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """The check with what it compared: planned shares (0 to 1), what each variant got, and what was expected.

    `statistic` and `p` are None where an expected count is under 5 (TOO_FEW) or the shares are no plan (NO_PLAN).
    """

    outcome: RatioOutcome
    unit: RatioUnit
    observed: tuple[int, ...]
    statistic: float | None = None
    p: float | None = None
    shares: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()

    @property
    def allows_winner(self) -> bool:
        """Say whether the check lets a winner be called."""
        return self.outcome in {RatioOutcome.PASSES, RatioOutcome.WARNS}

    @property
    def missing_count(self) -> int:
        """Return how many more posts or impressions the smallest share needs before all expected counts are 5."""
        if self.outcome is not RatioOutcome.TOO_FEW or not self.shares:
            return 0
        return max(math.ceil(MIN_EXPECTED_COUNT / min(self.shares) - 1e-9) - sum(self.observed), 0)


def planned_shares(variants: int, percents: Sequence[Decimal | None]) -> tuple[float, ...] | None:
    """Return each variant's planned share, from 0 to 1; without any percents all are equal.

    None where that is no plan: under two variants, or percents that are not all set, above 0 and 100 together.
    """
    if variants < _MIN_VARIANTS:
        return None
    set_percents = [percent for percent in percents if percent is not None]
    if not set_percents:
        return (1 / variants,) * variants
    is_plan = len(set_percents) == variants and min(set_percents) > 0 and sum(set_percents) == WHOLE_PERCENT
    return tuple(float(percent / WHOLE_PERCENT) for percent in set_percents) if is_plan else None


def check_sample_ratio(test: TestCounts) -> RatioCheck:
    """Check for a sample ratio mismatch by Pearson's chi-square (1900), of posts where assignments are known.

    Posts are what the legacy scripts assign, so a post's impressions come in clusters: they are counted only where the
    assignments are not known.

    The bounds of p are far below the usual 0.05, because every test is checked at every look: see Fabijan et al.
    (2019), "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments". The tail is scipy.special's;
    `scipy.stats.chisquare` would give the same statistic in 0.5 ms instead of 0.03 ms, for each test of a list.
    """
    unit, observed = _counted_traffic(test)
    shares = planned_shares(len(observed), test.planned_shares)
    if shares is None:
        no_plan = len(observed) >= _MIN_VARIANTS
        return RatioCheck(RatioOutcome.NO_PLAN if no_plan else RatioOutcome.TOO_FEW, unit, observed)
    total = sum(observed)
    expected = tuple(share * total for share in shares)
    # A count below nought, which a legacy file may hold, is no traffic to compare.
    if min(observed) < 0 or min(expected) < MIN_EXPECTED_COUNT * (1 - 1e-9):
        return RatioCheck(RatioOutcome.TOO_FEW, unit, observed, shares=shares, expected=expected if total > 0 else ())
    statistic = math.fsum((got - count) ** 2 / count for got, count in zip(observed, expected, strict=True))
    p = chi_square_p(statistic, len(observed) - 1)
    outcome = RatioOutcome.WARNS if p < WARNS_BELOW_P else RatioOutcome.PASSES
    outcome = RatioOutcome.FAILS if p < FAILS_BELOW_P else outcome
    return RatioCheck(outcome, unit, observed, statistic, p, shares, expected)


def _counted_traffic(test: TestCounts) -> tuple[RatioUnit, tuple[int, ...]]:
    """Return what is counted: posts, unless a variant was shown in none of them, for then some aren't known."""
    impressions = tuple(variant.impressions for variant in test.variants)
    posts = test.posts
    if posts and any(posts) and all(count or shown <= 0 for count, shown in zip(posts, impressions, strict=True)):
        return RatioUnit.POSTS, posts
    return RatioUnit.IMPRESSIONS, impressions
