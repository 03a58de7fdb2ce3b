"""The pages of posts and months: their numbers, and what the inquiries themselves say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from business_core.models import Post
from business_core.querysets.months import month_bounds, newest_months
from tests.factories import make_inquiry, make_pipeline_month, make_post

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

POSTS = reverse("admin:business_core_post_changelist")
MONTHS = reverse("admin:business_core_businesspipeline_changelist")
_AUGUST = datetime(2025, 8, 19, 17, tzinfo=UTC)


def test_posts_carry_what_they_brought() -> None:
    full, empty = make_post(likes=1, comments=2, shares=None, saves=4), make_post(likes=None)
    make_inquiry(source_post=full, estimated_value=Decimal("100.50"))
    make_inquiry(source_post=full, estimated_value=None)
    make_inquiry(estimated_value=7)

    found = {post.pk: vars(post) for post in Post.objects.with_engagement().with_inquiry_totals()}

    kept = ("engagement", "inquiry_count", "inquiry_value")
    assert [found[full.pk][name] for name in kept] == [7, 2, Decimal("100.50")]
    assert [found[empty.pk][name] for name in kept] == [0, 0, None]


def test_number_of_inquiries_opens_as_their_list(admin_client: Client) -> None:
    post = make_post(content="Brings money")
    for name in ("One", "Two"):
        make_inquiry(contact_name=name, source_post=post, estimated_value=1000)
    make_inquiry(contact_name="Other")
    link = f"{reverse('admin:business_core_consultationinquiry_changelist')}?source_post__exact={post.pk}"

    assert f'<a href="{link}">2</a>' in admin_client.get(POSTS).content.decode()
    assert {row.contact_name for row in admin_client.get(link).context["cl"].result_list} == {"One", "Two"}


def test_who_may_not_see_inquiries_sees_none_beside_posts(client: Client) -> None:
    make_inquiry(source_post=make_post(), contact_name="Secret Person", estimated_value=4321)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_post"))
    client.force_login(clerk)

    for page in (POSTS, reverse("admin:business_core_post_change", args=[Post.objects.get().pk])):
        html = client.get(page).content.decode()
        assert "Secret Person" not in html
        assert "4,321" not in html


@pytest.mark.parametrize(
    "lookup",
    ["inquiry_value__gte=1", "inquiry_value=4321", "inquiry_count__gte=1", "inquiries__isnull=0", "inquiries=1"],
)
def test_who_may_not_see_inquiries_can_not_filter_posts_by_them(admin_client: Client, lookup: str) -> None:
    make_inquiry(source_post=make_post(), estimated_value=4321)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_post"))
    client = Client()
    client.force_login(clerk)

    assert client.get(f"{POSTS}?{lookup}").status_code == 400
    assert client.get(f"{POSTS}?platform=linkedin").status_code == 200
    assert admin_client.get(f"{POSTS}?inquiry_value__gte=4321").context["cl"].result_count == 1


def test_largest_counts_add_up_wherever_they_are_shown(admin_client: Client) -> None:
    most = 2**31 - 1
    post = make_post(likes=most, comments=most, shares=most, saves=most, impressions=most, posted_at=_AUGUST)
    make_post(likes=most, impressions=most, posted_at=_AUGUST)

    posts = admin_client.get(POSTS).content.decode()

    assert f"{4 * most:,}" in posts
    assert f"{5 * most:,}" in posts
    assert f"{5 * most:,}" in admin_client.get(MONTHS).content.decode()
    page = reverse("admin:business_core_post_change", args=[post.pk])
    assert f"{4 * most:,}" in admin_client.get(page).content.decode()


def test_engagement_of_a_month_is_what_its_list_comes_to(admin_client: Client) -> None:
    make_post(posted_at=_AUGUST, likes=3, shares=4)
    make_post(posted_at=_AUGUST, likes=None, saves=5)

    month = admin_client.get(MONTHS).context["counted_months"][0]
    number, link = month["numbers"][2]
    totals = admin_client.get(link).context["cl"].paginator.column_totals

    assert number == "12"
    assert {total.column: total.readable_text for total in totals}["engagement"] == "12"


def test_post_page_shows_its_inquiries(admin_client: Client) -> None:
    post = make_post()
    make_inquiry(source_post=post, contact_name="Ada", estimated_value=25000)

    html = admin_client.get(reverse("admin:business_core_post_change", args=[post.pk])).content.decode()

    assert "Inquiries this post brought" in html
    assert "Ada" in html
    assert "25,000" in html


def test_posts_ask_as_often_for_50_rows_as_for_5(admin_client: Client) -> None:
    asked = []
    for more in (5, 45):
        for _ in range(more):
            make_inquiry(source_post=make_post())
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(POSTS).status_code == 200
        asked.append(len(captured))

    assert asked[0] == asked[1]


def test_months_count_by_the_clock_here_and_the_status_now() -> None:
    midnight = datetime(2025, 7, 31, 21, tzinfo=UTC)  # in Bucharest August begins
    make_inquiry(created_at=midnight, status="closed_won", estimated_value=100)
    make_inquiry(created_at=_AUGUST, status="proposal_sent", estimated_value=Decimal("20.50"))
    make_inquiry(created_at=_AUGUST, status="discovery_scheduled", estimated_value=None)
    make_inquiry(created_at=datetime(2025, 7, 31, 20, 59, tzinfo=UTC), status="closed_won", estimated_value=1)
    make_inquiry(created_at=None, estimated_value=9)
    make_post(posted_at=_AUGUST, impressions=10, likes=3)

    august, july = newest_months(newest=5)

    assert august.counted == {
        "total_inquiries": 3, "discovery_calls": 1, "proposals_sent": 1, "contracts_won": 1,
        "revenue_generated": Decimal(100), "pipeline_value": Decimal("120.50"),
        "total_posts": 1, "total_impressions": 10, "total_engagement": 3,
    }  # fmt: skip
    assert (july.name, july.counted["revenue_generated"], july.stored) == ("2025-07", 1, None)


def test_the_last_month_of_all_is_shown(admin_client: Client) -> None:
    make_post(posted_at=datetime(9999, 12, 30, 12, tzinfo=UTC))
    make_inquiry(created_at=datetime(9999, 12, 31, 23, tzinfo=UTC), estimated_value=7)
    make_pipeline_month(month="9999-12")

    html = admin_client.get(MONTHS).content.decode()

    assert "9999-12" in html
    assert newest_months(newest=1)[0].counted["pipeline_value"] == 7


def test_stored_months_say_where_they_differ(admin_client: Client) -> None:
    make_inquiry(created_at=_AUGUST, estimated_value=25000)
    make_pipeline_month(month="2025-08", total_inquiries=3, pipeline_value=25000)
    make_pipeline_month(month="August?")

    html = admin_client.get(MONTHS).content.decode()

    assert "stored: total inquiries 3 instead of 1" in html
    assert "stored: the same" in html


def test_counted_numbers_open_as_the_rows_they_count(admin_client: Client) -> None:
    make_inquiry(created_at=_AUGUST, status="closed_won", estimated_value=25000)
    make_inquiry(created_at=_AUGUST)
    make_inquiry(created_at=datetime(2025, 8, 31, 21, tzinfo=UTC), status="closed_won")

    line = next(m for m in admin_client.get(MONTHS).context["counted_months"] if m["name"] == "2025-08")

    listed = [admin_client.get(link).context["cl"].result_count for number, link in line["numbers"] if link]
    assert listed == [2, 1, 1, 2]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("9999-12", None),
        ("2025-12", ("2025-12-01", "2026-01-01")),
        ("2024-02", ("2024-02-01", "2024-03-01")),
        ("August?", None),
    ],
)
def test_bounds_of_a_month(name: str, days: tuple[str, str] | None) -> None:
    found = month_bounds(name)

    assert (found and tuple(day.isoformat() for day in found)) == days
