"""Sequential testing: the always-valid interval of a lift (a confidence sequence), beside the fixed-sample one.

Looking at a test every day and stopping at the first significant look (peeking) is wrong far more often than alpha
says. The always-valid interval holds at every look at once, so before the planned sample is reached only it may
call a difference. The lift and its standard error come from comparisons.py. Neither scipy nor
statsmodels has the formula.
"""

import math
from typing import Final

from revenue.statistics.comparisons import Lift, relative_lift
from revenue.statistics.counts import Interval, VariantCounts
from revenue.statistics.normal import two_sided_quantile

# The number of impressions at which the always-valid interval is tuned to be narrowest: N* of the formula.
TUNED_FOR_IMPRESSIONS: Final = 5000


def wald_interval(lift: Lift, *, alpha: float) -> Interval | None:
    """Return the Wald interval (Wald 1943), which holds for one look, at the planned sample; None without an error."""
    if lift.standard_error is None:
        return None
    half = lift.standard_error * two_sided_quantile(alpha)
    return Interval(lift.value - half, lift.value + half)


def always_valid_interval(lift: Lift, *, impressions: int, alpha: float) -> Interval | None:
    """Return the interval that holds at every look, for the impressions of both variants together.

    An asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central
    limit theory and asymptotic confidence sequences". None without a standard error.
    """
    if lift.standard_error is None:
        return None
    half = lift.standard_error * widening_factor(impressions, alpha)
    return Interval(lift.value - half, lift.value + half)


def differ_at_every_look(control: VariantCounts, variant: VariantCounts, *, alpha: float) -> bool:
    """Say whether two rates differ by the always-valid interval, whichever of them is taken as the base.

    The delta method underestimates the error of a variant with few successes: with the control as the only base, ten
    looks at A/A tests with a rate of 0.5 % find a difference in 5.5 % of them, even after 5 successes each; both ways
    in under 0.1 %.
    """
    impressions = control.impressions + variant.impressions
    lifts = (relative_lift(control, variant), relative_lift(variant, control))
    intervals = [always_valid_interval(lift, impressions=impressions, alpha=alpha) if lift else None for lift in lifts]
    return all(interval is not None and interval.excludes_zero for interval in intervals)


def widening_factor(impressions: int, alpha: float) -> float:
    """Return how many standard errors the always-valid interval reaches to each side.

    √((N·r + 1) / (N·r) · (ln(N·r + 1) - 2 ln alpha)), with r = (-2 ln alpha + ln(1 - 2 ln alpha)) / N*, the rho squared
    of the paper, and N the impressions.
    """
    doubled = -2 * math.log(alpha)
    rho_squared = (doubled + math.log(1 + doubled)) / TUNED_FOR_IMPRESSIONS
    scaled = impressions * rho_squared
    return math.sqrt((scaled + 1) / scaled * (math.log(scaled + 1) + doubled))
