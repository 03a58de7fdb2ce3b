"""Judging counts in tests."""

from decimal import Decimal
from typing import Any

from revenue.statistics.counts import TestCounts, VariantCounts
from revenue.statistics.verdict import Verdict, judge_counts

NAMES = "ABCDEFGHIJKLMNOPQRST"


def verdict(*counts: tuple[int, int], planned: int | None = 100, days: float = 10, **known: Any) -> Verdict:
    """Judge variants A, B, … given as (successes, impressions)."""
    variants = tuple(VariantCounts(name, n, s) for name, (s, n) in zip(NAMES, counts, strict=False))
    test = TestCounts(
        variants, minimum_sample_size=planned, confidence_threshold=Decimal("0.95"), days_running=days, **known
    )
    return judge_counts(test)


def said_of(judged: Verdict) -> str:
    words = judged.words
    return " ".join([words.headline, words.reason, *words.details, *words.warnings, words.next_step])
