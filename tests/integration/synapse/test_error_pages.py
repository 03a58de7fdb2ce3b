"""What stands where a page cannot be shown: plain words and a way back."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, server_error

from tests.log_lines import logged_events, only_event
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


def _shown_id(page: str) -> str:
    (found,) = re.findall(r'<strong class="id">([0-9a-f]{16})</strong>', page)
    return str(found)


@pytest.mark.django_db
def test_a_fault_is_found_in_the_log_by_the_id_that_the_page_shows(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not in the line that raises: a traceback quotes the program's own lines.
    message = "the disk of bob@example.com, password=hunter2"

    def fail(*_: object) -> None:
        raise ValueError(message)

    monkeypatch.setattr("synapse.kit.admin.site.find_pages", fail)
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)

    with logged_events() as events:
        answer = client.get("/admin/search/?s=somebody")

    shown = _shown_id(answer.content.decode())
    failed = only_event(events, "request.failed")
    assert answer["X-Request-ID"] == shown
    assert {event["request_id"] for event in events} == {shown}
    assert (failed["user"], failed["error_type"]) == ("admin", "ValueError")
    assert "find_pages" in failed["traceback"]
    assert not any(secret in str(events) for secret in ("hunter2", "bob@example.com", "somebody"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/auth/user/", "/admin/business_core/post/add/"])
def test_a_refusal_is_found_in_the_log_by_the_id_that_the_page_shows(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk())

    with logged_events() as events:
        page = (client.post(path, {}) if path.endswith("add/") else client.get(path)).content.decode()

    answered = only_event(events, "request.answered")
    assert (answered["request_id"], answered["status"]) == (_shown_id(page), 403)


@pytest.mark.django_db
def test_what_could_not_be_read_is_found_in_the_log_by_the_id_that_the_page_shows(admin_user: User) -> None:
    client = Client()
    client.force_login(admin_user)
    fields = {f"field{number}": "" for number in range(5_001)}

    with logged_events() as events:
        answer = client.post("/admin/business_core/post/add/", fields)

    assert answer.status_code == 400
    assert only_event(events, "request.answered")["request_id"] == _shown_id(answer.content.decode())
