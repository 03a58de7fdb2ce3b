"""Who signed in, who could not, who left: in the log, under the id that the page shows."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.log_lines import logged_events, only_event

LOGIN = "/admin/login/"


def _sign_in(client: Client, name: str, password: str) -> str:
    return client.post(LOGIN, {"username": name, "password": password}).content.decode()


def _shown_id(page: str) -> str:
    (found,) = re.findall(r"<strong class=\"font-mono\">(\w+)</strong>", page)
    return str(found)


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password="a-password-of-ann", is_staff=True)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["wrong-password", "a-password-of-ann "])
def test_a_wrong_password_is_logged_under_the_id_that_the_page_shows(ann: User, password: str) -> None:
    with logged_events() as events:
        page = _sign_in(Client(), "ann", password)

    event = only_event(events, "login.failed")
    assert event["request_id"] == _shown_id(page)
    assert (event["account"], event["address"], event["level"]) == ("ann", "127.0.0.1", "warning")
    assert password not in str(events)


@pytest.mark.django_db
def test_an_unknown_name_is_logged_as_typed_in_one_line() -> None:
    with logged_events() as events:
        _sign_in(Client(), 'eve\r\n{"event":"login.succeeded"}\x1b[2J', "x")

    assert only_event(events, "login.failed")["account"].startswith("eve\r\n{")
    assert not [event for event in events if event["event"] == "login.succeeded"]


@pytest.mark.django_db
def test_a_very_long_name_is_cut() -> None:
    with logged_events() as events:
        Client().login(username="x" * 100_000, password="y")

    assert only_event(events, "login.failed")["account"] == "x" * 150


@pytest.mark.django_db
@pytest.mark.parametrize(("is_staff", "is_active"), [(False, True), (True, False)])
def test_who_may_not_enter_is_logged_although_the_password_is_right(is_staff: bool, is_active: bool) -> None:  # noqa: FBT001
    User.objects.create_user("bob", password="a-password-of-bob", is_staff=is_staff, is_active=is_active)

    with logged_events() as events:
        page = _sign_in(Client(), "bob", "a-password-of-bob")

    event = only_event(events, "login.failed")
    assert (event["account"], event["request_id"]) == ("bob", _shown_id(page))


@pytest.mark.django_db
def test_signing_in_and_out_are_logged_without_the_session(ann: User) -> None:
    client = Client()
    with logged_events() as events:
        _sign_in(client, "ann", "a-password-of-ann")
        session = client.session.session_key
        client.post("/admin/logout/")

    assert only_event(events, "login.succeeded")["account"] == "ann"
    assert only_event(events, "logout")["account"] == "ann"
    assert session
    assert session not in str(events)


@pytest.mark.django_db
def test_the_sign_in_page_shows_no_id_before_anything_failed(client: Client) -> None:
    assert "tell the operator" not in client.get(LOGIN).content.decode()
