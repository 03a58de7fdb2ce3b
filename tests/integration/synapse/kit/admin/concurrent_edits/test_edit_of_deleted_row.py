"""Editing a row that somebody deleted meanwhile."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import make_inquiry
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, page_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def bob() -> Person:
    return person("bob")


def test_a_deleted_row_gives_back_what_was_typed(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(notes="old", contact_name="Grace")
    fields = ada.opens(inquiry)
    bob.client.post(f"/admin/business_core/consultationinquiry/{inquiry.pk}/delete/", {"post": "yes"})

    answer = ada.saves(inquiry, fields, notes="Long thoughts <b>")

    assert answer.status_code == 410
    html = answer.content.decode()
    assert "Deleted by bob" in html
    assert "Long thoughts &lt;b&gt;" in html
    assert [one.label for one in answer.context["typed"] if one.was_changed] == ["Notes"]
    assert f'<a href="{answer.context["deletion"].link}">' in html
    assert ada.client.get(answer.context["deletion"].link).status_code == 200
    assert "Grace" in [one.text for one in answer.context["typed"]]


def test_a_deleted_row_is_told_to_nobody_who_may_not_change_it(client: Client) -> None:
    inquiry = make_inquiry()
    page = page_of(inquiry)
    inquiry.delete()
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_consultationinquiry"))
    client.force_login(clerk)

    assert client.post(page, {"notes": "new"}).status_code == 403


def test_a_key_that_never_was_gives_back_what_was_typed_too(ada: Person) -> None:
    page = "/admin/business_core/consultationinquiry/6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11/change/"

    answer = ada.client.post(page, {"notes": "typed"})

    assert answer.status_code == 410
    assert "It is no longer in the database." in answer.content.decode()
    assert [one.text for one in answer.context["typed"]] == ["typed"]
