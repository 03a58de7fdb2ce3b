"""Summing the months: what is counted, whose columns are followed, and that running it again changes nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from business_core.services.months import month_key
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry, make_pipeline_month, make_post
from tests.integration.business_core.services.month_rows import (
    AUGUST,
    JULY,
    NOW,
    edit,
    figures_of,
    newest_change,
    summed,
)
from tests.integration.synapse.kit.change_log.history import told

pytestmark = pytest.mark.django_db

_LATER = NOW + timedelta(hours=1)


def test_a_month_comes_to_what_its_rows_say() -> None:
    make_post(posted_at=AUGUST, impressions=10, likes=1, comments=2, shares=4, saves=8, clicks=99)
    make_post(posted_at=AUGUST, impressions=None, likes=None)
    make_inquiry(created_at=AUGUST, status="closed_won", estimated_value=Decimal("100.50"))
    make_inquiry(created_at=AUGUST, status="proposal_sent", estimated_value=7)
    make_inquiry(created_at=AUGUST, status="discovery_scheduled", estimated_value=None)

    assert summed().added == ["2025-08"]

    assert figures_of("2025-08") == {
        "total_posts": 2,
        "total_impressions": 10,
        "total_engagement": 15,
        "total_inquiries": 3,
        "discovery_calls": 1,
        "proposals_sent": 1,
        "contracts_won": 1,
        "revenue_generated": Decimal("100.50"),
        "pipeline_value": Decimal("107.50"),
        "conversion_rate": Decimal("0.3333"),
    }


def test_months_end_by_the_clock_of_the_pages() -> None:
    make_inquiry(created_at=datetime(2025, 7, 31, 20, 59, 59, tzinfo=UTC))
    make_inquiry(created_at=datetime(2025, 7, 31, 21, tzinfo=UTC))
    make_inquiry(created_at=datetime(2025, 12, 31, 21, 59, 59, tzinfo=UTC))
    make_inquiry(created_at=datetime(2025, 12, 31, 22, tzinfo=UTC))
    make_inquiry(created_at=None)

    assert summed().added == ["2025-07", "2025-08", "2025-12", "2026-01"]


def test_running_it_again_writes_nothing() -> None:
    make_post(posted_at=AUGUST, impressions=10)
    make_inquiry(created_at=JULY, status="closed_won", estimated_value=Decimal("0.10"))
    summed()
    before = newest_change()

    again = summed(now=_LATER)

    assert (again.added, again.changed, again.unchanged) == ([], [], 2)
    assert newest_change() == before


def test_a_change_of_the_rows_is_followed_and_signed_and_only_where_it_is() -> None:
    make_post(posted_at=JULY)
    inquiry = make_inquiry(created_at=AUGUST, estimated_value=5)
    summed()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="closed_won")

    assert summed(now=_LATER).changed == ["2025-08"]

    august, july = BusinessPipeline.objects.order_by("-month")
    assert (august.contracts_won, august.revenue_generated, august.updated_at) == (1, Decimal(5), _LATER)
    assert told(august) == [("insert", "the job aggregate-pipeline"), ("update", "the job aggregate-pipeline")]
    assert july.updated_at == NOW


def test_a_month_that_loses_its_rows_goes_to_zero() -> None:
    post = make_post(posted_at=AUGUST, impressions=10)
    make_inquiry(created_at=AUGUST, estimated_value=5)
    summed()
    ConsultationInquiry.objects.all().delete()
    Post.objects.filter(pk=post.pk).delete()

    assert summed().changed == ["2025-08"]
    assert figures_of("2025-08") == {}


def test_an_edited_column_stays_and_the_others_follow() -> None:
    make_inquiry(created_at=AUGUST, estimated_value=5)
    summed()
    edit("2025-08", contracts_won=3)
    make_inquiry(created_at=AUGUST, estimated_value=5)

    summing = summed()

    assert (summing.changed, summing.edited) == (["2025-08"], {"2025-08": ["contracts_won"]})
    assert figures_of("2025-08") == {"total_inquiries": 2, "pipeline_value": 10, "contracts_won": 3}


def test_an_edit_without_an_author_stays_too() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    edit("2025-08", author="", total_inquiries=40)

    assert summed().edited == {"2025-08": ["total_inquiries"]}
    assert figures_of("2025-08")["total_inquiries"] == 40


def test_an_edit_that_is_put_back_is_the_job_s_again() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    edit("2025-08", total_inquiries=40)
    edit("2025-08", total_inquiries=1)
    make_inquiry(created_at=AUGUST)

    assert summed().changed == ["2025-08"]
    assert figures_of("2025-08")["total_inquiries"] == 2


def test_a_run_that_a_person_asked_for_is_still_the_job_s_hand() -> None:
    make_inquiry(created_at=AUGUST)
    with attribute_changes_to("ann, by the job aggregate-pipeline"):
        summed()
    with attribute_changes_to("ann, by the job aggregate-pipeline"):
        BusinessPipeline.objects.update(total_inquiries=9)

    assert summed().changed == ["2025-08"]
    assert figures_of("2025-08")["total_inquiries"] == 1


@pytest.mark.parametrize("author", ["ann", "the job backup", "x the job aggregate-pipeline"])
def test_nobody_else_signs_like_the_job(author: str) -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    edit("2025-08", author=author, total_inquiries=9)

    assert summed().edited == {"2025-08": ["total_inquiries"]}


def test_a_month_somebody_added_is_left_alone() -> None:
    with attribute_changes_to("ann"):
        make_pipeline_month(month="2025-08", total_inquiries=7)
    make_inquiry(created_at=AUGUST, estimated_value=5)

    summing = summed()

    assert (summing.added, summing.changed) == ([], [])
    assert summing.edited["2025-08"] == ["pipeline_value", "total_inquiries"]
    assert figures_of("2025-08") == {"total_inquiries": 7}


def test_a_renamed_month_is_left_alone_and_its_own_name_is_computed_anew() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    edit("2025-08", month="August, as it was")
    make_inquiry(created_at=AUGUST)

    assert summed().added == ["2025-08"]
    assert figures_of("August, as it was")["total_inquiries"] == 1
    assert figures_of("2025-08")["total_inquiries"] == 2


def test_a_deleted_month_is_computed_anew_and_all_of_it_is_the_job_s() -> None:
    make_inquiry(created_at=AUGUST)
    summed()
    edit("2025-08", total_inquiries=40)
    with attribute_changes_to("ann"):
        BusinessPipeline.objects.all().delete()

    assert summed().added == ["2025-08"]
    make_inquiry(created_at=AUGUST)
    assert summed().changed == ["2025-08"]
    assert BusinessPipeline.objects.get().pk == month_key("2025-08")


def test_a_figure_too_large_for_its_column_leaves_the_month_and_names_it() -> None:
    for _ in range(2):
        make_post(posted_at=AUGUST, impressions=2_147_483_647)
        make_post(posted_at=JULY, impressions=1)

    summing = summed()

    assert (summing.added, summing.too_large) == (["2025-07"], {"2025-08": ["total_impressions"]})


def test_a_change_that_is_too_large_leaves_the_month_as_it_was() -> None:
    post = make_post(posted_at=AUGUST, impressions=5)
    summed()
    Post.objects.filter(pk=post.pk).update(impressions=2_147_483_647)
    make_post(posted_at=AUGUST, impressions=1)

    assert summed().too_large == {"2025-08": ["total_impressions"]}
    assert figures_of("2025-08") == {"total_posts": 1, "total_impressions": 5}


def test_years_of_fewer_digits_are_written_with_four() -> None:
    make_post(posted_at=datetime(203, 5, 6, 12, tzinfo=UTC))
    make_post(posted_at=datetime(9999, 12, 31, 23, 30, tzinfo=UTC))

    assert summed().added == ["0203-05", "9999-12"]
