"""Several comparisons at once: Holm's correction and the choice of the test."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.statistics.comparisons import (
    compare_all_rates,
    compare_rates,
    holm_bonferroni,
    relative_lift,
    smallest_expected_count,
)
from revenue.statistics.counts import VariantCounts
from revenue.statistics.proportions import Method


def test_holm_gives_the_reference_values() -> None:
    assert holm_bonferroni([0.01, 0.04, 0.03, 0.005, 0.55, 0.6]) == pytest.approx(
        (0.05, 0.12, 0.12, 0.03, 1, 1), abs=1e-12
    )


@given(st.lists(st.floats(0, 1), max_size=20))
def test_holm_keeps_order_and_never_flatters(chances: list[float]) -> None:
    corrected = holm_bonferroni(chances)

    assert all(p <= q <= 1 for p, q in zip(chances, corrected, strict=True))
    ranked = sorted(zip(chances, corrected, strict=True))
    assert [q for _, q in ranked] == sorted(corrected)
    assert max(corrected, default=0) == pytest.approx(max(max(corrected, default=0), max(chances, default=0)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(1, 7))
def test_holm_does_not_mind_the_order(chances: list[float], turn: int) -> None:
    turn %= len(chances)
    turned = chances[turn:] + chances[:turn]

    corrected = holm_bonferroni(chances)

    assert holm_bonferroni(turned) == corrected[turn:] + corrected[:turn]


@pytest.mark.parametrize(
    ("control", "variant", "method"),
    [
        (VariantCounts("", 100, 0), VariantCounts("", 100, 5), Method.FISHER_EXACT),
        (VariantCounts("", 100, 5), VariantCounts("", 100, 5), Method.TWO_PROPORTION_Z),
        (VariantCounts("", 100, 95), VariantCounts("", 100, 96), Method.FISHER_EXACT),
        (VariantCounts("", 83, 5), VariantCounts("", 99, 12), Method.TWO_PROPORTION_Z),
    ],
)
def test_compare_is_exact_where_a_count_under_five_is_expected(
    control: VariantCounts, variant: VariantCounts, method: Method
) -> None:
    assert compare_rates(control, variant).method is method


def test_least_expected_is_the_smallest_of_all_cells() -> None:
    assert smallest_expected_count([VariantCounts("", 100, 10), VariantCounts("", 300, 390 - 100)]) == pytest.approx(25)


def test_compare_all_is_none_where_chi_square_would_mislead() -> None:
    enough, few = VariantCounts("", 100, 50), VariantCounts("", 8, 4)

    assert compare_all_rates([enough, enough, few]) is None
    assert compare_all_rates([enough, enough, enough]) is not None


def test_relative_lift_has_the_error_of_the_delta_method() -> None:
    control, variant = VariantCounts("", 5000, 500), VariantCounts("", 4000, 480)

    lift = relative_lift(control, variant)

    assert lift is not None
    assert lift.value == pytest.approx(0.2)
    # (1 + lift)² times the squared errors of both rates, each relative to its rate.
    relative = 0.9 / (0.1 * 5000) + 0.88 / (0.12 * 4000)
    assert lift.standard_error == pytest.approx(1.2 * math.sqrt(relative))


@pytest.mark.parametrize("control", [VariantCounts("", 100, 0), VariantCounts("", 0, 0), VariantCounts("", 5, 6)])
def test_relative_lift_is_none_where_the_control_converts_nobody(control: VariantCounts) -> None:
    assert relative_lift(control, VariantCounts("", 100, 10)) is None


@pytest.mark.parametrize(("control", "variant"), [(10, 0), (100, 100)])
def test_relative_lift_claims_no_precision_it_lacks(control: int, variant: int) -> None:
    lift = relative_lift(VariantCounts("", 100, control), VariantCounts("", 100, variant))

    assert lift is not None
    assert lift.standard_error is None
