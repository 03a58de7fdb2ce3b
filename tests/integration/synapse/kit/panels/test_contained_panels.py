"""A panel or a probe that fails for a reason nobody foresaw: its page says so with an id, and shows all others."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from business_core.models import Post
from synapse.foundation.databases import ALIASES
from synapse.kit.admin import panels as row_panels
from synapse.kit.admin.panels import Panel, register_panel
from synapse.kit.panels.contained_panels import FAILED_TEMPLATE
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS
from synapse.kit.panels.health import HEALTH_PROBES
from synapse.kit.panels.operations import OPERATIONS_PANELS
from synapse.kit.panels.registry import PanelRegistry
from tests.factories import make_post
from tests.log_lines import logged_events, only_event

pytestmark = pytest.mark.django_db(databases=ALIASES)

_BAD_TEMPLATE = "admin/legacy_import/in_step.html"


def _fail(*_arguments: Any) -> Any:
    raise KeyError("week_theme")


def _replace_first(monkeypatch: pytest.MonkeyPatch, registry: PanelRegistry[Any], **changes: Any) -> None:
    first, *others = registry.in_order()
    monkeypatch.setattr(registry, "_panels", [replace(first, **changes), *others])


def _failed_ids(html: str) -> list[str]:
    return re.findall(r'<p class="errornote" role="alert">[^<]*<code>([0-9a-f]+)</code>', html)


def _shown(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


class Unshowable:
    """What a template cannot show: its text fails."""

    def __str__(self) -> str:
        raise KeyError("week_theme")


@pytest.mark.parametrize(
    ("registry", "page"),
    [(FRONT_PAGE_PANELS, "admin:index"), (OPERATIONS_PANELS, "operations:console")],
    ids=["front page", "operations"],
)
def test_panel_that_cannot_be_built_leaves_the_rest_of_its_page(
    registry: PanelRegistry[Any],
    page: str,
    monkeypatch: pytest.MonkeyPatch,
    admin_client: Client,
) -> None:
    _replace_first(monkeypatch, registry, build=_fail)

    with logged_events() as events:
        html = _shown(admin_client, reverse(page))

    (error_id,) = _failed_ids(html)
    assert "week_theme" not in html
    assert only_event(events, "exception.contained")["error_id"] == error_id


def test_failed_panel_is_a_finding_of_the_operations_page(
    monkeypatch: pytest.MonkeyPatch, admin_client: Client
) -> None:
    _replace_first(monkeypatch, OPERATIONS_PANELS, build=_fail)

    assert "A part of this page failed." in _shown(admin_client, reverse("operations:console"))


def test_panel_that_cannot_be_rendered_leaves_the_rest_of_its_page(
    monkeypatch: pytest.MonkeyPatch, admin_client: Client
) -> None:
    # A template that does nothing but show its content.
    _replace_first(monkeypatch, FRONT_PAGE_PANELS, build=lambda *_: Unshowable(), template=FAILED_TEMPLATE)

    html = _shown(admin_client, reverse("admin:index"))

    assert len(_failed_ids(html)) == 1


def test_panel_of_a_row_that_fails_leaves_the_form(monkeypatch: pytest.MonkeyPatch, admin_client: Client) -> None:
    monkeypatch.setattr(row_panels, "_panels", row_panels._panels | {Post: list(row_panels._panels[Post])})
    register_panel(Post, Panel("Aside", _BAD_TEMPLATE, _fail))

    html = _shown(admin_client, reverse("admin:business_core_post_change", args=[make_post().pk]))

    assert ">Aside</h2>" in html
    assert len(_failed_ids(html)) == 1
    assert 'name="_save"' in html


def test_panel_that_refuses_its_page_still_does(monkeypatch: pytest.MonkeyPatch, admin_client: Client) -> None:
    def _refuse(*_arguments: Any) -> Any:
        raise PermissionDenied

    _replace_first(monkeypatch, FRONT_PAGE_PANELS, build=_refuse)

    assert admin_client.get(reverse("admin:index")).status_code == 403


def test_probe_whose_sentences_fail_costs_no_page(monkeypatch: pytest.MonkeyPatch, admin_client: Client) -> None:
    _replace_first(monkeypatch, HEALTH_PROBES, stale_data_sentences=_fail)

    assert _failed_ids(_shown(admin_client, reverse("admin:index"))) == []
