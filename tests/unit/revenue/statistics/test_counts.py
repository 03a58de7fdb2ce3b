"""Counts, and the rates they may or may not make."""

from decimal import Decimal

import pytest

from revenue.statistics.counts import TestCounts, VariantCounts


@pytest.mark.parametrize(
    ("impressions", "successes", "rate"),
    [(0, 0, None), (10, 11, None), (10, -1, None), (0, 1, None), (10, 0, 0.0), (10, 10, 1.0), (83, 5, 5 / 83)],
)
def test_rate_is_none_where_counts_are_no_rate(impressions: int, successes: int, rate: float | None) -> None:
    assert VariantCounts("A", impressions, successes).rate == rate


@pytest.mark.parametrize(("impressions", "successes", "enough"), [(50, 5, True), (49, 5, False), (50, 4, False)])
def test_least_data_is_fifty_impressions_and_five_successes(impressions: int, successes: int, *, enough: bool) -> None:
    assert VariantCounts("A", impressions, successes).has_minimum_data is enough


@pytest.mark.parametrize(
    ("stored", "alpha"),
    [(None, 0.05), (Decimal("0.95"), 0.05), (Decimal("0.90"), 0.1), (Decimal("1.00"), 0.05), (Decimal("9.50"), 0.05)],
)
def test_alpha_falls_back_where_the_threshold_is_unusable(stored: Decimal | None, alpha: float) -> None:
    assert _test(100, 100, confidence=stored).alpha == alpha


def test_days_left_follow_the_slowest_variant() -> None:
    assert _test(50, 20, planned=100, days=10).days_left == 40


@pytest.mark.parametrize(
    ("impressions", "planned", "days", "left"),
    [(100, 100, 3, 0), (0, 100, 3, None), (50, None, 3, None), (50, 0, 3, None), (50, 100, None, None)],
)
def test_days_left_are_known_only_with_plan_and_pace(
    impressions: int, planned: int | None, days: float | None, left: int | None
) -> None:
    assert _test(100, impressions, planned=planned, days=days).days_left == left


@pytest.mark.parametrize(
    ("impressions", "successes", "left"),
    [(100, 5, 0), (100, 4, 3), (100, 1, 40), (100, 0, None), (50, 0, 10), (20, 0, 40)],
)
def test_days_left_wait_for_conversions_once_the_sample_is_there(
    impressions: int, successes: int, left: int | None
) -> None:
    assert _test(100, impressions, planned=100, days=10, successes=successes).days_left == left


@pytest.mark.parametrize(("planned", "left"), [(20, 10), (50, 10)])
def test_days_left_reach_the_minimum_for_any_verdict(planned: int, left: int) -> None:
    assert _test(100, 25, planned=planned, days=10).days_left == left


@pytest.mark.parametrize(("slowest", "reached"), [(99, False), (100, True)])
def test_planned_sample_is_reached_by_every_variant(slowest: int, *, reached: bool) -> None:
    assert _test(500, slowest, planned=100).reached_planned_sample is reached


def test_test_without_a_plan_never_reaches_it() -> None:
    assert not _test(10**6, 10**6, planned=None).reached_planned_sample


def _test(
    first: int,
    second: int,
    *,
    planned: int | None = 100,
    days: float | None = 10,
    confidence: Decimal | None = None,
    successes: int = 5,
) -> TestCounts:
    variants = (VariantCounts("A", first, successes), VariantCounts("B", second, successes))
    return TestCounts(variants, minimum_sample_size=planned, days_running=days, confidence_threshold=confidence)
