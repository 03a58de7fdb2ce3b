"""The sample ratio mismatch."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.sample_ratio import RatioCheck, RatioOutcome, RatioUnit, check_sample_ratio, planned_shares


def _check(
    *impressions: int, percents: tuple[str | None, ...] = (), posts: tuple[int, ...] | None = None
) -> RatioCheck:
    shares = tuple(None if percent is None else Decimal(percent) for percent in percents)
    variants = tuple(VariantCounts("", count, 0) for count in impressions)
    return check_sample_ratio(TestCounts(variants, planned_shares=shares, posts=posts))


def test_sample_ratio_mismatch_gives_the_reference_value() -> None:
    check = _check(5100, 4900)

    assert check.p == pytest.approx(0.04550, abs=5e-6)
    assert check.outcome is RatioOutcome.PASSES
    assert check.expected == (5000, 5000)


def test_four_equally_shared_variants_are_no_mismatch() -> None:
    check = _check(4272, 4324, 4317, 4290)

    assert check.p == pytest.approx(0.94, abs=0.005)
    assert check.outcome is RatioOutcome.PASSES


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
    check = _check(first, 10_000 - first)

    assert check.outcome is outcome
    assert check.allows_winner is passes


@given(st.lists(st.integers(5, 2_000_000), min_size=2, max_size=20))
def test_sample_ratio_check_agrees_with_scipys_chi_square(impressions: list[int]) -> None:
    check, expected = _check(*impressions), stats.chisquare(impressions)

    assert check.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert check.p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)


def test_shares_that_a_person_planned_are_checked() -> None:
    assert planned_shares(4, [Decimal(40), Decimal(20), Decimal(20), Decimal(20)]) == pytest.approx(
        (0.4, 0.2, 0.2, 0.2)
    )
    assert _check(4000, 2000, 2000, 2000, percents=("40", "20", "20", "20")).p == pytest.approx(1)
    assert _check(2500, 2500, 2500, 2500, percents=("40", "20", "20", "20")).outcome is RatioOutcome.FAILS


@pytest.mark.parametrize("percents", [(), (None, None, None)])
def test_all_share_equally_where_nobody_planned_shares(percents: tuple[str | None, ...]) -> None:
    check = _check(100, 100, 100, percents=percents)

    assert check.shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert check.p == pytest.approx(1)


def test_thirds_to_the_second_decimal_are_a_plan() -> None:
    assert _check(100, 100, 100, percents=("33.33", "33.33", "33.34")).outcome is RatioOutcome.PASSES


@pytest.mark.parametrize("percents", [("50", None), ("50", "49.99"), ("50", "50.01"), ("0", "100"), ("-10", "110")])
def test_shares_that_are_no_plan_cannot_be_checked_and_do_not_pass(percents: tuple[str | None, ...]) -> None:
    check = _check(100, 100, percents=percents)

    assert check.outcome is RatioOutcome.NO_PLAN
    assert not check.allows_winner


@pytest.mark.parametrize("impressions", [(), (100,), (0, 0), (-1, 100)])
def test_ratio_needs_two_variants_and_impressions(impressions: tuple[int, ...]) -> None:
    check = _check(*impressions)

    assert check.outcome is RatioOutcome.TOO_FEW
    assert not check.allows_winner


@pytest.mark.parametrize(
    ("impressions", "percents", "is_checked", "missing"),
    [
        ((9, 0), (), False, 1),
        ((10, 0), (), True, 0),
        ((4, 5, 5), (), False, 1),
        ((5, 5, 5), (), True, 0),
        ((20, 29), ("90", "10"), False, 1),
        ((40, 10), ("90", "10"), True, 0),
        ((0, 0), (), False, 10),
    ],
)
def test_test_is_made_from_five_expected_each(
    impressions: tuple[int, ...], percents: tuple[str, ...], *, is_checked: bool, missing: int
) -> None:
    check = _check(*impressions, percents=percents)

    assert (check.outcome is not RatioOutcome.TOO_FEW) is is_checked
    assert (check.p is not None) is is_checked
    assert check.missing_count == missing


def test_posts_are_checked_where_assignments_are_known() -> None:
    clustered = _check(9000, 1000, posts=(11, 9))
    uneven = _check(1000, 1000, posts=(30, 5))

    assert (clustered.unit, clustered.observed, clustered.outcome) == (RatioUnit.POSTS, (11, 9), RatioOutcome.PASSES)
    assert uneven.outcome is RatioOutcome.FAILS


def test_too_few_posts_are_not_replaced_by_their_impressions() -> None:
    check = _check(9000, 1000, posts=(3, 4))

    assert (check.unit, check.outcome, check.missing_count) == (RatioUnit.POSTS, RatioOutcome.TOO_FEW, 3)


@pytest.mark.parametrize("posts", [None, (0, 0), (20, 0)])
def test_impressions_are_checked_where_a_shown_variant_has_no_known_post(posts: tuple[int, int] | None) -> None:
    assert _check(1000, 1000, posts=posts).unit is RatioUnit.IMPRESSIONS


def test_a_variant_that_was_neither_shown_nor_assigned_hides_no_mismatch() -> None:
    assert _check(1000, 0, posts=(20, 0)).outcome is RatioOutcome.FAILS
