"""The sample ratio mismatch."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from revenue.statistics.counts import VariantCounts
from revenue.statistics.sample_ratio import RatioOutcome, check_sample_ratio, planned_shares

HALF = Decimal("0.50")


def test_sample_ratio_mismatch_gives_the_reference_value() -> None:
    check = check_sample_ratio(_shown(5100, 4900), HALF)

    assert check.p == pytest.approx(0.04550, abs=5e-6)
    assert check.outcome is RatioOutcome.PASSES
    assert check.expected == (5000, 5000)


@pytest.mark.parametrize(
    ("first", "outcome", "passes"),
    [
        (5128, RatioOutcome.PASSES, True),  # p 0.0105
        (5129, RatioOutcome.WARNS, True),  # p 0.0099
        (5164, RatioOutcome.WARNS, True),  # p 0.00104
        (5165, RatioOutcome.FAILS, False),  # p 0.00097
    ],
)
def test_outcome_turns_at_one_in_a_hundred_and_one_in_a_thousand(
    first: int, outcome: RatioOutcome, *, passes: bool
) -> None:
    check = check_sample_ratio(_shown(first, 10_000 - first), HALF)

    assert check.outcome is outcome
    assert check.allows_winner is passes


@given(st.lists(st.integers(1, 2_000_000), min_size=2, max_size=20))
def test_sample_ratio_check_agrees_with_scipys_chi_square(impressions: list[int]) -> None:
    check, expected = check_sample_ratio(_shown(*impressions), None), stats.chisquare(impressions)

    assert check.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert check.p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)


def test_variants_after_the_control_share_the_rest_equally() -> None:
    assert planned_shares(4, Decimal("0.40")) == pytest.approx((0.4, 0.2, 0.2, 0.2))
    assert check_sample_ratio(_shown(4000, 2000, 2000, 2000), Decimal("0.40")).p == pytest.approx(1)
    assert check_sample_ratio(_shown(2500, 2500, 2500, 2500), Decimal("0.40")).outcome is RatioOutcome.FAILS


def test_all_share_equally_where_nothing_is_planned() -> None:
    assert planned_shares(3, None) == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@pytest.mark.parametrize("split", [Decimal(0), Decimal(1), Decimal("1.5"), Decimal("-0.1")])
def test_split_that_is_no_share_cannot_be_checked_and_does_not_pass(split: Decimal) -> None:
    check = check_sample_ratio(_shown(100, 100), split)

    assert check.outcome is RatioOutcome.UNKNOWN
    assert not check.allows_winner


@pytest.mark.parametrize("impressions", [(), (100,), (0, 0)])
def test_ratio_needs_two_variants_and_impressions(impressions: tuple[int, ...]) -> None:
    assert check_sample_ratio(_shown(*impressions), HALF).outcome is RatioOutcome.UNKNOWN


def _shown(*impressions: int) -> list[VariantCounts]:
    return [VariantCounts("", count, 0) for count in impressions]
