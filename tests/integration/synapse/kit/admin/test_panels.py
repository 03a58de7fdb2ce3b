"""Panels that another room adds to the page of a row."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from business_core.models import Post
from synapse.kit.admin import panels
from synapse.kit.admin.panels import Panel, register_panel
from tests.factories import make_post

pytestmark = pytest.mark.django_db

_TEMPLATE = "admin/legacy_import/assignments.html"


@pytest.fixture
def said() -> Iterator[dict[str, Any]]:
    """Register a panel for posts, for this test only; what it is to say is put into the dictionary."""
    says: dict[str, Any] = {"context": None, "asked": []}

    def context(request: HttpRequest, post: Post) -> dict[str, Any] | None:
        says["asked"].append((request.user.get_username(), post.pk))
        context: dict[str, Any] | None = says["context"]
        return context

    before = list(panels._panels[Post])
    register_panel(Post, Panel("<i>Aside</i>", _TEMPLATE, context))
    yield says
    panels._panels[Post] = before


def test_a_panel_stands_on_its_models_page_escaped(admin_client: Client, said: dict[str, Any]) -> None:
    post = make_post()
    said["context"] = {"assignments": [{"post": "<b>bold</b>"}]}

    html = admin_client.get(reverse("admin:business_core_post_change", args=[post.pk])).content.decode()

    assert ">&lt;i&gt;Aside&lt;/i&gt;</h2>" in html
    assert "<td>&lt;b&gt;bold&lt;/b&gt;</td>" in html
    assert said["asked"] == [("admin", post.pk)]


def test_a_panel_that_says_nothing_is_left_out(admin_client: Client, said: dict[str, Any]) -> None:
    html = admin_client.get(reverse("admin:business_core_post_change", args=[make_post().pk])).content.decode()

    assert "Aside" not in html


def test_a_row_that_is_not_there_yet_has_no_panels(admin_client: Client, said: dict[str, Any]) -> None:
    assert admin_client.get(reverse("admin:business_core_post_add")).status_code == 200
    assert said["asked"] == []
