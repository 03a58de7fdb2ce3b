"""Two people at one test: a decision waits for the other's edit, and then knows of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction

from revenue.ab_testing.judged import load_judged_test
from revenue.models import ABTest, ABTestVariant
from revenue.services.ab_decisions import Decided, DecisionRefusedError, confirm_winner
from tests.factories import MOMENT, make_variant
from tests.integration.revenue.ab_rows import METRIC, make_won_test, variant_named

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])

NOW = MOMENT + timedelta(days=10)


def _confirm(test: ABTest, seen: str) -> Decided:
    try:
        return confirm_winner(test_id=test.pk, variant_id=variant_named(test, "B").pk, seen=seen, now=NOW)
    finally:
        connections["revenue"].close()


def test_a_decision_waits_for_counts_being_written_and_refuses_them() -> None:
    test = make_won_test()
    seen = load_judged_test(test, now=NOW).fingerprint
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic(using="revenue"):
            ABTestVariant.objects.filter(variant_name="B").update(consultation_requests=21)
            deciding = other.submit(_confirm, test, seen)
            with pytest.raises(TimeoutError):
                deciding.result(timeout=0.5)
        with pytest.raises(DecisionRefusedError, match="changed since"):
            deciding.result(timeout=10)

    assert not ABTestVariant.objects.filter(is_winner=True).exists()


def test_a_decision_waits_for_a_variant_being_added_and_refuses() -> None:
    test = make_won_test()
    seen = load_judged_test(test, now=NOW).fingerprint
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic(using="revenue"):
            make_variant(test=test, impressions=1000, consultation_requests=90, expected_metric=METRIC)
            deciding = other.submit(_confirm, test, seen)
            with pytest.raises(TimeoutError):
                deciding.result(timeout=0.5)
        with pytest.raises(DecisionRefusedError, match="changed since"):
            deciding.result(timeout=10)


def test_of_two_who_press_at_once_one_decides() -> None:
    test = make_won_test()
    seen = load_judged_test(test, now=NOW).fingerprint
    with ThreadPoolExecutor(2) as both:
        pressed = [both.submit(_confirm, test, seen) for _ in range(2)]
        ended = [type(press.exception(timeout=10)) for press in pressed]

    assert sorted(ended, key=str) == sorted([type(None), DecisionRefusedError], key=str)
