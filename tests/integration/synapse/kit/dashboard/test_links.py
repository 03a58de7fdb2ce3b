"""Links into lists find exactly the rows that the same lookups find."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.test import Client, RequestFactory

from business_core.models import ConsultationInquiry
from synapse.kit.dashboard import list_link
from tests.factories import make_inquiry
from tests.numbers import list_totals

pytestmark = pytest.mark.django_db

NASTY = ["", " ", "a,b", '["x"]', "&status__exact=new", "100%", "\u202e", "new "]


@pytest.fixture
def asking(client: Client) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("boss")
    client.force_login(request.user)
    return request


@pytest.mark.parametrize("status", NASTY)
def test_link_carries_any_text(status: str, client: Client, asking: HttpRequest) -> None:
    make_inquiry(status=status)
    make_inquiry(status="new")
    assert rows_behind(client, asking, status__exact=status) == 1
    assert rows_behind(client, asking, status__not_among=[status]) == 1


def test_all_but_some_values_include_rows_without_one(client: Client, asking: HttpRequest) -> None:
    for status in ("new", "closed_won", None):
        make_inquiry(status=status)
    assert rows_behind(client, asking, status__not_among=["closed_won", "a,b"]) == 2


def test_edges_of_time_keep_their_offset(client: Client, asking: HttpRequest) -> None:
    make_inquiry(created_at=datetime(2025, 7, 31, 20, 59, 59, tzinfo=UTC))
    make_inquiry(created_at=datetime(2025, 7, 31, 21, tzinfo=UTC))
    edge = datetime.fromisoformat("2025-08-01T00:00:00+03:00")
    assert rows_behind(client, asking, created_at__gte=edge) == 1


def test_values_with_a_comma_are_refused_where_an_address_can_not_carry_them(asking: HttpRequest) -> None:
    with pytest.raises(ValueError, match="status__in can't carry"):
        list_link(asking, ConsultationInquiry, status__in=["a,b"])


def test_who_may_not_view_the_list_gets_no_link() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert list_link(request, ConsultationInquiry) == ""


@pytest.mark.parametrize("value", ["no json", "{}", "[1]", '"text"'])
def test_address_that_is_no_list_of_texts_is_refused_politely(value: str, client: Client, asking: HttpRequest) -> None:
    page = list_link(asking, ConsultationInquiry)
    answer = client.get(page, {"status__not_among": value})
    assert (answer.status_code, answer["Location"]) == (302, f"{page}?e=1")


def rows_behind(client: Client, request: HttpRequest, **lookups: Any) -> int | None:
    found = list_totals(client.get(list_link(request, ConsultationInquiry, **lookups)).content.decode()).rows
    assert found == ConsultationInquiry.objects.filter(**lookups).count()
    return found
