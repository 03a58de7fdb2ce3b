"""The normal distribution, from the standard library: exact to a float's last digits.

What lives here: its probabilities and quantiles. What does not: who needs them.
"""

import math
from statistics import NormalDist
from typing import Final

_STANDARD: Final = NormalDist()


def two_sided_p(z: float) -> float:
    """Return the chance of a standard normal value at least as far from 0 as `z`."""
    return math.erfc(abs(z) / math.sqrt(2))


def below(z: float) -> float:
    """Return the chance of a standard normal value below `z`."""
    return math.erfc(-z / math.sqrt(2)) / 2


def quantile(probability: float) -> float:
    """Return the value below which a standard normal one lies with `probability`, between 0 and 1, both excluded."""
    return _STANDARD.inv_cdf(probability)


def two_sided_quantile(alpha: float) -> float:
    """Return the value that a standard normal one exceeds, in either direction, with chance `alpha`."""
    # From the lower tail: 1 - alpha/2 would round to 1 for a tiny alpha.
    return -quantile(alpha / 2)
