"""Sample sizes, power and days left."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from revenue.statistics.power import (
    Effect,
    corrected_alpha,
    days_needed,
    detectable_lift,
    rule_of_sixteen,
    sample_size,
    statistical_power,
)

USUAL = Effect(0.1, 0.12)
HOPED_FOR = Effect(0.02, 0.03)


def test_rule_of_sixteen_gives_the_reference_value() -> None:
    assert rule_of_sixteen(USUAL) == 3600


def test_sample_size_gives_the_reference_value() -> None:
    assert sample_size(HOPED_FOR) == 3825


def test_power_of_a_hundred_is_the_reference_seven_per_cent() -> None:
    assert statistical_power(100, HOPED_FOR) == pytest.approx(0.0737, abs=5e-5)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.floats(0.001, 0.2), st.floats(0.5, 0.99))
def test_power_of_the_sample_size_is_the_power_asked_for(
    base: float, target: float, alpha: float, power: float
) -> None:
    effect = Effect(base, target)
    assume(effect.difference > 1e-4)

    size = sample_size(effect, alpha=alpha, power=power)

    # The formula leaves out the wrong direction: at most half of alpha, and next to nothing where power is usual.
    assert statistical_power(size + 1, effect, alpha=alpha) >= power - 1e-9
    wrong_direction = statistical_power(size, effect, alpha=alpha) - power
    assert size < 100 or wrong_direction < alpha / 2 + 0.01


@given(st.floats(0.001, 0.5), st.floats(0.501, 0.999), st.integers(1, 10**7), st.integers(1, 10**6))
def test_power_grows_with_impressions(base: float, target: float, impressions: int, more: int) -> None:
    effect = Effect(base, target)

    assert 0 <= statistical_power(impressions, effect) <= statistical_power(impressions + more, effect) <= 1 + 1e-12


def test_power_without_impressions_is_the_chance_of_a_false_alarm_at_most() -> None:
    assert statistical_power(0, HOPED_FOR) == pytest.approx(0.05, abs=0.001)


def test_power_agrees_with_scipys_normal() -> None:
    shift = 0.02 * 3600**0.5
    critical = stats.norm.isf(0.025) * (2 * 0.11 * 0.89) ** 0.5
    deviation = (0.1 * 0.9 + 0.12 * 0.88) ** 0.5

    expected = stats.norm.sf((critical - shift) / deviation) + stats.norm.cdf((-critical - shift) / deviation)

    assert statistical_power(3600, USUAL) == pytest.approx(expected, abs=1e-12)


def test_power_between_certain_rates_is_certain() -> None:
    assert statistical_power(10, Effect(0.0, 1.0)) == 1.0


def test_sample_size_of_no_effect_is_refused() -> None:
    with pytest.raises(ValueError, match="difference of nothing"):
        sample_size(Effect(0.1, 0.1))


def test_detectable_lift_is_found_with_the_power_asked_for() -> None:
    lift = detectable_lift(3825, 0.02)

    assert lift is not None
    assert lift == pytest.approx(0.5, abs=1e-3)
    assert statistical_power(3825, Effect(0.02, 0.02 * (1 + lift))) == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize(("impressions", "base"), [(1, 0.5), (100, 0.0), (100, 1.0)])
def test_detectable_lift_is_none_where_nothing_is_found(impressions: int, base: float) -> None:
    assert detectable_lift(impressions, base) is None


def test_alpha_is_shared_by_the_comparisons_with_the_control() -> None:
    assert [corrected_alpha(0.06, variants) for variants in (1, 2, 3, 4)] == pytest.approx([0.06, 0.06, 0.03, 0.02])


@pytest.mark.parametrize(("daily", "days"), [(100, 77), (7650, 1), (7651, 1), (7649, 2), (0, None)])
def test_days_needed_are_whole_days(daily: float, days: int | None) -> None:
    assert days_needed(3825, variants=2, daily_impressions=daily) == days
