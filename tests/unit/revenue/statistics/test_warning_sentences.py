"""The warnings beside a verdict."""

from decimal import Decimal

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.kinds import VerdictKind
from revenue.statistics.verdict import judge_counts
from tests.unit.revenue.statistics.judging import verdict


def test_unusable_confidence_is_warned_of_and_replaced() -> None:
    variants = (VariantCounts("A", 1000, 100), VariantCounts("B", 1000, 150))

    judged = judge_counts(TestCounts(variants, minimum_sample_size=100, confidence_threshold=Decimal("1.00")))

    assert judged.kind is VerdictKind.WINNER_TO_CONFIRM
    assert "threshold 1.00 can't be used" in judged.words.warnings[0]


def test_small_plan_is_warned_of_with_its_power() -> None:
    warnings = verdict((5, 83), (12, 99), planned=100).words.warnings

    assert "The planned sample of 100 has 7% power for 2% → 3%; 80% takes 3,825 a variant." in warnings[0]


def test_large_plan_is_not_warned_of() -> None:
    assert verdict((500, 5000), (520, 5000), planned=3825).words.warnings == ()
