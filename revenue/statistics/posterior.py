"""Chance to be best, and expected loss: the Bayesian posterior of every variant's rate, compared with all others.

The posteriors are Beta distributions from Jeffreys' prior, Beta(1/2, 1/2). Both figures are integrals, computed by
Gauss-Legendre quadrature and not by sampling, so that the same counts always give the same digits. Neither scipy nor
statsmodels has them; the nodes come from numpy, the incomplete Beta function from scipy.special.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from revenue.statistics.counts import VariantCounts
from revenue.statistics.scientific import import_numpy, import_scipy_special

_PRIOR: Final = 0.5
# Each posterior is cut into panels of about one standard deviation, this many to each side …
_DEVIATIONS: Final = 10
# … and a normal curve over one of them is a polynomial of this many nodes to a float's last digits.
_NODES: Final = 16


@dataclass(frozen=True, slots=True)
class Standing:
    """One variant among all: `expected_loss` is the rate given up, on average, by choosing it."""

    chance_to_be_best: float
    expected_loss: float


def compare_posteriors(variants: Sequence[VariantCounts]) -> tuple[Standing, ...]:
    """Return each variant's chance to be best and its expected loss; every variant must be a rate.

    The chance to be best is ∫ fᵢ(x) ∏ Fⱼ(x) dx over the other variants j, with f the density and F the distribution
    function of a posterior. The expected loss is E[max] - E[rateᵢ]: the rate given up, on average, by choosing i
    (Stucchio 2015, "Bayesian A/B testing at VWO"; the prior: Jeffreys 1946).
    """
    if not variants:
        return ()
    np = import_numpy()
    angles, weights = _quadrature_nodes(variants)
    rates = np.sin(angles) ** 2
    posteriors = [(v.successes + _PRIOR, v.impressions - v.successes + _PRIOR) for v in variants]
    below = np.array([import_scipy_special().betainc(a, b, rates) for a, b in posteriors])
    masses = np.array([_posterior_masses(a, b, angles, weights) for a, b in posteriors])
    # One product of distribution functions per node: the chance that all other rates lie below it.
    best = masses * _products_of_others(below)
    expected_best = float((best * rates).sum())
    means = [float((mass * rates).sum()) for mass in masses]
    return tuple(
        Standing(min(1.0, float(own.sum())), max(0.0, expected_best - mean))
        for own, mean in zip(best, means, strict=True)
    )


def _quadrature_nodes(variants: Sequence[VariantCounts]) -> tuple[Any, Any]:
    """Return quadrature nodes and weights over the angle whose squared sine is the rate.

    In the angle a posterior has no infinite ends and a standard deviation of about 1 / (2 √n), whatever its rate.
    """
    np = import_numpy()
    edges = [np.array([0.0, math.pi / 2])]
    for variant in variants:
        n = variant.impressions + 1
        middle = math.asin(math.sqrt((variant.successes + _PRIOR) / n))
        edges.append(middle + np.arange(-_DEVIATIONS, _DEVIATIONS + 1) / (2 * math.sqrt(n)))
    cuts = np.unique(np.clip(np.concatenate(edges), 0.0, math.pi / 2))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    halves = np.diff(cuts) / 2
    angles = (cuts[:-1] + halves)[:, None] + halves[:, None] * nodes
    return angles.ravel(), (halves[:, None] * weights).ravel()


def _posterior_masses(a: float, b: float, angles: Any, weights: Any) -> Any:
    """Return the posterior's probability at each node, one in all."""
    np = import_numpy()
    logs = (2 * a - 1) * np.log(np.sin(angles)) + (2 * b - 1) * np.log(np.cos(angles))
    # Scaled by their own sum: the Beta function of millions has fewer digits than that.
    masses = np.exp(logs - logs.max()) * weights
    return masses / masses.sum()


def _products_of_others(below: Any) -> Any:
    """Return for each variant the product over all others: the chance that they lie below it."""
    np = import_numpy()
    # From both ends, because dividing the product of all by one's own fails where that is 0.
    ones = np.ones_like(below[:1])
    before = np.cumprod(np.concatenate([ones, below[:-1]]), axis=0)
    after = np.cumprod(np.concatenate([ones, below[:0:-1]]), axis=0)[::-1]
    return before * after
