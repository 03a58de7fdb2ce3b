"""What stands where a page cannot be shown: plain words and a way back."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, server_error

from tests.people import clerk

_WAY_BACK = 'href="/admin/"'


def _words(client: Client, path: str, status: int) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_is_none_leads_back(client: Client) -> None:
    page = _words(client, "/no-such-page/", 404)

    assert "There is no such page" in page
    assert _WAY_BACK in page


@pytest.mark.django_db
def test_a_page_without_permission_names_the_person(client: Client) -> None:
    client.force_login(clerk(name="<b>Mallory</b>"))

    page = _words(client, "/admin/auth/user/", 403)

    assert "You may not open this page" in page
    assert "allows it, &lt;b&gt;Mallory&lt;/b&gt;." in page
    assert _WAY_BACK in page


@pytest.mark.django_db
def test_an_outdated_form_says_that_nothing_was_saved(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    answer = client.post("/admin/business_core/post/add/", {})

    assert answer.status_code == 403
    assert "Nothing was saved" in answer.content.decode()


def test_a_fault_is_told_without_any_database() -> None:
    answer = server_error(RequestFactory().get("/admin/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong in Synapse" in page
    assert _WAY_BACK in page


def test_what_cannot_be_read_is_told_without_any_database() -> None:
    answer = bad_request(RequestFactory().get("/admin/"), ValueError("1,001 fields"))

    assert answer.status_code == 400
    assert "could not read what was sent" in answer.content.decode()
