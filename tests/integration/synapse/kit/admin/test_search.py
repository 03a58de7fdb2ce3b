"""The search that Ctrl+K opens: pages, and the rows of the business tables, as far as a person may look at them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry
from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import told
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=[BUSINESS_CORE, ANALYTICS, REVENUE])

_SEARCH = "/admin/search/"


def _search(client: Client, term: str, **more: str) -> Any:
    return client.get(_SEARCH, {"s": term, "extended": "1", **more})


def _titles(response: Any) -> list[str]:
    return [hit.title for hit in response.context["results"]]


def _inquiries(number: int) -> None:
    ConsultationInquiry.objects.bulk_create(
        ConsultationInquiry(
            external_inquiry_id=f"z{i}", contact_name=f"Zarathustra {i}", inquiry_type="architecture",
            inquiry_channel="email", data_source="t",
        )
        for i in range(number)
    )  # fmt: skip


def test_term_of_three_letters_finds_rows_after_pages(admin_client: Client) -> None:
    make_inquiry(contact_name="Inquirina Vega")
    titles = _titles(_search(admin_client, "INQUIR"))

    assert [one for one in titles if "Inquirina" in one] == titles[-1:]
    assert "Inquiries" in titles


def test_term_of_two_letters_finds_pages_only(admin_client: Client) -> None:
    make_inquiry(contact_name="Inquirina Vega")

    titles = _titles(_search(admin_client, "in"))

    assert titles
    assert not [one for one in titles if "Inquirina" in one]


def test_many_matches_are_read_to_the_twentieth_in_as_many_queries(admin_client: Client) -> None:
    _inquiries(1)
    with CaptureQueriesContext(connections[BUSINESS_CORE]) as of_one:
        _search(admin_client, "zarathustra")
    ConsultationInquiry.objects.all().delete()
    _inquiries(40)

    with CaptureQueriesContext(connections[BUSINESS_CORE]) as of_many:
        found = _titles(_search(admin_client, "zarathustra"))

    assert len(found) == 20
    assert len(of_many) == len(of_one)


def test_row_of_a_table_that_one_may_not_view_stays_hidden(client: Client) -> None:
    client.force_login(clerk("view_post"))
    make_inquiry(contact_name="Topsecret")

    assert _titles(_search(client, "topsecret")) == []


def test_who_may_only_add_finds_no_rows(client: Client) -> None:
    client.force_login(clerk("add_consultationinquiry"))
    make_inquiry(contact_name="Topsecret")

    assert _titles(_search(client, "topsecret")) == []


def test_permission_taken_away_hides_at_once(client: Client) -> None:
    user = clerk("view_consultationinquiry")
    client.force_login(user)
    make_inquiry(contact_name="Topsecret")
    before = _titles(_search(client, "topsecret"))

    user.user_permissions.clear()

    assert len(before) == 1
    assert _titles(_search(client, "topsecret")) == []


def test_search_in_the_sidebar_leaves_the_rows_for_the_next(admin_client: Client) -> None:
    make_inquiry(contact_name="Inquiriana")
    admin_client.get(_SEARCH, {"s": "inquir"})

    assert any("Inquiriana" in one for one in _titles(_search(admin_client, "inquir")))


def test_search_leaves_no_message(admin_client: Client) -> None:
    assert told(_search(admin_client, "zarathustra")) == []


@pytest.mark.parametrize("page", ["x", "99", "0", "-1", ""])
def test_page_that_is_not_there_is_no_error(admin_client: Client, page: str) -> None:
    assert _search(admin_client, "inquir", page=page).status_code == 200


@pytest.mark.parametrize("term", ["%_\\", "   ", "\U0001f600" * 3])
def test_odd_term_is_no_error(admin_client: Client, term: str) -> None:
    make_post()

    assert _search(admin_client, term).status_code == 200


def test_hit_of_hiding_characters_shows_them(admin_client: Client) -> None:
    make_inquiry(contact_name="Zara\u202e<b>thustra")

    page = _search(admin_client, "thustra").content.decode()

    assert "\u202e" not in page
    assert "⟨U+202E⟩&lt;b&gt;" in page


def test_anonymous_person_is_sent_to_sign_in(client: Client) -> None:
    assert _search(client, "inquir").status_code == 302


def test_person_outside_the_staff_is_sent_to_sign_in(client: Client) -> None:
    client.force_login(User.objects.create_user("guest"))

    assert _search(client, "inquir").status_code == 302
