"""Sample ratio mismatch: whether the variants got the traffic they were meant to get.

What lives here: the planned shares and the check against them. What does not: what follows from a mismatch
(verdict.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import chi_square_p

FAILS_BELOW: Final = 0.001
WARNS_BELOW: Final = 0.01
_FEWEST_VARIANTS: Final = 2


class RatioOutcome(StrEnum):
    """What the check says; only PASSES and WARNS let a winner be called."""

    PASSES = "passes"
    WARNS = "warns"
    FAILS = "fails"
    UNKNOWN = "cannot be checked"


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """The check with what it compared: planned shares, and the impressions expected from them."""

    outcome: RatioOutcome
    statistic: float | None = None
    p: float | None = None
    shares: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()

    @property
    def passes(self) -> bool:
        """Tell whether the check lets a winner be called."""
        return self.outcome in {RatioOutcome.PASSES, RatioOutcome.WARNS}


def planned_shares(variants: int, traffic_split: Decimal | None) -> tuple[float, ...] | None:
    """Return each variant's planned share: the first has `traffic_split`, the rest share equally, None means all do.

    None where that is no plan: under two variants, or a split that isn't strictly between 0 and 1.
    """
    if variants < _FEWEST_VARIANTS:
        return None
    if traffic_split is None:
        return (1 / variants,) * variants
    if not 0 < traffic_split < 1:
        return None
    rest = float(1 - traffic_split) / (variants - 1)
    return (float(traffic_split), *(rest,) * (variants - 1))


def sample_ratio_mismatch(variants: Sequence[VariantCounts], traffic_split: Decimal | None) -> RatioCheck:
    """Compare impressions with the planned split by chi-square."""
    shares = planned_shares(len(variants), traffic_split)
    impressions = sum(variant.impressions for variant in variants)
    if shares is None or impressions <= 0:
        return RatioCheck(RatioOutcome.UNKNOWN, shares=shares or ())
    expected = tuple(share * impressions for share in shares)
    statistic = math.fsum(
        (variant.impressions - count) ** 2 / count for variant, count in zip(variants, expected, strict=True)
    )
    p = chi_square_p(statistic, len(variants) - 1)
    return RatioCheck(_outcome(p), statistic, p, shares, expected)


def _outcome(p: float) -> RatioOutcome:
    if p < FAILS_BELOW:
        return RatioOutcome.FAILS
    return RatioOutcome.WARNS if p < WARNS_BELOW else RatioOutcome.PASSES
