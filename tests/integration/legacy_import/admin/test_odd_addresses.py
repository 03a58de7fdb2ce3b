"""Addresses and forms that no page of ours makes: they are refused, never a server error."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from legacy_import.admin.database_page import DatabaseAdmin
from tests.integration.legacy_import.admin.quarantine_pages import MONEY, desk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_LISTS = sorted(
    f"legacy_import_{model._meta.model_name}_changelist"
    for model, page in admin.site._registry.items()
    if isinstance(page, DatabaseAdmin)
)
_NAMES = ["source", "legacy_table", "target_table", "kind", "kind__exact", "state", "status", "decision", "q", "p", "o"]
_NAMES += ["state__exact", "status__exact", "a\0"]


@pytest.mark.parametrize("page", [*_LISTS, "legacy_import_businesscorequarantinedrow_rows"])
def test_nul_in_a_lists_address_is_no_server_error(admin_client: Client, page: str) -> None:
    assert admin_client.get(reverse(f"admin:{page}"), follow=True).status_code == 200
    for name in _NAMES:
        response = admin_client.get(reverse(f"admin:{page}"), {name: "\0"}, follow=True)
        assert response.status_code == 400, name


@pytest.mark.parametrize("page", _LISTS)
def test_nul_in_a_rows_address_is_no_server_error(admin_client: Client, page: str) -> None:
    # The admin spells odd characters of a key as _00.
    for place in ("a%00/change/", "a_00/change/", "a_00/history/"):
        query = {"_changelist_filters": "source=\0"}
        assert admin_client.get(reverse(f"admin:{page}") + place, query, follow=True).status_code == 400, place
        assert admin_client.get(reverse(f"admin:{page}") + place, follow=True).status_code in {200, 400, 404}, place


@pytest.mark.parametrize("database", ["business-core", "analytics", "revenue", "\0"])
@pytest.mark.parametrize("kind", ["", "csv/"])
def test_nul_in_an_archived_tables_address_is_refused(
    admin_client: Client, imported: Path, database: str, kind: str
) -> None:
    for query in ({"source": "\0", "table": "\0"}, {"source": "primary", "table": "<b>leads</b>", "q": "\0"}):
        response = admin_client.get(f"/admin/legacy_import/archivedtable/{database}/{kind}", query)
        assert response.status_code == 400


@pytest.mark.parametrize(
    "odd", [{"rows": "9" * 5_000}, {"rows": "\0"}, {"rows": "٣"}, {"digest": "\0"}, {"reason": "\0"}, {"row": "\0"}]
)
def test_an_odd_field_of_the_desk_settles_nothing(admin_client: Client, odd: dict[str, str]) -> None:
    sent = {"verb": "archive", "scope": "all", "rows": "0", "reason": "why"} | odd

    assert admin_client.post(desk("group", **MONEY), sent, follow=True).status_code == 200


def test_nul_in_the_list_that_a_decision_leads_back_to_is_refused(admin_client: Client) -> None:
    decide = reverse("admin:legacy_import_businesscoredivergence_decide")

    response = admin_client.post(decide, {"decide": "kept", "list": "source=%00"}, follow=True)

    assert response.status_code == 400
