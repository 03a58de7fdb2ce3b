"""Judging while a person edits or an import merges: it waits, and judges the rows as they are then."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction

from analytics.models import PerformancePrediction
from analytics.services.predictions import Judged, Outcome, judge_predictions
from synapse.foundation.databases import ALIASES
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_prediction
from tests.imports import execute

pytestmark = pytest.mark.django_db(transaction=True, databases=ALIASES)

_OUTCOMES = {"post": Outcome(Decimal("0.0900"), 1)}
_WAITS_SECONDS = 0.3


def _judge() -> Judged:
    try:
        keys = list(PerformancePrediction.objects.values_list("pk", flat=True))
        with attribute_changes_to("the job judge-predictions"):
            return judge_predictions(keys, _OUTCOMES, now=datetime(2026, 1, 1, tzinfo=UTC))
    finally:
        connections["analytics"].close()


def _nothing() -> None:
    pass


def _judge_during(change: Callable[[], Any], then: Callable[[], Any] = _nothing) -> Judged:
    """Judge while a change isn't committed, do something more while the job waits, then commit both."""
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic(using="analytics"):
            change()
            waiting = other.submit(_judge)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=_WAITS_SECONDS)
            then()
        return waiting.result(timeout=10)


def _edit() -> None:
    with attribute_changes_to("ann"):
        PerformancePrediction.objects.update(actual_engagement_rate=Decimal("0.1200"))


def test_an_edit_that_is_not_committed_yet_is_waited_for_and_kept() -> None:
    make_prediction(post_id="post")

    assert _judge_during(_edit) == Judged(first=1, again=0)

    row = PerformancePrediction.objects.get()
    assert (row.actual_engagement_rate, row.prediction_accuracy) == (Decimal("0.1200"), Decimal("0.8333"))


def test_an_import_that_merges_is_waited_for_before_any_row_is_held() -> None:
    make_prediction(post_id="post")
    lock = "LOCK TABLE performance_predictions IN EXCLUSIVE MODE"
    merge = "UPDATE performance_predictions SET predicted_engagement_rate = 0.09"

    judged = _judge_during(lambda: execute("analytics", lock), lambda: execute("analytics", merge))

    assert judged == Judged(first=1, again=0)
    assert PerformancePrediction.objects.get().prediction_accuracy == Decimal("0.8333")


def test_two_that_judge_at_once_write_each_prediction_once() -> None:
    make_prediction(post_id="post")
    assert _judge_during(_judge_here) == Judged(first=0, again=0)


def test_a_prediction_deleted_meanwhile_is_left_out() -> None:
    make_prediction(post_id="post")
    assert _judge_during(PerformancePrediction.objects.all().delete) == Judged(first=0, again=0)


def _judge_here() -> None:
    keys = list(PerformancePrediction.objects.values_list("pk", flat=True))
    with attribute_changes_to("the job judge-predictions"):
        judge_predictions(keys, _OUTCOMES, now=datetime(2026, 1, 1, tzinfo=UTC))
