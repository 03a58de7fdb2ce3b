"""The business core's jobs through the kit's own code: what they answer, what they sign, when they need a person."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from business_core.models import BusinessPipeline, Post
from business_core.services.reminders import update_overdue_notice
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick, run_job_by_hand
from synapse.kit.jobs.queueing import retry_run
from synapse.kit.notices.models import Kind, Notice
from tests.factories import make_inquiry, make_pipeline_month, make_post
from tests.integration.business_core.services.month_rows import AUGUST, JULY, figures_of
from tests.integration.synapse.kit.change_log.history import told

pytestmark = pytest.mark.django_db(databases=ALIASES)

_TICK = "2026-11-23T06:20:00+02:00"
_NOON = datetime(2025, 9, 10, 9, tzinfo=UTC)
_YESTERDAY = date(2025, 9, 9)


def notices() -> list[dict[str, Any]]:
    found = Notice.objects.filter(kind=Kind.OVERDUE_INQUIRIES).order_by("raised_at")
    return [dict(row) for row in found.values("title", "text", "link", "permission", "resolved_at", "times")]


def test_a_tick_sums_the_months_once() -> None:
    make_inquiry(created_at=AUGUST)

    for _ in range(2):
        perform_tick("aggregate-pipeline", _TICK)

    run = JobRun.objects.get()
    assert (run.state, (run.result or {})["summary"]) == ("done", "Months: 1 added, 0 changed, 0 unchanged.")
    assert told(BusinessPipeline.objects.get()) == [("insert", "the job aggregate-pipeline")]


def test_a_run_by_hand_is_the_person_s_and_the_job_s() -> None:
    make_inquiry(created_at=AUGUST)
    run_job_by_hand("aggregate-pipeline", requested_by="ann")
    make_inquiry(created_at=AUGUST)

    run = run_job_by_hand("aggregate-pipeline", requested_by="the operator")

    assert (run.result or {})["changed"] == ["2025-08"]
    authors = ["ann, by the job aggregate-pipeline", "the operator, by the job aggregate-pipeline"]
    assert [author for _, author in told(BusinessPipeline.objects.get())] == authors


def test_the_summary_says_which_months_were_left_and_why() -> None:
    make_pipeline_month(month="2025-08", total_inquiries=3)
    make_inquiry(created_at=AUGUST)

    summary = (run_job_by_hand("aggregate-pipeline", requested_by="").result or {})["summary"]

    assert "Left as edited: 2025-08 (total inquiries)." in summary


def test_a_figure_too_large_needs_a_person_and_the_other_months_are_done() -> None:
    for _ in range(2):
        make_post(posted_at=AUGUST, impressions=2_147_483_647)
    make_post(posted_at=JULY, impressions=1)

    assert "left as they were: 2025-08 (total impressions)" in perform_tick("aggregate-pipeline", _TICK)
    assert JobRun.objects.get().state == "given_up"
    assert Notice.objects.filter(kind=Kind.JOB_GIVEN_UP, text__contains="2025-08").count() == 1
    assert figures_of("2025-07") == {"total_posts": 1, "total_impressions": 1}


def test_a_retry_finds_what_was_mended_and_gives_no_all_clear_before() -> None:
    posts = [make_post(posted_at=AUGUST, impressions=2_147_483_647) for _ in range(2)]
    for _ in range(2):
        perform_tick("aggregate-pipeline", _TICK)
        run = JobRun.objects.get()
        assert run.state == "given_up"
        assert retry_run(run.pk, requested_by="ann") is not None

    Post.objects.filter(pk=posts[0].pk).update(impressions=0)
    perform_tick("aggregate-pipeline", _TICK)

    assert JobRun.objects.get().state == "done"
    assert figures_of("2025-08")["total_impressions"] == 2_147_483_647


def test_overdue_inquiries_are_named_and_their_list_is_linked(admin_client: Client) -> None:
    make_inquiry(company="ACME\nLtd", next_action_due_date=_YESTERDAY)
    make_inquiry(company="Unknown", contact_name="Ben", next_action_due_date=date(2025, 9, 1))
    make_inquiry(company="Won", status="closed_won", next_action_due_date=date(2025, 9, 1))
    make_inquiry(company="Today", next_action_due_date=date(2025, 9, 10))

    assert update_overdue_notice(now=_NOON) == 2

    (notice,) = notices()
    assert notice["title"] == "2 inquiries are overdue"
    assert "Ben (9 days); ACME Ltd (1 day). Do it" in notice["text"]
    assert notice["permission"] == "business_core.change_consultationinquiry"
    assert admin_client.get(notice["link"]).status_code == 200


def test_more_than_five_are_counted() -> None:
    for number in range(8):
        make_inquiry(company=f"Firm {number}", next_action_due_date=date(2025, 9, number + 1))

    update_overdue_notice(now=_NOON)

    text = notices()[0]["text"]
    assert "Firm 4 (5 days), and 3 more. Do it" in text
    assert "Firm 5" not in text


def test_there_is_one_open_notice_until_nothing_is_overdue() -> None:
    inquiry = make_inquiry(next_action_due_date=_YESTERDAY)
    update_overdue_notice(now=_NOON)
    update_overdue_notice(now=_NOON)
    assert [(notice["times"], notice["resolved_at"]) for notice in notices()] == [(2, None)]

    type(inquiry).objects.update(next_action_due_date=None)

    assert update_overdue_notice(now=_NOON) == 0
    assert [notice["resolved_at"] for notice in notices()] == [_NOON]


def test_the_day_is_the_clock_s_here() -> None:
    make_inquiry(next_action_due_date=_YESTERDAY)
    assert update_overdue_notice(now=datetime(2025, 9, 9, 20, 59, tzinfo=UTC)) == 0
    assert update_overdue_notice(now=datetime(2025, 9, 9, 21, tzinfo=UTC)) == 1


def test_a_reminding_tick_counts_once() -> None:
    make_inquiry(next_action_due_date=timezone.localdate().replace(year=2020, day=1))

    for _ in range(2):
        perform_tick("remind-overdue", _TICK)

    assert notices()[0]["times"] == 1
    assert (JobRun.objects.get().result or {})["summary"] == "1 inquiry is overdue."
