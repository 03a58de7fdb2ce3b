"""Revenue in numbers: every number against the list it opens and against SQL, for every range and every reader."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from revenue.models import RevenueOpportunity
from synapse.foundation.materialized_views import refresh_views
from tests.factories import make_ab_test, make_adaptation, make_opportunity, make_recommendation
from tests.imports import rows
from tests.numbers import figure, line, open_numbers
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])

_RANGES = ["all", "custom&from=2025-03-30&to=2025-10-26"]
_TIMES = [None, datetime(2025, 3, 29, 22, tzinfo=UTC), datetime(2025, 10, 26, 21, 59, 59, tzinfo=UTC)]
_HOSTILE = '<script>alert("1")</script>\u202e, [x]'
_SEGMENTS = "Active opportunities by segment, beside the view"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def motley() -> None:
    """Make rows of every kind: odd and no statuses, no dates, hostile texts, scores at the edges of their bands."""
    now = timezone.now()
    times = [*_TIMES, now]
    for number in range(20):
        at = times[number // 4 % len(times)]
        make_opportunity(
            customer_segment=["startups", "", _HOSTILE, f"segment {number}, {number}"][number % 4],
            revenue_potential=Decimal(number) * Decimal("1000.01"),
            confidence_score=Decimal(number * 5) / 100,
            qualification_score=number - 3,
            status=[None, "active", "", "lost, really", _HOSTILE, "active"][number % 6],
            engagement_history=[None, {"a": [_HOSTILE]}, [], "text", 5][number % 5],
            created_at=at,
        )
        make_recommendation(
            recommendation_type=f"{_HOSTILE} {number}",
            priority_score=Decimal(number * 5) / 100,
            expected_performance=[{"a": None}, "text", 5][number % 3],
            created_at=at,
        )
        make_ab_test(status=[None, "active", "completed", "odd"][number % 4], start_date=at or now)
        make_adaptation(
            platform=f"platform {number % 14}",
            status=[None, "draft", "scheduled", "posted", _HOSTILE][number % 5],
            scheduled_time=[None, now - timedelta(days=number), now + timedelta(days=number)][number % 3],
        )


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(reverse("dashboard-revenue") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("chosen", _RANGES)
def test_every_number_is_what_its_list_comes_to(chosen: str, boss: Client, motley: None) -> None:
    refresh_views(alias="revenue")
    # The view is behind from here on: both of its sides must still be what their lists say.
    RevenueOpportunity.objects.filter(customer_segment="startups").update(customer_segment="enterprises")

    assert len(open_numbers(boss, page_of(boss, f"?range={chosen}"))) > 80


def test_empty_tables_say_what_to_do(boss: Client) -> None:
    page = page_of(boss)

    open_numbers(boss, page)
    for words in ("No opportunity was recorded", "Nothing is overdue", "No recommendation was made", "No test began"):
        assert words in page


def test_figures_are_those_of_sql(boss: Client, motley: None) -> None:
    page = page_of(boss)

    (worth,) = rows(
        "revenue",
        """SELECT count(*), sum(revenue_potential), count(*) FILTER (WHERE status = 'active'),
            sum(revenue_potential) FILTER (WHERE status = 'active') FROM revenue_opportunities""",
    )
    (waiting,) = rows(
        "revenue",
        """SELECT count(*) FILTER (WHERE scheduled_time < now()), count(*) FILTER (WHERE scheduled_time IS NULL)
        FROM platform_adaptations WHERE status IS DISTINCT FROM 'posted'""",
    )
    (tests,) = rows("revenue", "SELECT count(*) FILTER (WHERE status = 'active'), count(*) FROM ab_tests")
    assert figure(page, "Opportunities") == f"{worth[0]}"
    assert figure(page, "Revenue potential") == f"${worth[1]:,}"
    assert figure(page, "Active opportunities") == f"{worth[2]}"
    assert figure(page, "Active potential") == f"${worth[3]:,}"
    assert figure(page, "Overdue") == f"{waiting[0]}" != "0"
    assert figure(page, "Without a time") == f"{waiting[1]}" != "0"
    assert figure(page, "Running") == f"{tests[0]}"
    assert figure(page, "Tests") == f"{tests[1]}"


def test_segments_stand_beside_what_the_view_says(boss: Client) -> None:
    make_opportunity(customer_segment="startups", revenue_potential=Decimal(100))
    make_opportunity(customer_segment="gone", revenue_potential=Decimal(7))
    refresh_views(alias="revenue")
    assert "the view is behind" not in page_of(boss)

    make_opportunity(customer_segment="startups", revenue_potential=Decimal(50))
    make_opportunity(customer_segment="new", revenue_potential=Decimal(1))
    RevenueOpportunity.objects.filter(customer_segment="gone").delete()
    page = page_of(boss)

    assert line(page, _SEGMENTS, "startups") == ["150.00", "2", "100.00", "1"]
    assert line(page, _SEGMENTS, "new") == ["1.00", "1", "", ""]
    assert line(page, _SEGMENTS, "only in the view") == ["", "0", "7.00", "1"]
    assert page.count("the view is behind: refresh it") == 3
    assert "Out of date: its table has changed since." in page
    open_numbers(boss, page)


@pytest.mark.parametrize(
    ("score", "band"),
    [(11, "more than 10"), (10, "9 to 10"), (9, "9 to 10"), (7, "7 to 8"), (6, "4 to 6"), (0, "0 to 3")],
)
def test_score_falls_into_its_band(score: int, band: str, boss: Client) -> None:
    make_opportunity(qualification_score=score)

    page = page_of(boss)
    assert line(page, "By qualification score", band) == ["25000.00", "1"]
    chart = page.split("<h3>By qualification score</h3>")[1].split("</figure>")[0]
    assert chart.count('<th scope="row">') == 1


def test_adaptations_are_due_day_by_day_from_now_on(boss: Client) -> None:
    now = timezone.localtime()
    tomorrow = now + timedelta(days=1)
    make_adaptation(scheduled_time=now - timedelta(seconds=1), status="scheduled")
    make_adaptation(scheduled_time=tomorrow.replace(hour=0, minute=0, second=0, microsecond=0), status="scheduled")
    make_adaptation(scheduled_time=tomorrow.replace(hour=23, minute=59), status=None)
    make_adaptation(scheduled_time=tomorrow, status="posted")
    make_adaptation(scheduled_time=now + timedelta(days=40), status="draft")
    page = page_of(boss)

    assert [figure(page, label) for label in ("Overdue", "Due", "Later", "Posted")] == ["1", "2", "1", "1"]
    label = f"{tomorrow:%a} {tomorrow.day} {tomorrow:%b}"
    assert line(page, "Due in the next 14 days", label) == ["2"]
    open_numbers(boss, page)


def test_hostile_texts_are_harmless(boss: Client, motley: None) -> None:
    page = page_of(boss)

    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_reader_sees_the_sections_of_what_may_be_viewed(client: Client, motley: None) -> None:
    client.force_login(clerk("view_platformadaptation"))
    page = page_of(client)

    assert "Adaptations to post" in page
    assert "Revenue potential" not in page
    assert "view-age" not in page


def test_numbers_of_a_view_one_may_not_open_are_no_links(client: Client) -> None:
    make_opportunity(customer_segment="startups")
    refresh_views(alias="revenue")
    client.force_login(clerk("view_revenuepipelinesummary"))

    page = page_of(client)

    assert "revenueopportunity" not in page
    assert line(page, _SEGMENTS, "startups") == ["25000.00", "1", "25000.00", "1"]


def test_nobody_else_sees_it(client: Client) -> None:
    assert client.get(reverse("dashboard-revenue"))["Location"].startswith(reverse("admin:login"))
    client.force_login(clerk("view_post"))
    assert client.get(reverse("dashboard-revenue")).status_code == 403


def test_as_many_queries_for_100_rows_as_for_10(boss: Client) -> None:
    asked = []
    for many in (10, 90):
        for number in range(many):
            make_opportunity(status=f"status {number}" if number % 2 else "active")
            make_recommendation(recommendation_type=f"type {number}")
            make_adaptation(platform=f"platform {number}", scheduled_time=timezone.now() + timedelta(days=number))
            make_ab_test(status=f"status {number}")
        with CaptureQueriesContext(connections["revenue"]) as captured:
            page_of(boss)
        asked.append(len(captured))

    assert asked[0] == asked[1] <= 35
