"""All rows of a group, sent from a page that the group has outrun: nothing lands that nobody looked at."""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from legacy_import.models import LedgerRow, Settlement
from tests.imports import execute, run_import
from tests.integration.legacy_import.admin.archive_pages import clerk, html_of
from tests.integration.legacy_import.admin.quarantine_pages import MONEY, confirm, desk, import_again, row_at, said
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_SET = "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = ?"


@pytest.fixture
def settler(client: Client, legacy_dir: Path, db: None) -> Client:
    """Look at a group of one row, 25,000."""
    change(legacy_dir / PRIMARY, _SET, "25,000", 1)
    assert run_import("primary", legacy_dir).status == "quarantined"
    client.force_login(clerk("view_businesscorequarantinedrow", "settle_quarantine"))
    return client


def _shown(client: Client) -> dict[str, str]:
    return submitted(html_of(client, desk("group", **MONEY))) | {"scope": "all", "reason": "asked them"}


def _send(client: Client, page: dict[str, str], verb: str) -> HttpResponse:
    execute("default", "DISCARD TEMP")
    sent = page | {"verb": verb, "text:all:estimated_value": "25000"}
    response = client.post(desk("group", **MONEY), sent, follow=True)
    return confirm(client, desk("group", **MONEY), response, verb)  # type: ignore[arg-type]  # of the test client


def _refusals(response: HttpResponse) -> dict[int, str]:
    return {card.row.row_id: card.refusal for card in response.context["cards"]}  # type: ignore[attr-defined]


def _nothing_is_settled() -> bool:
    waiting = LedgerRow.objects.using("default").filter(state="quarantined").count()
    return bool(waiting) and not Settlement.objects.using("default").exists()


@pytest.mark.parametrize("verb", ["fix", "archive", "retry"])
def test_a_row_that_reads_otherwise_now_is_not_settled_unseen(settler: Client, legacy_dir: Path, verb: str) -> None:
    page = _shown(settler)
    change(legacy_dir / PRIMARY, _SET, "90,000", 1)
    import_again(legacy_dir)

    response = _send(settler, page, verb)

    assert _nothing_is_settled()
    assert said(response) == [
        "The group's rows have changed since this page was opened, so none is settled: look at them again."
    ]
    assert _refusals(response) == {1: "The legacy row has changed since this page was opened: look at its cells again."}
    html = response.content.decode()
    assert "90,000" in html
    assert 'id="text:all:estimated_value" value="25000"' in html
    assert 'value="asked them"' in html


def test_a_row_that_the_page_never_showed_is_not_settled_in_the_place_of_another(
    settler: Client, legacy_dir: Path
) -> None:
    page = _shown(settler)
    change(legacy_dir / PRIMARY, _SET, 1, 1)
    change(legacy_dir / PRIMARY, _SET, "lots", 2)
    import_again(legacy_dir)

    response = _send(settler, page, "archive")

    assert _nothing_is_settled()
    assert _refusals(response) == {2: "This row was not in the group when the page was opened."}


def test_rows_beyond_the_shown_ones_count_too(
    settler: Client, legacy_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(legacy_dir / PRIMARY, _SET, "lots", 2)
    import_again(legacy_dir)
    monkeypatch.setattr("legacy_import.admin.quarantine.page_contexts.ROWS_PER_PAGE", 1)
    page = _shown(settler)
    change(legacy_dir / PRIMARY, _SET, "90,000", 2)
    import_again(legacy_dir)

    _send(settler, page, "archive")

    assert _nothing_is_settled()


def test_what_came_back_is_settled_when_it_is_sent_again(settler: Client, legacy_dir: Path) -> None:
    page = _shown(settler)
    change(legacy_dir / PRIMARY, _SET, "90,000", 1)
    import_again(legacy_dir)

    again = submitted(_send(settler, page, "fix").content.decode()) | {"scope": "all"}
    response = _send(settler, again, "fix")

    assert said(response)[0].startswith("1 row landed.")
    assert row_at(1).state == "live"
