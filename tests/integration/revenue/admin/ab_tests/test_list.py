"""The list of tests says of each what can be said, in as many queries for a hundred as for ten."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.imports import run_import
from tests.integration.revenue.ab_rows import make_counted_test, make_won_test, variant_named
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_LIST = "/admin/revenue/abtest/"


def _html(client: Client) -> str:
    response = client.get(_LIST)
    assert response.status_code == 200
    return response.content.decode()


def test_each_row_says_the_verdict_and_leads_to_it(admin_client: Client) -> None:
    test = make_won_test()

    html = _html(admin_client)

    page = reverse("admin:revenue_abtest_result", args=[test.pk])
    assert f'href="{page}">B looks better: review and confirm</a>' in html
    assert "A · B" in html
    assert ">2,000<" in html


@pytest.mark.parametrize("name", ["B", "id"])
def test_a_stored_winner_is_told_by_name(admin_client: Client, name: str) -> None:
    test = make_won_test(status="completed")
    test.winning_variant = str(variant_named(test, "B").pk) if name == "id" else name
    test.save()

    assert ">Won by B</a>" in _html(admin_client)


def test_a_winner_stored_on_a_running_test_stands_beside_the_verdict(admin_client: Client) -> None:
    test = make_counted_test((2, 40), (3, 40), winning_variant="B")

    result = admin_client.get(reverse("admin:revenue_abtest_result", args=[test.pk])).content.decode()
    assert "Stored winner: B. The test isn&#x27;t completed." in result
    for page in (_LIST, reverse("admin:revenue_abtest_change", args=[test.pk])):
        html = admin_client.get(page).content.decode()
        assert "Keep running" in html
        assert "Won by" not in html


def test_a_test_that_has_not_started_says_so(admin_client: Client) -> None:
    test = make_won_test(start_date=datetime(2999, 1, 1, tzinfo=UTC))

    assert ">Not started yet</a>" in _html(admin_client)
    html = admin_client.get(reverse("admin:revenue_abtest_result", args=[test.pk])).content.decode()
    assert "</span> Not started yet</h2>" in html
    assert "It starts on 1 Jan 2999; nothing can be confirmed before." in html
    assert "as the winner</button>" not in html


def test_the_real_tests_are_judged(admin_client: Client, real_legacy_dir: Path) -> None:
    assert run_import("ab_testing", real_legacy_dir).error is None

    html = _html(admin_client)

    # Their files end in August 2025 without an impression; how many days ago that is depends on today.
    assert len(re.findall(r">Stalled \(no impressions for \d+ days\)</a>", html)) == 9
    assert "Fix the traffic" not in html
    assert "Early Bird (6:30 AM) · Morning Professional (8:00 AM) · Mid-Morning (9:30 AM) · Lunch Break" in html


def test_who_may_see_no_variants_sees_the_tests_alone(client: Client) -> None:
    make_won_test(test_name="Alone")
    client.force_login(clerk("view_abtest"))

    html = _html(client)

    assert "Alone" in html
    assert "B looks better" not in html


def test_a_hundred_tests_cost_as_many_queries_as_ten(admin_client: Client) -> None:
    counted = []
    for more in (10, 40):
        for number in range(more):
            make_counted_test((5 + number, 100), (9, 100))
        with (
            CaptureQueriesContext(connections["default"]) as default,
            CaptureQueriesContext(connections["revenue"]) as own,
        ):
            html = admin_client.get(_LIST).content.decode()
        counted.append((len(default), len(own)))

    assert html.count("/result/") >= 50
    assert counted[0] == counted[1]
