"""Summing the months while somebody else writes: nobody's edit is lost, nothing is added twice, nobody is stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from business_core.models import BusinessPipeline
from business_core.services.months import AggregationResult
from tests.factories import make_inquiry, make_pipeline_month
from tests.imports import execute
from tests.integration.business_core.services.month_rows import AUGUST, JULY, edit, figures_of, summed

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])

_WAITS_SECONDS = 0.3


def _in_a_thread(verb: Callable[[], Any]) -> Any:
    try:
        return verb()
    finally:
        connection.close()


def _nothing() -> None:
    pass


def _sum_during(change: Callable[[], Any], then: Callable[[], Any] = _nothing) -> AggregationResult:
    """Sum the months while a change isn't committed, do something more while the job waits, then commit both."""
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            change()
            waiting = other.submit(_in_a_thread, summed)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=_WAITS_SECONDS)
            then()
        found: AggregationResult = waiting.result(timeout=10)
        return found


def test_an_edit_that_is_not_committed_yet_is_waited_for_and_kept() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    make_inquiry(created_at=AUGUST, estimated_value=5)

    summing = _sum_during(lambda: edit("2025-08", total_inquiries=40))

    assert summing.edited == {"2025-08": ["total_inquiries"]}
    assert figures_of("2025-08") == {"total_inquiries": 40, "pipeline_value": 5}


def test_an_import_that_merges_is_waited_for_before_any_row_is_held() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    make_inquiry(created_at=AUGUST)
    lock = "LOCK TABLE business_pipeline IN EXCLUSIVE MODE"
    merge = "UPDATE business_pipeline SET proposals_sent = 5"

    summing = _sum_during(lambda: execute("default", lock), lambda: execute("default", merge))

    assert (summing.changed, summing.edited) == (["2025-08"], {"2025-08": ["proposals_sent"]})


def test_a_month_somebody_adds_meanwhile_stays_theirs() -> None:
    make_inquiry(created_at=AUGUST)
    make_inquiry(created_at=JULY)

    _sum_during(lambda: make_pipeline_month(month="2025-08", total_inquiries=7))

    assert figures_of("2025-08") == {"total_inquiries": 7}
    assert figures_of("2025-07") == {"total_inquiries": 1}


def test_two_that_sum_at_once_add_each_month_once() -> None:
    make_inquiry(created_at=AUGUST)
    make_inquiry(created_at=JULY)

    _sum_during(summed)

    assert BusinessPipeline.objects.count() == 2


def test_who_edits_another_row_s_inquiries_is_not_held_up() -> None:
    inquiry = make_inquiry(created_at=AUGUST)
    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        summed()
        saving = other.submit(_in_a_thread, lambda: type(inquiry).objects.update(status="closed_won"))
        assert saving.result(timeout=10) == 1
