"""The pages of materialized views: their age, and the button that refreshes them."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from analytics.models import TopPerformingPattern
from revenue.models import RevenuePipelineSummary
from synapse.foundation.materialized_views import refresh_views
from tests.factories import make_content_pattern, make_opportunity

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_VIEWS: list[type[Model]] = [TopPerformingPattern, RevenuePipelineSummary]


def _page(model: type[Model], kind: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}")


def _person(client: Client, *codenames: str) -> None:
    person = User.objects.create_user("Ada", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)


def _text(client: Client, model: type[Model]) -> str:
    return " ".join(client.get(_page(model, "changelist")).content.decode().split())


def test_list_says_that_the_view_is_behind_until_it_is_refreshed(admin_client: Client) -> None:
    make_content_pattern()
    assert "Out of date: its table has changed since." in _text(admin_client, TopPerformingPattern)

    answer = admin_client.post(_page(TopPerformingPattern, "refresh"), follow=True)

    text = answer.content.decode()
    assert "Refreshed top performing patterns: 0 → 1 rows." in text
    assert "Up to date: a refresh would change nothing." in text
    assert "0 minutes ago" in text.replace("\xa0", " ")


def test_refresh_of_an_unchanged_view_says_so(admin_client: Client) -> None:
    make_opportunity(revenue_potential=Decimal(5))
    refresh_views(alias="revenue")

    answer = admin_client.post(_page(RevenuePipelineSummary, "refresh"), follow=True)

    assert "Refreshed revenue pipeline summary: nothing had changed." in answer.content.decode()


@pytest.mark.parametrize("model", _VIEWS)
def test_reader_sees_the_age_and_no_button(client: Client, model: type[Model]) -> None:
    _person(client, f"view_{model._meta.model_name}")

    text = _text(client, model)

    assert "view-age" in text
    assert "Refresh now" not in text
    assert client.post(_page(model, "refresh")).status_code == 403


@pytest.mark.parametrize("model", _VIEWS)
def test_own_permission_lets_one_refresh(client: Client, model: type[Model]) -> None:
    _person(client, f"view_{model._meta.model_name}", f"refresh_{model._meta.model_name}")

    assert "Refresh now" in _text(client, model)
    assert client.post(_page(model, "refresh")).status_code == 302


@pytest.mark.parametrize("model", _VIEWS)
def test_list_stays_closed_without_the_permission_to_view(client: Client, model: type[Model]) -> None:
    _person(client, f"refresh_{model._meta.model_name}")

    assert client.get(_page(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", _VIEWS)
def test_looking_refreshes_nothing(admin_client: Client, model: type[Model]) -> None:
    answer = admin_client.get(_page(model, "refresh"))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_nobody_refreshes_from_another_site() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss"))

    assert client.post(_page(TopPerformingPattern, "refresh")).status_code == 403


def test_stranger_is_sent_to_the_login(client: Client) -> None:
    answer = client.post(_page(TopPerformingPattern, "refresh"))

    assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize(
    ("wanted", "gone_to"),
    [
        ("/admin/auth/user/?q=a", "/admin/auth/user/?q=a"),
        ("https://elsewhere.example/", "/admin/analytics/topperformingpattern/"),
        ("//elsewhere.example/", "/admin/analytics/topperformingpattern/"),
        ("", "/admin/analytics/topperformingpattern/"),
    ],
)
def test_refresh_goes_back_to_a_page_of_ours_only(admin_client: Client, wanted: str, gone_to: str) -> None:
    answer = admin_client.post(_page(TopPerformingPattern, "refresh"), {"next": wanted})

    assert answer["Location"] == gone_to
