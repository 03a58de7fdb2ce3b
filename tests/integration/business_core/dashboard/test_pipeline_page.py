"""The pipeline in numbers: every number against SQL over its rows, and against the list it opens."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from business_core.dashboard.sections import overview_sections
from tests.factories import make_inquiry, make_post
from tests.imports import rows
from tests.numbers import figure, line, open_numbers

pytestmark = pytest.mark.django_db

_RANGES = ["all", "30d", "custom&from=2025-03-30&to=2025-10-26"]
_MIDNIGHT_IN_MARCH = datetime(2025, 3, 29, 22, tzinfo=UTC)
"""The local midnight before the clock goes forward."""


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def motley() -> None:
    """Inquiries of every kind: odd and no statuses, no values, no dates, edges of months, more channels than drawn."""
    posts = [make_post(content=f"\n# Post <b>{number}</b>\u202e") for number in range(12)]
    statuses = ["new", "contacted", "qualified", "discovery_scheduled", "proposal_sent", "closed_won", "closed_lost"]
    odd = [None, "", "NEW", "on hold, again", '["x"]', *(f"odd {number}" for number in range(12))]
    times = [None, timezone.now(), _MIDNIGHT_IN_MARCH, datetime(2025, 10, 26, 21, 59, 59, tzinfo=UTC)]
    for number, status in enumerate([*statuses, *odd, *statuses]):
        make_inquiry(
            status=status,
            estimated_value=None if number % 5 == 0 else Decimal(number) * Decimal("1000.01"),
            created_at=times[number % len(times)],
            inquiry_channel=f"channel {number}, {number}",
            inquiry_type="architecture" if number % 2 else f"type {number % 4}",
            source_post=posts[number % 12] if number % 3 else None,
        )


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(reverse("dashboard-business-core") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("chosen", _RANGES)
def test_every_number_is_what_its_list_comes_to(chosen: str, boss: Client, motley: None) -> None:
    numbers = open_numbers(boss, page_of(boss, f"?range={chosen}"))
    assert len(numbers) > 40


def test_every_number_of_an_empty_database_is_what_its_list_comes_to(boss: Client) -> None:
    page = page_of(boss)
    assert "There are no inquiries yet. Import a source" in page
    open_numbers(boss, page)


def test_figures_are_those_of_sql(boss: Client, motley: None) -> None:
    page = page_of(boss)
    (whole,) = rows("default", "SELECT sum(estimated_value), count(*) FROM consultation_inquiries")
    (open_ones,) = rows(
        "default",
        "SELECT sum(estimated_value), count(*) FROM consultation_inquiries"
        " WHERE status IS NULL OR status NOT IN ('closed_won', 'closed_lost')",
    )
    (recent,) = rows(
        "default", "SELECT total_pipeline_value, total_inquiries, new_inquiries FROM current_pipeline_summary"
    )
    assert figure(page, "Value, all time") == f"${whole[0]:,}"
    assert figure(page, "Inquiries, all time") == f"{whole[1]}"
    assert figure(page, "Open value") == f"${open_ones[0]:,}"
    assert figure(page, "Open inquiries") == f"{open_ones[1]}"
    assert figure(page, "Value, last 30 days") == f"${recent[0]:,}"
    assert figure(page, "Inquiries, last 30 days") == f"{recent[1]}"
    assert figure(page, "Still new, last 30 days") == f"{recent[2]}"
    assert recent[1]


def test_a_stage_is_reached_by_all_that_stand_there_or_later(boss: Client) -> None:
    for status in ("new", "new", "contacted", "proposal_sent", "closed_won", "closed_lost", "on hold", None):
        make_inquiry(status=status, estimated_value=Decimal(10))
    page = page_of(boss)
    assert line(page, "Funnel", "New") == ["6", "", "60.00"]
    assert line(page, "Funnel", "Contacted") == ["3", "0.5", "30.00"]
    assert line(page, "Funnel", "Proposal sent") == ["2", "1", "20.00"]
    assert line(page, "Funnel", "Closed: won") == ["1", "0.5", "10.00"]


def test_odd_statuses_have_bars_of_their_own(boss: Client) -> None:
    for status in ("new", "on hold, again", "on hold, again", None, ""):
        make_inquiry(status=status)
    page = page_of(boss)
    assert line(page, "Value by status", "on hold, again")[1] == "2"
    assert line(page, "Value by status", "(none)")[1] == "1"
    assert line(page, "Value by status", "(empty)")[1] == "1"


def test_more_odd_statuses_than_can_be_drawn_are_one_bar_beside_the_known(boss: Client, motley: None) -> None:
    page = page_of(boss)
    assert line(page, "Value by status", "all others")[1] == "5"
    assert line(page, "Value by status", "Closed: lost")[1] == "2"


def test_months_are_those_of_the_local_clock(boss: Client) -> None:
    make_inquiry(created_at=datetime(2025, 7, 31, 20, 59, 59, tzinfo=UTC), estimated_value=Decimal(1))
    make_inquiry(created_at=datetime(2025, 7, 31, 21, tzinfo=UTC), estimated_value=Decimal(2))
    make_inquiry(created_at=datetime(2025, 9, 30, 20, 59, 59, tzinfo=UTC), estimated_value=Decimal(4))
    make_inquiry(created_at=None, estimated_value=None)
    page = page_of(boss)
    values = {label: line(page, "Value by month", label) for label in ("Jul 2025", "Aug 2025", "Sep 2025")}
    assert values == {"Jul 2025": ["1.00", "1"], "Aug 2025": ["2.00", "1"], "Sep 2025": ["4.00", "1"]}
    assert line(page, "Value by month", "without a date") == ["", "1"]


def test_months_are_cut_where_the_range_is(boss: Client) -> None:
    for number in (9, 10, 20, 21):
        make_inquiry(created_at=datetime(2025, 8, number, 12, tzinfo=UTC), estimated_value=Decimal(number))
    page = page_of(boss, "?range=custom&from=2025-08-10&to=2025-08-20")
    assert line(page, "Value by month", "Aug 2025") == ["30.00", "2"]
    open_numbers(boss, page)


def test_last_30_days_begin_where_the_view_begins(boss: Client) -> None:
    (edge,) = rows("default", "SELECT CURRENT_DATE - INTERVAL '30 days'")[0]
    edge = edge.replace(tzinfo=UTC)
    make_inquiry(created_at=edge, estimated_value=Decimal(1))
    make_inquiry(created_at=edge + timedelta(hours=12), estimated_value=Decimal(2))
    make_inquiry(created_at=edge - timedelta(seconds=1), estimated_value=Decimal(4))
    page = page_of(boss)
    assert figure(page, "Value, last 30 days") == "$3"
    open_numbers(boss, page)


def test_net_of_look_alikes_says_how_it_is_counted(boss: Client) -> None:
    for value in (10, 30):
        make_inquiry(estimated_value=value)
    words = "1 distinct inquiry, $30: those of the same person, company and message count once, with the highest value"
    assert words in page_of(boss)


def test_link_of_the_last_30_days_counts_by_the_clock_of_the_view() -> None:
    make_inquiry()
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("boss")
    _, recent = overview_sections(request, datetime(2025, 8, 31, 22, 30, tzinfo=UTC))
    assert "created_at__gte=2025-08-01T00%3A00%3A00%2B00%3A00" in recent.figures[0].number.link


def test_month_without_inquiries_between_two_others_is_shown(boss: Client) -> None:
    make_inquiry(created_at=datetime(2024, 11, 15, tzinfo=UTC))
    make_inquiry(created_at=datetime(2025, 1, 15, tzinfo=UTC))
    assert line(page_of(boss), "Value by month", "Dec 2024") == ["0", "0"]


def test_months_beyond_two_years_are_one_bar(boss: Client) -> None:
    make_inquiry(created_at=datetime(1991, 1, 15, tzinfo=UTC), estimated_value=Decimal(1))
    make_inquiry(created_at=datetime(2023, 1, 15, tzinfo=UTC), estimated_value=Decimal(2))
    make_inquiry(created_at=datetime(2025, 1, 15, tzinfo=UTC), estimated_value=Decimal(4))
    page = page_of(boss)
    assert line(page, "Value by month", "before Feb 2023") == ["3.00", "2"]
    open_numbers(boss, page)


def test_dates_to_come_are_one_bar_behind_the_months(boss: Client) -> None:
    make_inquiry(created_at=datetime(2025, 1, 15, tzinfo=UTC), estimated_value=Decimal(1))
    make_inquiry(created_at=datetime(2205, 1, 15, tzinfo=UTC), estimated_value=Decimal(2))
    make_inquiry(created_at=datetime(9999, 12, 31, 23, tzinfo=UTC), estimated_value=Decimal(4))
    now = timezone.localdate()
    page = page_of(boss)
    assert line(page, "Value by month", "Jan 2025") == ["1.00", "1"]
    assert line(page, "Value by month", f"later than {now:%b %Y}") == ["6.00", "2"]
    open_numbers(boss, page)


@pytest.mark.parametrize("days", ["from=2150-01-01&to=2160-01-01", "from=2150-01-01", "to=2160-01-01"])
def test_dates_to_come_are_cut_where_the_range_is(boss: Client, days: str) -> None:
    for year in (2140, 2155, 2199):
        make_inquiry(created_at=datetime(year, 1, 15, tzinfo=UTC), estimated_value=Decimal(year))
    open_numbers(boss, page_of(boss, f"?range=custom&{days}"))


def test_range_stands_beside_the_period_before(boss: Client) -> None:
    make_inquiry(created_at=datetime(2025, 8, 31, 12, tzinfo=UTC), estimated_value=Decimal(300))
    make_inquiry(created_at=datetime(2025, 7, 31, 12, tzinfo=UTC), estimated_value=Decimal(100))
    page = page_of(boss, "?range=custom&from=2025-08-01&to=2025-08-31")
    assert "Inquiries made: 1 Aug 2025 to 31 Aug 2025" in page
    assert "The period before: 1 Jul 2025 to 31 Jul 2025." in page
    assert figure(page, "Value") == "$300"
    assert "$200 more than the period before" in page


def test_text_of_posts_is_harmless(boss: Client, motley: None) -> None:
    page = page_of(boss)
    assert "Post &lt;b&gt;" in page
    assert "\u202e" not in page


def test_number_of_queries_is_the_same_for_ten_and_a_hundred_rows(boss: Client) -> None:
    counted = []
    for number in (10, 90):
        for index in range(number):
            make_inquiry(
                estimated_value=Decimal(5), status=f"s{index}", inquiry_channel=f"c{index}", source_post=make_post()
            )
        with CaptureQueriesContext(connection) as queries:
            page_of(boss)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 25


def test_stranger_is_sent_to_the_login(client: Client) -> None:
    answer = client.get(reverse("dashboard-business-core"))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("admin:login"))


def test_person_who_may_not_view_inquiries_is_refused(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(reverse("dashboard-business-core")).status_code == 403


def test_person_who_may_not_view_posts_sees_none(client: Client) -> None:
    make_inquiry(source_post=make_post(), estimated_value=Decimal(5))
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_consultationinquiry"))
    client.force_login(clerk)
    page = page_of(client)
    assert "Posts that bring money" not in page
    assert "The last 30 days" not in page
    open_numbers(client, page)


def test_page_takes_no_post(boss: Client) -> None:
    assert boss.post(reverse("dashboard-business-core")).status_code == 405
