"""The always-valid interval beside the fixed one, and its simulation."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.statistics.comparisons import Lift, relative_lift
from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import two_proportion_z
from revenue.statistics.sequential import always_valid_interval, differ_at_every_look, wald_interval

LOOKS = 10
TESTS = 2000


def test_always_valid_interval_is_the_formula() -> None:
    rho_squared = (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 5000
    spread = 182 * rho_squared
    half = 0.7 * math.sqrt((spread + 1) / spread * (math.log(spread + 1) - 2 * math.log(0.05)))

    interval = always_valid_interval(Lift(1.0121, 0.7), impressions=182, alpha=0.05)

    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([1.0121 - half, 1.0121 + half], abs=1e-12)


def test_fixed_interval_reaches_as_far_as_the_normal_curve() -> None:
    interval = wald_interval(Lift(0.2, 0.1), alpha=0.05)

    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([0.2 - 0.1959964, 0.2 + 0.1959964], abs=1e-7)


@given(st.floats(-1, 50), st.floats(1e-6, 10), st.integers(2, 4_000_000_000), st.floats(1e-6, 0.5))
def test_always_valid_interval_holds_the_fixed_one_and_the_lift(
    value: float, error: float, impressions: int, alpha: float
) -> None:
    lift = Lift(value, error)

    fixed, always_valid = (
        wald_interval(lift, alpha=alpha),
        always_valid_interval(lift, impressions=impressions, alpha=alpha),
    )

    assert fixed is not None
    assert always_valid is not None
    assert always_valid.low < fixed.low <= value <= fixed.high < always_valid.high


def test_intervals_are_none_without_a_standard_error() -> None:
    assert wald_interval(Lift(-1, None), alpha=0.05) is None
    assert always_valid_interval(Lift(-1, None), impressions=100, alpha=0.05) is None


@pytest.mark.parametrize(("rate", "step"), [(0.1, 500), (0.03, 1000)])
def test_ten_looks_at_two_thousand_tests_of_the_same_deceive_z_but_not_the_sequence(rate: float, step: int) -> None:
    by_z = by_sequence = 0
    for looks in _tests_of_the_same(rate, step):
        by_z += any(two_proportion_z(*look).p < 0.05 for look in looks)
        by_sequence += any(_excludes_no_lift(*look) for look in looks)

    assert by_sequence <= 0.05 * TESTS
    assert by_z >= 0.10 * TESTS


@pytest.mark.parametrize(("rate", "step"), [(0.1, 500), (0.02, 100), (0.01, 500), (0.005, 1000)])
def test_ten_looks_both_ways_are_hardly_ever_deceived_by_small_rates_either(rate: float, step: int) -> None:
    deceived = sum(
        any(differ_at_every_look(*look, alpha=0.05) for look in looks) for looks in _tests_of_the_same(rate, step)
    )

    assert deceived <= 0.01 * TESTS


def test_a_difference_of_many_is_seen_both_ways() -> None:
    low, high = VariantCounts("A", 10_000, 1000), VariantCounts("B", 10_000, 1300)

    assert differ_at_every_look(low, high, alpha=0.05)
    assert differ_at_every_look(high, low, alpha=0.05)


def _tests_of_the_same(rate: float, step: int) -> Iterator[list[tuple[VariantCounts, VariantCounts]]]:
    """Yield tests whose variants are the same, each as it stands at ten looks `step` impressions apart."""
    draws = np.random.default_rng(20261122).binomial(step, rate, size=(TESTS, 2, LOOKS)).cumsum(axis=2)
    for first, second in draws:
        yield [
            (VariantCounts("A", step * look, int(a)), VariantCounts("B", step * look, int(b)))
            for look, (a, b) in enumerate(zip(first, second, strict=True), start=1)
        ]


def _excludes_no_lift(control: VariantCounts, variant: VariantCounts) -> bool:
    lift = relative_lift(control, variant)
    assert lift is not None
    interval = always_valid_interval(lift, impressions=control.impressions + variant.impressions, alpha=0.05)
    return interval is not None and interval.excludes_zero
