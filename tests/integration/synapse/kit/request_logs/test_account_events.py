"""Accounts and roles that are made, changed and given permissions are in the log, with who did it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.log_lines import logged_events, only_event

Commit = Callable[..., AbstractContextManager[Any]]
PASSWORD = "a-new-password-of-ann"


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password="a-password-of-ann", is_staff=True)


def _events_of(commit: Commit, act: Callable[[], Any]) -> list[dict[str, Any]]:
    with logged_events() as events, commit(execute=True):
        act()
    return [event for event in events if event["event"].startswith(("account.", "role."))]


def test_a_new_account_is_logged(django_capture_on_commit_callbacks: Commit, db: None) -> None:
    events = _events_of(
        django_capture_on_commit_callbacks, lambda: User.objects.create_superuser("root2", password="x")
    )

    event = only_event(events, "account.created")
    assert (event["account"], event["is_superuser"]) == ("root2", True)


@pytest.mark.parametrize("field", ["is_superuser", "is_active", "is_staff"])
def test_a_right_that_changed_is_logged(django_capture_on_commit_callbacks: Commit, ann: User, field: str) -> None:
    before = getattr(ann, field)

    def change() -> None:
        setattr(ann, field, not before)
        ann.save()

    (event,) = _events_of(django_capture_on_commit_callbacks, change)

    assert (event["event"], event["account"]) == ("account.changed", "ann")
    assert event["changes"] == {field: {"from": before, "to": not before}}


def test_a_new_password_is_logged_without_it(django_capture_on_commit_callbacks: Commit, ann: User) -> None:
    def change() -> None:
        ann.set_password(PASSWORD)
        ann.save()

    (event,) = _events_of(django_capture_on_commit_callbacks, change)

    assert (event["event"], event["account"]) == ("account.password_changed", "ann")
    assert PASSWORD not in str(event)
    assert ann.password not in str(event)


def test_a_sign_in_and_an_idle_save_log_no_change(django_capture_on_commit_callbacks: Commit, ann: User) -> None:
    def act() -> None:
        Client().login(username="ann", password="a-password-of-ann")
        User.objects.get(pk=ann.pk).save()

    assert _events_of(django_capture_on_commit_callbacks, act) == []


def test_a_deleted_account_is_logged(django_capture_on_commit_callbacks: Commit, ann: User) -> None:
    events = _events_of(django_capture_on_commit_callbacks, ann.delete)

    assert only_event(events, "account.deleted")["account"] == "ann"


@pytest.mark.parametrize("from_the_role", [False, True])
def test_a_role_given_and_taken_is_logged_from_both_sides(
    django_capture_on_commit_callbacks: Commit, ann: User, *, from_the_role: bool
) -> None:
    role = Group.objects.create(name="night shift")

    def act() -> None:
        for verb in ("add", "remove"):
            getattr(role.user_set if from_the_role else ann.groups, verb)(ann if from_the_role else role)

    given, taken = _events_of(django_capture_on_commit_callbacks, act)

    owner, other = ("role", "ann") if from_the_role else ("account", "night shift")
    assert {given["event"], taken["event"]} == {"account.roles_changed"}
    assert given[owner] in {"ann", "night shift"}
    assert (given["added"], taken["removed"]) == ([other], [other])


def test_permissions_of_an_account_and_of_a_role_are_logged(
    django_capture_on_commit_callbacks: Commit, ann: User
) -> None:
    permission = Permission.objects.get(content_type__app_label="auth", codename="delete_user")
    role = Group.objects.create(name="night shift")

    def act() -> None:
        ann.user_permissions.add(permission)
        role.permissions.add(permission)
        role.permissions.clear()

    of_account, of_role, cleared = _events_of(django_capture_on_commit_callbacks, act)

    assert (of_account["event"], of_account["added"]) == ("account.permissions_changed", ["auth.delete_user"])
    assert (of_role["event"], of_role["role"]) == ("role.permissions_changed", "night shift")
    assert cleared["removed"] == "all"


def test_a_change_that_is_rolled_back_is_not_logged(ann: User) -> None:
    # The test's own transaction never commits.
    with logged_events() as events:
        ann.is_superuser = True
        ann.save()

    assert events == []


def test_a_change_on_the_page_names_who_made_it(
    django_capture_on_commit_callbacks: Commit, ann: User, admin_user: User
) -> None:
    client = Client()
    client.force_login(admin_user)
    fields = {"username": "ann", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00"}

    events = _events_of(
        django_capture_on_commit_callbacks, lambda: client.post(f"/admin/auth/user/{ann.pk}/change/", fields | dates)
    )

    event = only_event(events, "account.changed")
    assert (event["user"], event["account"]) == ("admin", "ann")
    assert event["request_id"]
