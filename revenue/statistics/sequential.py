"""Intervals of a lift: the fixed one, and the always-valid one that may be looked at every day.

What lives here: both. What does not: the lift and its standard error (comparisons.py).
"""

import math
from typing import Final

from revenue.statistics.comparisons import Lift
from revenue.statistics.counts import Interval
from revenue.statistics.normal import two_sided_quantile

# The number of impressions at which the always-valid interval is tuned to be narrowest.
TUNED_FOR_IMPRESSIONS: Final = 5000


def fixed_interval(lift: Lift, *, alpha: float) -> Interval | None:
    """Return the interval that holds for one look, at the planned sample; None without a standard error."""
    if lift.standard_error is None:
        return None
    half = lift.standard_error * two_sided_quantile(alpha)
    return Interval(lift.value - half, lift.value + half)


def always_valid_interval(lift: Lift, *, impressions: int, alpha: float) -> Interval | None:
    """Return the interval that holds at every look, for the impressions of both variants together.

    An asymptotic confidence sequence (Waudby-Smith et al.); None without a standard error.
    """
    if lift.standard_error is None:
        return None
    half = lift.standard_error * widening(impressions, alpha)
    return Interval(lift.value - half, lift.value + half)


def widening(impressions: int, alpha: float) -> float:
    """Return how many standard errors the always-valid interval reaches to each side."""
    doubled = -2 * math.log(alpha)
    rho_squared = (doubled + math.log(1 + doubled)) / TUNED_FOR_IMPRESSIONS
    scaled = impressions * rho_squared
    return math.sqrt((scaled + 1) / scaled * (math.log(scaled + 1) + doubled))
