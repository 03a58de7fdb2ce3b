"""What stands below a list: how many rows it has on all its pages, and what they come to."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_inquiry, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def text_below(client: Client, query: str = "") -> str:
    page = client.get(reverse("admin:business_core_consultationinquiry_changelist") + query).content.decode()
    found = re.search(r'<p class="list-totals.*?</p>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]*>", "", found[0]).strip()


def test_list_of_several_pages_sums_all_of_them(boss: Client) -> None:
    for _ in range(51):
        make_inquiry(estimated_value=Decimal("10.01"))
    assert text_below(boss) == "51 rows · sum of estimated value 510.51"
    assert text_below(boss, "?p=2") == "51 rows · sum of estimated value 510.51"


def test_narrowed_list_sums_what_it_shows(boss: Client) -> None:
    make_inquiry(status="new", estimated_value=Decimal(1000))
    make_inquiry(status="closed_won", estimated_value=Decimal(7))
    make_inquiry(status="new", estimated_value=None)
    assert text_below(boss, "?status__exact=new") == "2 rows · sum of estimated value 1,000.00"


def test_searched_list_sums_what_it_found(boss: Client) -> None:
    make_inquiry(contact_name="Grace Hopper", estimated_value=Decimal(5))
    make_inquiry(contact_name="Ada", estimated_value=Decimal(7))
    assert text_below(boss, "?q=Hopper") == "1 row · sum of estimated value 5.00"


def test_rows_without_values_have_no_sum_instead_of_nought(boss: Client) -> None:
    make_inquiry(estimated_value=None)
    assert text_below(boss) == "1 row · sum of estimated value none"


def test_empty_list_has_no_rows(boss: Client) -> None:
    assert text_below(boss) == "0 rows · sum of estimated value none"


def test_only_a_narrowed_list_offers_to_show_all(boss: Client) -> None:
    make_inquiry(status="new")
    page = reverse("admin:business_core_consultationinquiry_changelist")
    assert "Show all" not in boss.get(page).content.decode()
    assert "1 result (" in boss.get(page, {"status__exact": "new"}).content.decode()


def test_sum_costs_no_query_of_its_own(boss: Client) -> None:
    make_inquiry(estimated_value=Decimal(5))
    page = reverse("admin:business_core_consultationinquiry_changelist")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        boss.get(page)
    counting = [
        query["sql"] for query in queries if "COUNT(" in query["sql"] and "consultation_inquiries" in query["sql"]
    ]
    assert len(counting) == 1
    assert 'SUM("consultation_inquiries"."estimated_value")' in counting[0]


def test_offers_of_a_foreign_key_still_page(boss: Client) -> None:
    make_post(external_post_id="post-of-offers")
    page = boss.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "business_core",
            "model_name": "consultationinquiry",
            "field_name": "source_post",
            "term": "of-offers",
        },
    )
    assert len(page.json()["results"]) == 1
