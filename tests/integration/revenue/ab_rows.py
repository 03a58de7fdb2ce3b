"""A/B tests in the shapes the tests need.

What lives here: making them. What does not: single rows (tests.factories).
"""

from typing import Any

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant

METRIC = "consultation_requests"


def make_counted_test(*counts: tuple[int, int], names: tuple[str, ...] = (), **columns: Any) -> ABTest:
    """Make a test whose variants A, B, C … had these successes out of these impressions, the control first."""
    test = make_ab_test(**columns)
    for place, (successes, impressions) in enumerate(counts):
        make_variant(
            test=test,
            variant_name=names[place] if names else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place],
            position=place + 1,
            expected_metric=METRIC,
            impressions=impressions,
            consultation_requests=successes,
        )
    return test


def make_won_test(**columns: Any) -> ABTest:
    """Make a test that B has won, for a person to review and confirm."""
    return make_counted_test((20, 1000), (60, 1000), **columns)


def variant_named(test: ABTest, name: str) -> ABTestVariant:
    """Return the test's variant of that name."""
    return test.variants.get(variant_name=name)
