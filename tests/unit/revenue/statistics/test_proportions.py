"""Tests of two and more proportions, and Wilson's interval."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import chi_square, fisher_exact, two_proportion_z, wilson_interval


@st.composite
def rates(draw: st.DrawFn, *, most: int = 2_000_000) -> VariantCounts:
    impressions = draw(st.integers(1, most))
    return VariantCounts("", impressions, draw(st.integers(0, impressions)))


def counts(successes: int, impressions: int) -> VariantCounts:
    return VariantCounts("", impressions, successes)


def test_two_proportion_z_gives_the_reference_values() -> None:
    result = two_proportion_z(counts(5, 83), counts(12, 99))

    assert result.statistic == pytest.approx(-1.4078304, abs=5e-8)
    assert result.p == pytest.approx(0.1591813, abs=5e-8)


def test_chi_square_gives_the_reference_values() -> None:
    variants = [counts(73, 86), counts(90, 93), counts(114, 136), counts(75, 82)]

    result = chi_square(variants)

    assert result.statistic == pytest.approx(11.1193877, abs=5e-8)
    assert result.p == pytest.approx(0.0110975, abs=5e-8)


def test_fisher_exact_gives_the_reference_value_where_z_would_mislead() -> None:
    few = counts(0, 100), counts(5, 100)

    assert fisher_exact(*few).p == pytest.approx(0.059, abs=5e-4)
    assert two_proportion_z(*few).p == pytest.approx(0.024, abs=5e-4)


@pytest.mark.parametrize("successes", [0, 50])
def test_rates_of_nothing_or_everything_are_no_difference(successes: int) -> None:
    same = counts(successes, 50), counts(successes, 50)

    assert [test(*same).p for test in (two_proportion_z, fisher_exact)] == [1.0, 1.0]
    assert chi_square([*same, *same]).p == 1.0


@given(rates(), rates())
def test_z_agrees_with_chi_square_and_turns_with_the_order(first: VariantCounts, second: VariantCounts) -> None:
    there, back = two_proportion_z(first, second), two_proportion_z(second, first)

    assert there.statistic is not None
    assert back.statistic == -there.statistic
    both = chi_square([first, second])
    assert both.statistic == pytest.approx(there.statistic**2, rel=1e-6, abs=1e-9)
    assert both.p == pytest.approx(there.p, rel=1e-6, abs=1e-12)


@given(st.lists(rates(), min_size=2, max_size=20))
def test_chi_square_does_not_mind_the_order(variants: list[VariantCounts]) -> None:
    turned = variants[::-1]

    assert chi_square(turned).p == pytest.approx(chi_square(variants).p, rel=1e-6, abs=1e-12)


@given(st.lists(rates(), min_size=2, max_size=20))
def test_chi_square_agrees_with_scipy(variants: list[VariantCounts]) -> None:
    table = [[v.successes, v.impressions - v.successes] for v in variants]
    assume(all(map(sum, zip(*table, strict=True))))

    result, expected = chi_square(variants), stats.chi2_contingency(table, correction=False)

    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)


@given(rates(most=400), rates(most=400))
def test_fisher_exact_agrees_with_scipy(first: VariantCounts, second: VariantCounts) -> None:
    table = [[v.successes, v.impressions - v.successes] for v in (first, second)]

    assert fisher_exact(first, second).p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("first", "second"),
    [(counts(3, 2_000_000), counts(9, 1_500_000)), (counts(0, 1_000_000_000), counts(5, 700_000_000))],
)
def test_fisher_exact_of_millions_is_the_exact_fraction(first: VariantCounts, second: VariantCounts) -> None:
    successes = first.successes + second.successes
    tables = [
        math.comb(first.impressions, own) * math.comb(second.impressions, successes - own)
        for own in range(successes + 1)
    ]
    no_likelier = sum(table for table in tables if table <= tables[first.successes])

    assert fisher_exact(first, second).p == pytest.approx(float(Fraction(no_likelier, sum(tables))), rel=1e-12)


def test_fisher_exact_stays_exact_for_millions() -> None:
    first, second = counts(3, 1_000_000_000), counts(9, 1_000_000_000)

    # With shares this even the table is 3 or fewer, or 9 or more, heads of 12 fair coins.
    assert fisher_exact(first, second).p == pytest.approx(2 * (1 + 12 + 66 + 220) / 4096, rel=1e-6)


@given(rates(), st.floats(1e-6, 0.5))
def test_wilson_interval_contains_the_rate_and_stays_between_none_and_all(variant: VariantCounts, alpha: float) -> None:
    interval = wilson_interval(variant, alpha)

    assert interval is not None
    assert variant.rate is not None
    assert 0 <= interval.low <= variant.rate <= interval.high <= 1


@given(rates(most=5000))
def test_wilson_interval_agrees_with_scipy(variant: VariantCounts) -> None:
    interval = wilson_interval(variant)
    expected = stats.binomtest(variant.successes, variant.impressions).proportion_ci(0.95, "wilson")

    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([expected.low, expected.high], abs=1e-12)


@pytest.mark.parametrize(("successes", "impressions"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_interval_is_none_without_a_rate(successes: int, impressions: int) -> None:
    assert wilson_interval(counts(successes, impressions)) is None
