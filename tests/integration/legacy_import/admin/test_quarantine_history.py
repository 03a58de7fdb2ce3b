"""What became of decisions: pages gone stale, rows changed since, decisions withdrawn."""

from pathlib import Path

import pytest
from django.test import Client

from business_core.models import ConsultationInquiry
from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import RowFix, fix_quarantined_rows
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute
from tests.integration.legacy_import.admin.archive_pages import html_of
from tests.integration.legacy_import.admin.quarantine_pages import (
    HOSTILE,
    MONEY,
    desk,
    import_again,
    row_at,
    said,
    send,
)
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _fix(position: int, amount: str, *, author: str = "ada", reason: str = "asked them") -> LedgerRow:
    execute("default", "DISCARD TEMP")
    row = row_at(position)
    done = fix_quarantined_rows("default", [RowFix(row.pk, {"estimated_value": amount})], reason=reason, author=author)
    assert done.settled == (row.pk,)
    return row_at(position)


def _spoil_again(folder: Path, position: int, amount: str) -> None:
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = ?", amount, position)
    import_again(folder)


def _standing(client: Client, position: int) -> list[str]:
    decisions = client.get(desk("settled")).context["decisions"]
    return [one.standing for one in decisions if one.ledger_id == row_at(position).pk]


def _withdraw(client: Client, row: LedgerRow, **fields: str) -> list[str]:
    execute("default", "DISCARD TEMP")
    settlement = Settlement.objects.using("default").get(ledger=row.pk, withdrawn_at=None)
    response = client.post(desk("withdraw"), {"decision": str(settlement.pk), **fields}, follow=True)
    return said(response)  # type: ignore[arg-type]


def test_a_row_somebody_settled_meanwhile_is_named_and_the_others_are_done(settler: Client) -> None:
    first, second = row_at(1), row_at(2)
    page = submitted(html_of(settler, desk("group", **MONEY)))
    _fix(1, "30000")

    execute("default", "DISCARD TEMP")
    sent = {**page, "verb": "fix", "reason": "why", "row": [str(first.pk), str(second.pk)]}
    response = settler.post(desk("group", **MONEY), sent, follow=True)

    messages = said(response)  # type: ignore[arg-type]
    assert messages[0].startswith("1 row landed.")
    assert messages[1] == f"Somebody else settled 1 row meanwhile: {first.key}."
    values = dict(ConsultationInquiry.objects.values_list("external_inquiry_id", "estimated_value"))
    assert values[first.key] == 30000
    assert values[second.key] == 85000


def test_a_row_that_changed_since_the_page_was_opened_is_shown_again(settler: Client, spoiled: Path) -> None:
    row = row_at(3)
    page = submitted(html_of(settler, desk("group", **MONEY)))
    _spoil_again(spoiled, 3, "about thirty thousand")

    execute("default", "DISCARD TEMP")
    sent = {**page, f"text:{row.pk}:estimated_value": "20000", "verb": "fix", "reason": "why", "row": str(row.pk)}
    response = settler.post(desk("group", **MONEY), sent)

    html = response.content.decode()
    assert "The legacy row has changed since this page was opened" in html
    assert "about thirty thousand" in html
    assert f'id="text:{row.pk}:estimated_value" value="20000"' in html
    assert row_at(3).state == "quarantined"
    again = send(settler, desk("group", **MONEY), "fix", [row.pk], reason="why", text__estimated_value="30000")
    assert said(again)[0].startswith("1 row landed.")


def test_settled_rows_stand_with_who_when_why_and_what(settler: Client) -> None:
    _fix(1, "25000", author=f"ada {HOSTILE}", reason=HOSTILE)

    html = html_of(settler, desk("settled"))

    assert "<script>alert" not in html
    assert not set("\x1b\u202e") & set(html)
    assert "ada &lt;script&gt;" in html
    assert "<code>25,000</code> read as <code>25000</code>" in html
    assert '<td data-label="Standing">holds</td>' in html


def test_a_decision_stands_as_its_row_does(settler: Client, spoiled: Path) -> None:
    for position in (1, 2, 3, 5):
        _fix(position, "25000")
    assert {mark for position in (1, 2, 3, 5) for mark in _standing(settler, position)} == {"holds"}

    _spoil_again(spoiled, 1, "26,000")
    _spoil_again(spoiled, 2, "26000")
    execute("default", "DISCARD TEMP")
    change(spoiled / PRIMARY, "DELETE FROM consultation_inquiries WHERE rowid = 3")
    import_again(spoiled)
    ConsultationInquiry.objects.get(external_inquiry_id=row_at(5).key).delete()
    import_again(spoiled)

    assert [_standing(settler, position) for position in (1, 2, 3, 5)] == [
        ["changed"],
        ["changed"],
        ["gone"],
        ["deleted"],
    ]
    # Rounded, so that the ledger keeps a cell of that column again.
    _spoil_again(spoiled, 2, "26000.555")
    assert _standing(settler, 2) == ["changed"]
    _fix(1, "26000", author="bob")
    assert _standing(settler, 1) == ["holds", "replaced"]


def test_an_earlier_fix_is_offered_again_once_the_row_has_changed(settler: Client, spoiled: Path) -> None:
    row = _fix(3, "20000")
    _spoil_again(spoiled, 3, "about thirty thousand")

    for address in (desk("group", **MONEY), desk("change", row.pk)):
        html = html_of(settler, address)
        assert submitted(html)[f"text:{row.pk}:estimated_value"] == "20000"
        assert "fixed so before, by ada on " in html
        assert "does not hold: the legacy row has changed since" in html


def test_a_withdrawn_decision_puts_the_row_back(settler: Client) -> None:
    row = _fix(1, "25000")
    page = html_of(settler, desk("change", row.pk))
    assert "In its table" in page
    assert "Withdraw the decision" in page

    messages = _withdraw(settler, row, back=str(row.pk))

    assert messages == ["Withdrawn. Unless its file says otherwise by now, the row waits again."]
    assert row_at(1).state == "quarantined"
    assert not ConsultationInquiry.objects.filter(external_inquiry_id=row.key).exists()
    assert _standing(settler, 1) == ["withdrawn"]
    html = html_of(settler, desk("change", row.pk))
    assert "withdrawn<div" in html
    assert "fixed so before" not in html


@pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)
def test_a_decision_on_which_somebody_built_is_not_withdrawn(settler: Client) -> None:
    row = _fix(1, "25000")
    with attribute_changes_to("bob"):
        ConsultationInquiry.objects.filter(external_inquiry_id=row.key).update(company="Edited Ltd")

    (message,) = _withdraw(settler, row)

    assert "bob" in message
    assert "company" in message
    assert _standing(settler, 1) == ["holds"]


def test_nonsense_is_withdrawn_kindly(settler: Client) -> None:
    for chosen in ("", "nonsense", "00000000-0000-0000-0000-000000000000"):
        response = settler.post(desk("withdraw"), {"decision": chosen}, follow=True)
        assert response.status_code == 200
        assert len(said(response)) == 1  # type: ignore[arg-type]


def test_nothing_settled_yet_says_so(settler: Client) -> None:
    assert "Nothing was decided yet." in html_of(settler, desk("settled"))
