"""The result page says what the counts allow, to the digits the statistics are checked by."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from revenue.admin.ab_tests.result_tables import MINUS
from revenue.models import ABTest
from tests.factories import MOMENT, make_ab_test, make_variant
from tests.integration.revenue.ab_rows import make_counted_test, make_won_test
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def _ten_days_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: MOMENT + timedelta(days=10))


def _result(test: ABTest) -> str:
    return reverse("admin:revenue_abtest_result", args=[test.pk])


def _html(client: Client, test: ABTest) -> str:
    response = client.get(_result(test))
    assert response.status_code == 200
    return response.content.decode()


def _cells(client: Client, test: ABTest) -> list[str]:
    """Return the texts between the page's tags."""
    return [piece.split(">", 1)[-1].strip() for piece in _html(client, test).split("<")]


def test_two_variants_show_the_pooled_z(admin_client: Client) -> None:
    cells = _cells(admin_client, make_counted_test((5, 83), (12, 99)))

    assert {"two-proportion z", f"{MINUS}1.4078", "0.1592", "6.0241%", "12.1212%"} <= set(cells)


def test_four_variants_show_the_chi_square_and_holms_correction(admin_client: Client) -> None:
    test = make_counted_test((73, 86), (90, 93), (114, 136), (75, 82))

    html = _html(admin_client, test)

    assert {">11.1194<", ">0.0111<"} <= set(re.findall(r">[\d.]+<", html))
    raw, corrected = 0.0053, 0.0160
    assert f"{raw:.4f}" in html
    assert f"{corrected:.4f}" in html


def test_few_events_show_fishers_exact_test(admin_client: Client) -> None:
    cells = _cells(admin_client, make_counted_test((0, 100), (5, 100)))

    assert {"Fisher exact", "0.0594", "none: the control converts nobody"} <= set(cells)


def test_no_interval_reaches_below_losing_everything(admin_client: Client) -> None:
    cells = _cells(admin_client, make_counted_test((5, 50), (6, 50)))

    intervals = [cell for cell in cells if cell.startswith("-100.0%")]
    assert len(intervals) == 2
    assert all(re.fullmatch(r"-100\.0%\* to \+[\d,.]+%", cell) for cell in intervals)
    assert any(cell.startswith("* At most everything is lost") for cell in cells)


def test_intervals_of_what_can_be_lost_bear_no_mark(admin_client: Client) -> None:
    assert "At most everything" not in _html(admin_client, make_won_test())


def test_the_ratio_check_is_shown(admin_client: Client) -> None:
    html = _html(admin_client, make_counted_test((300, 5100), (300, 4900)))

    assert re.search(r"Chi-square <data[^>]*>4.0000</data>, p <data[^>]*>0.0455</data>", html)


def test_the_power_of_a_small_plan_is_told(admin_client: Client) -> None:
    html = _html(admin_client, make_counted_test((5, 83), (12, 99), minimum_sample_size=100))

    assert "minimum_sample_size 100 has 7% power for 2% → 3%; 80% power takes 3,825 impressions a variant." in html
    assert "LinkedIn impressions are neither randomised nor independent people" in html


@pytest.mark.parametrize(
    ("counts", "columns", "headline", "may_confirm"),
    [
        (((2, 40), (3, 40)), {}, "Keep running, about 15 days", False),
        (((2, 40), (3, 40)), {"minimum_sample_size": None}, "Keep running", False),
        (((0, 0), (0, 0)), {}, "Stalled (no impressions for 10 days)", False),
        (((20, 1000), (22, 1000)), {}, "No difference worth finding", False),
        (((20, 1000), (60, 1000)), {}, "B looks better: review and confirm", True),
        (((60, 1000), (20, 1000)), {}, "The control is better", True),
        (((20, 1000), (60, 1000)), {"minimum_sample_size": 2000}, "Keep running, about 10 days", False),
        (((20, 1000), (60, 1500)), {}, "Fix the traffic", False),
        (((0, 20), (0, 1)), {}, "Fix the traffic", False),
        (((20, 10), (60, 1000)), {}, "Fix the traffic", False),
        (((20, 10), (60, 10)), {}, "Not a rate", False),
        (((20, 1000),), {}, "Nothing to compare yet", False),
        ((), {}, "Nothing to compare yet", False),
    ],
)
@pytest.mark.usefixtures("_ten_days_later")
def test_the_verdict_heads_the_page(
    admin_client: Client,
    counts: tuple[tuple[int, int], ...],
    columns: dict[str, Any],
    headline: str,
    may_confirm: bool,  # noqa: FBT001
) -> None:
    html = _html(admin_client, make_counted_test(*counts, **columns))

    assert f"</span> {headline}</h2>" in html
    assert ("as the winner</button>" in html) is may_confirm


@pytest.mark.usefixtures("_ten_days_later")
def test_the_days_left_follow_the_pace(admin_client: Client) -> None:
    test = make_counted_test((20, 100), (30, 100), minimum_sample_size=400)

    assert "</span> Keep running, about 30 days</h2>" in _html(admin_client, test)


@pytest.mark.usefixtures("_ten_days_later")
@pytest.mark.parametrize("planned", [None, 100, 100_000])
def test_nothing_beside_a_traffic_fault_advises_to_go_on(admin_client: Client, planned: int | None) -> None:
    test = make_counted_test((20, 1000), (60, 1500), minimum_sample_size=planned)
    pages = [_result(test), reverse("admin:revenue_abtest_change", args=[test.pk]), "/admin/revenue/abtest/", "/admin/"]

    for page in pages:
        html = admin_client.get(page).content.decode()
        assert "Fix the traffic" in html
        assert not re.search("keep running|keep the test running|days? left|% power", html, re.IGNORECASE)
    assert "Find out why before you collect more" in _html(admin_client, test)


def test_four_equally_shared_variants_are_no_mismatch(admin_client: Client) -> None:
    test = make_counted_test((60, 4272), (26, 4324), (30, 4317), (26, 4290), traffic_split="0.50")

    html = _html(admin_client, test)

    assert "Fix the traffic" not in html
    assert re.search(r"Chi-square <data[^>]*>0.4062</data>, p <data[^>]*>0.9390</data>", html)
    assert "Checked on impressions: no post assignments are known for this test." in html


def test_planned_shares_are_shown_and_checked(admin_client: Client) -> None:
    test = make_counted_test((60, 8000), (20, 2000))
    for name, share in (("A", 80), ("B", 20)):
        test.variants.filter(variant_name=name).update(planned_share_percent=share)

    cells = _cells(admin_client, test)

    assert {"80%", "20%", "8,000", "2,000"} <= set(cells)
    assert any(cell.startswith("It passes: the impressions fit the plan.") for cell in cells)


def test_the_figures_are_one_level_down(admin_client: Client) -> None:
    html = _html(admin_client, make_won_test())

    card, figures = html.split("How is this calculated?")
    assert "B converts 6.00% of its impressions, the control 2.00%: a lift" not in card
    assert "B converts 6.00% of its impressions, the control 2.00%, a lift of +200.0%" in card
    assert "<table" not in card.partition('id="content-main"')[2]
    assert "Wilson interval" in figures


def test_variants_that_count_different_things_are_told_and_not_decided(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.filter(variant_name="B").update(expected_metric="engagement_rate")

    html = _html(admin_client, test)

    assert "The control expects consultation requests, but “B” expects something else" in html
    assert "as the winner</button>" not in html


def test_stored_rates_are_shown_nowhere(admin_client: Client) -> None:
    test = make_counted_test((5, 83), (12, 99))
    test.variants.update(engagement_rate=Decimal("0.7391"), consultation_conversion=Decimal("0.7391"))

    pages = [_html(admin_client, test), admin_client.get(reverse("admin:revenue_abtest_changelist")).content.decode()]
    pages.append(admin_client.get(reverse("admin:revenue_abtest_change", args=[test.pk])).content.decode())

    assert not any("7391" in page or "73.91" in page for page in pages)


def test_a_test_without_variants_says_what_to_do(admin_client: Client) -> None:
    html = _html(admin_client, make_ab_test())

    assert "Add at least two on its form" in html


def test_hostile_names_are_harmless(admin_client: Client) -> None:
    names = ("<script>alert(1)</script>", "safe\u202eevil")
    test = make_counted_test((20, 1000), (60, 1000), names=names, test_name="<b>x</b>\u202e", hypothesis="<i>\x01")

    html = _html(admin_client, test)

    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "\x01" not in html
    assert "safe⟨U+202E⟩evil" in html


def test_who_may_see_no_variants_may_not_see_the_result(client: Client) -> None:
    test = make_won_test()
    client.force_login(clerk("view_abtest"))

    assert client.get(_result(test)).status_code == 403


def test_who_may_only_look_is_offered_no_button(client: Client) -> None:
    client.force_login(clerk("view_abtest", "view_abtestvariant"))

    html = _html(client, make_won_test())

    assert "B looks better" in html
    assert "/result/confirm/" not in html
    assert "/result/complete/" not in html


def test_a_hundred_variants_cost_as_many_queries_as_ten(admin_client: Client) -> None:
    counted = []
    for number in (10, 100):
        test = make_ab_test()
        for place in range(number):
            make_variant(test=test, position=place, impressions=100, consultation_requests=10 + place % 3)
        with CaptureQueriesContext(connections["revenue"]) as captured:
            _html(admin_client, test)
        counted.append(len(captured))

    assert counted[0] == counted[1]
