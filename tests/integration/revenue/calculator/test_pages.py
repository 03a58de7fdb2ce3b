"""The calculator's and the glossary's pages."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.calculator.form import form_from_query
from revenue.calculator.links import calculator_link
from revenue.calculator.plan import compute_sample_size_plan
from revenue.statistics.counts import TestCounts, VariantCounts

pytestmark = pytest.mark.django_db(databases=["default"])

PAGES = ["ab-calculator", "ab-glossary"]


@pytest.fixture
def analyst(client: Client) -> Client:
    person = User.objects.create_user("ana", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_abtest"))
    client.force_login(person)
    return client


def calculated(client: Client, **query: str) -> str:
    response = client.get(reverse("ab-calculator"), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_to_who_may_view_tests_and_stands_in_the_sidebar(analyst: Client, page: str) -> None:
    assert analyst.get(reverse(page)).status_code == 200
    assert f'href="{reverse(page)}"' in analyst.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_page_is_closed_to_others(client: Client, page: str) -> None:
    anonymous = client.get(reverse(page))
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    without = client.get(reverse(page))
    front = client.get(reverse("admin:index")).content.decode()

    assert anonymous.status_code == 302
    assert reverse("admin:login") in anonymous["Location"]
    assert without.status_code == 403
    assert reverse(page) not in front


@pytest.mark.parametrize("page", PAGES)
def test_page_changes_nothing_and_takes_no_post(analyst: Client, page: str) -> None:
    assert analyst.post(reverse(page)).status_code == 405


def test_calculator_shows_the_reference_size_where_nothing_is_asked(analyst: Client) -> None:
    page = calculated(analyst)

    assert "from 2% to 3%" in page
    assert "3,825 impressions" in page
    assert 'role="alert"' not in page


def test_calculator_shows_the_rule_of_sixteen(analyst: Client) -> None:
    page = calculated(analyst, base_rate="10", effect="20")

    assert "3,600 impressions per variant" in page
    assert "3,841 impressions" in page


def test_calculator_takes_an_absolute_difference(analyst: Client) -> None:
    assert "3,825 impressions" in calculated(analyst, base_rate="2", effect="1", effect_kind="absolute")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"base_rate": "abc"}, "Enter a number."),
        ({"base_rate": ""}, "Enter a number here."),
        ({"base_rate": "NaN"}, "Enter a number."),
        ({"base_rate": "1e999"}, "less than or equal to 99.999"),
        ({"effect": "0"}, "A difference of 0 can&#x27;t be found."),
        ({"base_rate": "60", "effect": "100"}, "From 60% this leads to a rate of 120%."),
        ({"base_rate": "2", "effect": "-3", "effect_kind": "absolute"}, "this leads to a rate of -1%."),
        ({"alpha": "99"}, "less than or equal to 50"),
        ({"variants": "1"}, "greater than or equal to 2"),
        ({"effect_kind": "<script>"}, "&lt;script&gt; is not one of the available choices."),
    ],
)
def test_calculator_says_what_is_wrong_and_calculates_nothing(
    analyst: Client, query: dict[str, str], said: str
) -> None:
    page = calculated(analyst, **query)

    assert said in page
    assert 'role="alert"' in page
    assert "The answer" not in page


def test_link_of_a_test_carries_its_numbers(analyst: Client) -> None:
    variants = (VariantCounts("A", 1000, 20), VariantCounts("B", 1000, 30), VariantCounts("C", 1000, 25))
    test = TestCounts(variants, minimum_sample_size=100, confidence_threshold=Decimal("0.90"), days_running=20)

    link = calculator_link(test)

    assert link.endswith("?variants=3&alpha=10&base_rate=2&daily_impressions=150.00&impressions=100")
    assert "100 impressions per variant have" in analyst.get(link).content.decode()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 2_147_483_647), st.integers(0, 2_147_483_647)), max_size=25),
    st.one_of(st.none(), st.integers(-10, 2_147_483_647)),
    st.one_of(st.none(), st.decimals(Decimal("-9.99"), Decimal("9.99"), places=2)),
    st.one_of(st.none(), st.floats(-10, 5000)),
)
def test_link_of_any_test_the_columns_can_hold_is_answered(
    counts: list[tuple[int, int]], planned: int | None, confidence: Decimal | None, days: float | None
) -> None:
    variants = tuple(VariantCounts("", shown, successes) for successes, shown in counts)
    test = TestCounts(variants, minimum_sample_size=planned, confidence_threshold=confidence, days_running=days)
    query = calculator_link(test).partition("?")[2]

    form = form_from_query(QueryDict(query))

    assert form.is_valid(), form.errors
    assert compute_sample_size_plan(form.to_question()).needed.impressions >= 1
