"""The accuracy of a prediction: its bounds, its symmetry, and what its own words promise."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.accuracy import prediction_accuracy

_LARGEST_INTEGER = 2_147_483_647

rates = st.decimals(min_value=Decimal("-9.9999"), max_value=Decimal("9.9999"), places=4)
real_rates = st.decimals(min_value=0, max_value=Decimal("9.9999"), places=4)
requests = st.integers(min_value=-_LARGEST_INTEGER, max_value=_LARGEST_INTEGER)
real_requests = st.integers(min_value=0, max_value=_LARGEST_INTEGER)


def accuracy(predicted: tuple[Decimal, int], actual: tuple[Decimal, int]) -> Decimal:
    return prediction_accuracy(
        predicted_rate=predicted[0],
        actual_rate=actual[0],
        predicted_requests=predicted[1],
        actual_requests=actual[1],
    )


@given(st.tuples(rates, requests), st.tuples(rates, requests))
def test_any_figures_give_a_number_the_column_holds(one: tuple[Decimal, int], other: tuple[Decimal, int]) -> None:
    found = accuracy(one, other)
    assert 0 <= found <= 1
    assert found.as_tuple().exponent == -4
    assert found == accuracy(other, one)


@given(st.tuples(rates, requests))
def test_what_came_as_predicted_is_1(figures: tuple[Decimal, int]) -> None:
    assert accuracy(figures, figures) == 1


@given(st.tuples(real_rates, st.integers(0, 1_000)), real_rates, real_rates)
def test_further_off_is_never_more_accurate(actual: tuple[Decimal, int], near: Decimal, far: Decimal) -> None:
    rate, number = actual
    assume(far <= near <= rate or rate <= near <= far)
    assert accuracy((near, number), actual) >= accuracy((far, number), actual)


@given(st.tuples(real_rates, real_requests), st.tuples(real_rates, real_requests))
def test_figures_that_differ_are_never_quite_1_unless_by_rounding(
    one: tuple[Decimal, int], other: tuple[Decimal, int]
) -> None:
    assume(one != other)
    assert accuracy(one, other) < 1 or max(one[1], other[1]) > 5_000


@pytest.mark.parametrize(
    ("predicted", "actual", "expected"),
    [
        (("0.1000", 2), ("0.1000", 2), "1.0000"),
        (("0.1000", 0), ("0.2000", 0), "0.7500"),  # twice too little: 0.5 of one half
        (("0.2000", 0), ("0.1000", 0), "0.7500"),  # twice too much: the same
        (("0.0000", 0), ("0.0000", 0), "1.0000"),
        (("0.1000", 1), ("0.0000", 0), "0.2500"),  # nothing came: no agreement of rates, 1/2 of requests
        (("0.0000", 9), ("0.0000", 0), "0.5500"),
        (("9.9999", 0), ("0.1000", 0), "0.5050"),  # percent beside a ratio
        (("0.1200", 2), ("0.0900", 1), "0.7083"),
        (("-0.1000", -5), ("0.1000", 2), "0.0000"),
    ],
)
def test_figures_worked_out_by_hand(predicted: tuple[str, int], actual: tuple[str, int], expected: str) -> None:
    found = accuracy((Decimal(predicted[0]), predicted[1]), (Decimal(actual[0]), actual[1]))
    assert str(found) == expected
