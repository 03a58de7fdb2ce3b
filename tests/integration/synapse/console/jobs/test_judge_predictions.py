"""Judging predictions through the job: which are judged, by what, whose figures stay, and that it may run again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import PerformancePrediction
from business_core.models import Post
from synapse.console.jobs import judge_predictions
from synapse.foundation.databases import ALIASES
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.jobs.models import JobEffect
from synapse.kit.jobs.performing import run_job_by_hand
from tests.factories import make_post, make_prediction
from tests.integration.synapse.kit.change_log.history import told

pytestmark = pytest.mark.django_db(databases=ALIASES)

_POST: dict[str, Any] = {"impressions": 1_000, "likes": 60, "comments": 20, "shares": 7, "saves": 3}
"""90 of 1,000: a rate of 0.09, where 0.12 is predicted."""


def judge() -> dict[str, Any]:
    run = run_job_by_hand("judge-predictions", requested_by="")
    return dict(run.result or {})


def post(**columns: Any) -> Post:
    return make_post(**{**_POST, "consultation_requests": 1} | columns)


def only() -> PerformancePrediction:
    return PerformancePrediction.objects.get()


def figures(row: PerformancePrediction) -> tuple[Any, ...]:
    return row.actual_engagement_rate, row.actual_consultation_requests, row.prediction_accuracy


def change(author: str, **columns: Any) -> None:
    with attribute_changes_to(author):
        PerformancePrediction.objects.update(**columns)


def test_a_prediction_gets_what_its_post_brought() -> None:
    make_prediction(post_id=post().external_post_id)
    before = timezone.now()

    assert judge()["first"] == 1

    row = only()
    assert figures(row) == (Decimal("0.0900"), 1, Decimal("0.7083"))
    assert row.validated_at is not None
    assert before <= row.validated_at <= timezone.now()
    assert told(row)[-1] == ("update", "the job judge-predictions")


@pytest.mark.parametrize(
    ("columns", "counted"),
    [
        ({"impressions": 0}, "waiting"),
        ({"impressions": None}, "waiting"),
        ({"posted_at": timezone.now() - timedelta(days=6, hours=23)}, "waiting"),
        ({"posted_at": timezone.now() + timedelta(days=30)}, "waiting"),
        ({"external_post_id": "another"}, "unknown"),
        ({"external_post_id": "POST"}, "unknown"),
        ({"likes": 9_999_900}, "impossible"),
        ({"likes": -100}, "impossible"),
    ],
)
def test_a_post_without_usable_results_leaves_its_prediction_unjudged(columns: dict[str, Any], counted: str) -> None:
    post(**{"external_post_id": "post"} | columns)
    make_prediction(post_id="post")

    answer = judge()

    assert (answer["first"], answer[counted]) == (0, 1)
    assert figures(only()) == (None, None, None)


def test_a_post_is_judged_after_a_week() -> None:
    post(external_post_id="post", posted_at=timezone.now() - timedelta(days=7, seconds=1))
    make_prediction(post_id="post")
    assert judge()["first"] == 1


def test_numbers_that_cannot_be_right_are_named() -> None:
    post(external_post_id="odd\u202eone", likes=99_999_999)
    make_prediction(post_id="odd\u202eone")
    assert "can't be right: odd⟨U+202E⟩one." in judge()["summary"]


def test_running_it_again_writes_nothing_and_leaves_no_trace() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    entries, effects = ChangeLogEntry.objects.using("analytics"), JobEffect.objects.using("analytics")
    before = (entries.count(), effects.count(), only().validated_at)

    assert judge()["again"] == 0
    assert (entries.count(), effects.count(), only().validated_at) == before


def test_figures_that_change_are_judged_again() -> None:
    made = post()
    make_prediction(post_id=made.external_post_id)
    judge()
    first = only().validated_at
    Post.objects.update(likes=90, consultation_requests=2)

    answer = judge()

    assert (answer["first"], answer["again"]) == (0, 1)
    row = only()
    assert figures(row) == (Decimal("0.1200"), 2, Decimal("1.0000"))
    assert row.validated_at != first


def test_a_post_that_is_gone_leaves_its_judgement() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    Post.objects.all().delete()

    assert judge()["unknown"] == 1
    assert figures(only())[0] == Decimal("0.0900")


def test_a_person_s_figure_stays_and_the_accuracy_is_reckoned_with_it() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    change("ann", actual_consultation_requests=2)

    assert judge()["again"] == 1
    assert figures(only()) == (Decimal("0.0900"), 2, Decimal("0.8750"))
    Post.objects.update(likes=90, consultation_requests=9)
    judge()
    assert figures(only()) == (Decimal("0.1200"), 2, Decimal("1.0000"))


def test_a_person_s_accuracy_stays() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    change("ann", prediction_accuracy=Decimal("0.5"))
    Post.objects.update(likes=90)

    judge()

    assert figures(only()) == (Decimal("0.1200"), 1, Decimal("0.5000"))


def test_a_figure_a_person_emptied_stays_empty() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    change("ann", actual_engagement_rate=None, prediction_accuracy=None)

    assert judge()["again"] == 0
    assert figures(only()) == (None, 1, None)


def test_an_edit_taken_back_is_the_job_s_again() -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    change("ann", actual_consultation_requests=8)
    change("ann", actual_consultation_requests=1)
    Post.objects.update(consultation_requests=2)

    judge()

    assert figures(only()) == (Decimal("0.0900"), 2, Decimal("0.8750"))


def test_a_prediction_a_person_added_is_judged() -> None:
    with attribute_changes_to("ann"):
        make_prediction(post_id=post().external_post_id)
    assert judge()["first"] == 1


def test_many_blocks_are_each_read_once_and_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_predictions, "BLOCK_ROWS", 3)
    names = [post().external_post_id for _ in range(8)]
    for name in names:
        make_prediction(post_id=name)
    make_prediction(post_id=names[0])

    with CaptureQueriesContext(connections["analytics"]) as asked:
        assert judge()["first"] == 9

    assert PerformancePrediction.objects.filter(prediction_accuracy=Decimal("0.7083")).count() == 9
    assert len([query for query in asked if "UPDATE performance_predictions" in query["sql"]]) == 3


def test_a_run_delivered_again_does_no_block_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    make_prediction(post_id=post().external_post_id)
    judge()
    JobEffect.objects.using("analytics").update(key=f"a key from {only().pk}")
    Post.objects.update(likes=90)

    from synapse.kit.jobs.models import JobRun  # noqa: PLC0415
    from synapse.kit.jobs.work import Work  # noqa: PLC0415

    with Work(JobRun(job="judge-predictions", key="a key"), now=datetime(2026, 1, 1, tzinfo=UTC)) as work:
        assert judge_predictions.judge_all_predictions(work)["again"] == 0
    assert figures(only())[0] == Decimal("0.0900")
