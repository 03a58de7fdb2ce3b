"""The standard normal distribution: tails and quantiles, by the standard library, exact to a float's last digits.

scipy.special's `ndtr` and `ndtri` give the same digits (to 4e-14 and 7e-16) in the same time, but importing them takes
0.25 s, which the sample size calculator would pay for nothing else.
"""

import math
from statistics import NormalDist
from typing import Final

_STANDARD: Final = NormalDist()


def two_sided_p(z: float) -> float:
    """Return the p value of a z statistic: the chance of a standard normal value at least as far from 0."""
    return math.erfc(abs(z) / math.sqrt(2))


def normal_cdf(z: float) -> float:
    """Return the chance of a standard normal value below `z`."""
    # Not NormalDist.cdf: Python 3.11 computes 1 + erf, which has no digits left in the lower tail.
    return math.erfc(-z / math.sqrt(2)) / 2


def normal_quantile(probability: float) -> float:
    """Return the value below which a standard normal one lies with `probability`, between 0 and 1, both excluded."""
    return _STANDARD.inv_cdf(probability)


def two_sided_quantile(alpha: float) -> float:
    """Return the critical value: a standard normal one is further from 0 with chance `alpha`."""
    # From the lower tail: 1 - alpha/2 would round to 1 for a tiny alpha.
    return -normal_quantile(alpha / 2)
