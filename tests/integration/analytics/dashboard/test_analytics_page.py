"""Analytics in numbers: every number against the list it opens and against SQL, for every range and every reader."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from synapse.foundation.materialized_views import refresh_views
from tests.factories import make_content_analysis, make_content_pattern, make_prediction, make_touchpoint
from tests.imports import rows
from tests.numbers import figure, line, open_numbers
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics"])

_RANGES = ["all", "custom&from=2025-03-30&to=2025-10-26"]
_TIMES = [None, datetime(2025, 3, 29, 22, tzinfo=UTC), datetime(2025, 10, 26, 21, 59, 59, tzinfo=UTC)]
_HOSTILE = '<script>alert("1")</script>\u202e, [x]'


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def motley() -> None:
    make_rows(18)


def make_rows(many: int) -> None:
    """Make rows of every kind: no dates, hostile texts, more values than are drawn, predictions with odd actuals."""
    times = [*_TIMES, timezone.now()]
    for number in range(many):
        at = times[number // 4 % len(times)]
        make_touchpoint(
            content_id=f"piece {number % 4}{_HOSTILE if number % 4 == 1 else ''}",
            platform=["linkedin", "", _HOSTILE, f"platform {number}, {number}"][number % 4],
            touchpoint=f"touch {number % 11}",
            value=None if number % 3 == 0 else Decimal(number) * Decimal("10.01"),
            metadata=[None, {"a": [_HOSTILE]}, [], "text", 5][number % 5],
            timestamp=at,
        )
        make_content_analysis(hook_type=f"hook {number}, {number}", topic_category=_HOSTILE, analyzed_at=at)
        make_content_pattern(
            pattern_type=f"type {number % 15}",
            pattern_value=f"{_HOSTILE} {number}",
            confidence_score=Decimal("0.8500") if number % 2 else Decimal("0.8499"),
            sample_size=9 + number % 3,
        )
        known = number % 3 == 0
        make_prediction(
            post_id=f"{_HOSTILE} {number}",
            key_factors={"odd": [None]},
            recommendations="no list at all",
            actual_engagement_rate=Decimal("0.1000") + Decimal(number) / 1000 if known else None,
            actual_consultation_requests=number if number % 6 == 0 else None,
            prediction_accuracy=Decimal("0.9000") if number % 6 == 0 else None,
            created_at=at,
        )


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(reverse("dashboard-analytics") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("chosen", _RANGES)
def test_every_number_is_what_its_list_comes_to(chosen: str, boss: Client, motley: None) -> None:
    refresh_views(alias="analytics")

    assert len(open_numbers(boss, page_of(boss, f"?range={chosen}"))) > 90


def test_empty_tables_say_what_to_do(boss: Client) -> None:
    page = page_of(boss)

    open_numbers(boss, page)
    for words in ("No pattern has been found yet", "No prediction was made", "Nobody was tracked", "No post was"):
        assert words in page


def test_figures_are_those_of_sql(boss: Client, motley: None) -> None:
    refresh_views(alias="analytics")
    page = page_of(boss)

    (top,) = rows("analytics", "SELECT count(*) FROM top_performing_patterns")
    (trusted,) = rows(
        "analytics", "SELECT count(*) FROM content_patterns WHERE confidence_score >= 0.85 AND sample_size >= 10"
    )
    (fared,) = rows(
        "analytics",
        """SELECT count(*), count(*) FILTER (WHERE actual_engagement_rate IS NULL),
            100 * avg(abs(actual_engagement_rate - predicted_engagement_rate)),
            100 * avg((actual_engagement_rate BETWEEN confidence_lower AND confidence_upper)::int)
        FROM performance_predictions""",
    )
    (touched,) = rows(
        "analytics",
        """SELECT count(*), sum(value), count(*) FILTER (WHERE content_id IN (
            SELECT content_id FROM attribution_tracking GROUP BY 1 HAVING count(DISTINCT platform) > 1))
        FROM attribution_tracking""",
    )
    assert figure(page, "Top performing patterns") == f"{top[0]}"
    assert figure(page, "Patterns to trust now") == f"{trusted[0]}" == f"{top[0]}" != "0"
    assert figure(page, "Predictions") == f"{fared[0]}"
    assert figure(page, "Still without one") == f"{fared[1]}"
    assert figure(page, "Average miss") == f"{fared[2]:.1f}%"
    assert figure(page, "Within their bounds") == f"{fared[3]:.1f}%"
    assert figure(page, "Touchpoints") == f"{touched[0]}"
    assert figure(page, "Value attributed") == f"${touched[1]:,}".removesuffix(".00")
    assert figure(page, "Touchpoints of content on several platforms") == f"{touched[2]}"
    assert 0 < touched[2] < touched[0]


def test_range_stands_beside_the_one_before(boss: Client) -> None:
    for day in (9, 10, 19, 20, 29, 30):
        make_touchpoint(timestamp=datetime(2025, 9, day, 21, 30, tzinfo=UTC))

    page = page_of(boss, "?range=custom&from=2025-09-20&to=2025-09-29")

    assert figure(page, "Touchpoints") == "2"
    before = re.search(r"<dt>Touchpoints</dt>.*?the same as the period before:.*?>([^<]*)</a>", page, re.DOTALL)
    assert before is not None
    assert before[1] == "2"


def test_prediction_stands_above_what_came_or_says_that_nothing_is_known(boss: Client) -> None:
    make_prediction(
        post_id="judged",
        actual_engagement_rate=Decimal("0.1050"),
        actual_consultation_requests=3,
        prediction_accuracy=Decimal("0.8750"),
    )
    make_prediction(post_id="waiting")
    page = page_of(boss)
    chart = "The latest predictions, each beside what came"

    assert line(page, chart, "judged, predicted") == ["0.1200", "2"]
    assert line(page, chart, "judged, actual") == ["0.1050", "3"]
    assert "1.5 points below the prediction" in page
    assert line(page, chart, "waiting, actual") == ["", ""]
    assert "not known yet" in page


def test_touchpoints_are_crossed_with_platforms(boss: Client) -> None:
    for platform, touchpoint, times in (("a", "view", 3), ("b", "view", 1), ("a", "click", 2), ("b", "share", 1)):
        for _ in range(times):
            make_touchpoint(platform=platform, touchpoint=touchpoint)

    page = page_of(boss)

    assert line(page, "Touchpoints across platforms", "view") == ["4", "3", "1"]
    assert line(page, "Touchpoints across platforms", "click") == ["2", "2", "0"]
    assert line(page, "Touchpoints across platforms", "share") == ["1", "0", "1"]


def test_hostile_texts_are_harmless(boss: Client, motley: None) -> None:
    page = page_of(boss)

    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_age_of_the_view_stands_on_the_page(boss: Client) -> None:
    make_content_pattern()
    assert "Out of date: its table has changed since." in page_of(boss)

    answer = boss.post(
        reverse("admin:analytics_topperformingpattern_refresh"), {"next": reverse("dashboard-analytics")}, follow=True
    )

    assert answer.redirect_chain == [(reverse("dashboard-analytics"), 302)]
    assert "Up to date: a refresh would change nothing." in answer.content.decode()
    assert figure(answer.content.decode(), "Top performing patterns") == "1"


def test_reader_sees_the_sections_of_what_may_be_viewed(client: Client, motley: None) -> None:
    client.force_login(clerk("view_attributiontracking"))
    page = page_of(client)

    assert "Value attributed" in page
    assert "Predictions against actuals" not in page
    assert "Refresh now" not in page


def test_nobody_else_sees_it(client: Client) -> None:
    assert client.get(reverse("dashboard-analytics"))["Location"].startswith(reverse("admin:login"))
    client.force_login(clerk("view_post"))
    assert client.get(reverse("dashboard-analytics")).status_code == 403
    assert reverse("dashboard-analytics") not in client.get(reverse("admin:index")).content.decode()


def test_as_many_queries_for_100_rows_as_for_10(boss: Client) -> None:
    asked = []
    for many in (10, 90):
        make_rows_apart(many)
        with CaptureQueriesContext(connections["analytics"]) as captured:
            page_of(boss)
        asked.append(len(captured))

    assert asked[0] == asked[1] <= 30


def make_rows_apart(many: int) -> None:
    """Make rows whose patterns don't collide with those made before."""
    for number in range(many):
        make_touchpoint(platform=f"platform {number}", touchpoint=f"touch {number}")
        make_content_analysis(hook_type=f"hook {number}", topic_category=f"topic {number}")
        make_content_pattern(pattern_type=f"type {number}")
        make_prediction()
