"""Power and sample size: how many impressions a test needs, and which effect a number of impressions can find.

Every size is impressions per variant. The minimum detectable effect is `detectable_lift`. Called by findings.py and by
the calculator. scipy has no power of a two-proportion test; statsmodels' `power_proportions_2indep` and
`samplesize_proportions_2indep_onetail` give the same digits (to 6e-16), but their import takes 1.3 s and 131 MB in
each process.
"""

import math
from dataclasses import dataclass
from typing import Final

from revenue.statistics.normal import normal_cdf, normal_quantile, two_sided_quantile

USUAL_POWER: Final = 0.8
_RULE: Final = 16
_HALVINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference a test is to find: from the control's rate to the variant's, both between 0 and 1."""

    base: float
    target: float

    @property
    def difference(self) -> float:
        """Return the absolute difference, positive."""
        return abs(self.target - self.base)

    @property
    def pooled_deviation(self) -> float:
        """Return the pooled standard deviation of √n times the difference: were both rates their mean."""
        mean = (self.base + self.target) / 2
        return math.sqrt(2 * mean * (1 - mean))

    @property
    def unpooled_deviation(self) -> float:
        """Return the unpooled standard deviation of √n times the difference: with the rates as they are."""
        return math.sqrt(self.base * (1 - self.base) + self.target * (1 - self.target))


def corrected_alpha(alpha: float, variants: int) -> float:
    """Return the alpha of one comparison by Bonferroni's correction: `variants` - 1 are compared with the control."""
    return alpha / max(1, variants - 1)


def sample_size(effect: Effect, *, alpha: float = 0.05, power: float = USUAL_POWER) -> int:
    """Return the sample size for `power`: impressions per variant, to the nearest whole one.

    n = ((z_alpha/2 · √(2 p̄(1 - p̄)) + z_beta · √(p₁(1 - p₁) + p₂(1 - p₂))) / (p₂ - p₁))², of the two-sided pooled z
    test: Fleiss, "Statistical Methods for Rates and Proportions" (1981), without continuity correction. Raises
    ValueError where the rates are the same.
    """
    if effect.difference <= 0:
        raise ValueError("No number of impressions finds a difference of nothing.")
    deviations = (
        two_sided_quantile(alpha) * effect.pooled_deviation + normal_quantile(power) * effect.unpooled_deviation
    )
    return max(1, round((max(0.0, deviations) / effect.difference) ** 2))


def rule_of_sixteen(effect: Effect) -> int:
    """Return 16 · p(1 - p) / δ², the rule of thumb for alpha 5 % and 80 % power (Lehr 1992)."""
    return max(1, round(_RULE * effect.base * (1 - effect.base) / effect.difference**2))


def statistical_power(impressions: int, effect: Effect, *, alpha: float = 0.05) -> float:
    """Return the power: the chance that a test of `impressions` per variant finds the effect, in either direction."""
    critical = two_sided_quantile(alpha) * effect.pooled_deviation
    distance = effect.difference * math.sqrt(impressions)
    if effect.unpooled_deviation <= 0:
        return 1.0 if distance > critical else 0.0
    return normal_cdf((distance - critical) / effect.unpooled_deviation) + normal_cdf(
        (-distance - critical) / effect.unpooled_deviation
    )


def detectable_lift(impressions: int, base: float, *, alpha: float = 0.05, power: float = USUAL_POWER) -> float | None:
    """Return the minimum detectable effect: the smallest relative rise that `impressions` per variant find.

    They find it with chance `power`. None where even a rate of 1 is found less often.
    """
    if not 0 < base < 1 or statistical_power(impressions, Effect(base, 1.0), alpha=alpha) < power:
        return None
    low, high = base, 1.0
    # Power rises with the effect, so halving the interval is enough; 60 halvings reach a float's last digit.
    # scipy.optimize would bring this loop for 0.45 s and 64 MB of import.
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if statistical_power(impressions, Effect(base, middle), alpha=alpha) < power:
            low = middle
        else:
            high = middle
    return high / base - 1


def days_needed(impressions: int, *, variants: int, daily_impressions: float) -> int | None:
    """Return whole days until each of `variants` has `impressions`, shared equally; None without daily impressions."""
    if daily_impressions <= 0:
        return None
    return math.ceil(impressions * variants / daily_impressions)
