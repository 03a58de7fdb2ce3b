"""Settling rows on the desk: fix, in bulk, archive, try again, withdraw."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import LedgerRow, Settlement
from tests.imports import rows
from tests.integration.legacy_import.admin.archive_pages import clerk, html_of
from tests.integration.legacy_import.admin.quarantine_pages import (
    CONTACT,
    MONEY,
    desk,
    import_again,
    row_at,
    said,
    send,
)
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _money_of(row: LedgerRow) -> Decimal | None:
    return ConsultationInquiry.objects.get(external_inquiry_id=row.key).estimated_value


def _state(row: LedgerRow) -> str:
    return LedgerRow.objects.using("default").get(pk=row.pk).state


def test_a_suggestion_is_confirmed_and_the_row_lands(settler: Client) -> None:
    row = row_at(1)

    response = send(settler, desk("group", **MONEY), "fix", [row.pk], reason="the comma is a thousands sign")

    assert said(response)[0].startswith("1 row landed.")
    assert f'/consultationinquiry/{row_at(1).target_key}/change/">{row.key}</a>' in response.content.decode()
    assert _money_of(row) == 25000
    settlement = Settlement.objects.using("default").get()
    assert (settlement.ledger_id, settlement.settled_by, settlement.reason, settlement.kind) == (
        row.pk,
        "clerk",
        "the comma is a thousands sign",
        "fix",
    )


def test_typed_values_fix_several_rows_and_the_refused_one_comes_back_with_what_was_typed(settler: Client) -> None:
    first, word, formula = row_at(1), row_at(3), row_at(5)
    typed = {f"text:{word.pk}:estimated_value": "twenty", f"text:{formula.pk}:estimated_value": "31"}

    response = send(
        settler, desk("group", **MONEY), "fix", [first.pk, word.pk, formula.pk], reason="asked them", **typed
    )

    html = response.content.decode()
    assert said(response)[0].startswith("2 rows landed, 1 still waits.")
    assert [_money_of(first), _money_of(formula)] == [25000, 31]
    assert _state(word) == "quarantined"
    (card,) = [card for card in response.context["cards"] if card.refusal]  # type: ignore[attr-defined]
    assert card.row.ledger_id == word.pk
    assert card.is_ticked
    assert "expected a number below 100,000,000 with at most 2 decimals, found &#x27;twenty&#x27;" in html
    assert f'id="text:{word.pk}:estimated_value" value="twenty"' in html
    assert 'value="asked them"' in html
    assert Settlement.objects.using("default").count() == 2


def test_a_row_with_two_reasons_needs_both_fixed(settler: Client) -> None:
    row = row_at(4)

    half = send(settler, desk("group", **MONEY), "fix", [row.pk], reason="half", text__estimated_value="1")
    assert "column created_at: expected" in half.context["cards"][3].refusal  # type: ignore[attr-defined]
    whole = send(
        settler,
        desk("group", **MONEY),
        "fix",
        [row.pk],
        reason="whole",
        text__estimated_value="1",
        text__created_at="2025-08-01T10:00:00",
    )

    assert said(whole)[0].startswith("1 row landed.")
    assert _money_of(row) == 1


def test_nothing_is_done_without_a_reason_and_nothing_typed_is_lost(settler: Client) -> None:
    row = row_at(3)

    response = send(settler, desk("group", **MONEY), "fix", [row.pk], reason=" ", text__estimated_value="20000")

    assert "say why" in said(response)[0]
    assert f'id="text:{row.pk}:estimated_value" value="20000"' in response.content.decode()
    assert _state(row) == "quarantined"


def test_a_ticked_row_of_which_nothing_is_said_waits_on(settler: Client) -> None:
    response = send(settler, desk("group", **MONEY), "fix", [row_at(1).pk, row_at(3).pk], reason="why")

    assert said(response)[0].startswith("1 row landed, 1 still waits.")
    assert [card.refusal for card in response.context["cards"] if card.refusal] == [  # type: ignore[attr-defined]
        "Say what the cell is to be read as, or tick what it is."
    ]
    assert _state(row_at(3)) == "quarantined"


def test_no_tick_no_deed(settler: Client) -> None:
    page = html_of(settler, desk("group", **MONEY))
    assert page.count('name="row"') == 5

    response = settler.post(desk("group", **MONEY), {"verb": "fix", "reason": "why", "rows": "5"}, follow=True)

    assert said(response) == ["No row is ticked: tick those you mean."]  # type: ignore[arg-type]


def test_a_tick_reads_a_cell_as_null_or_as_the_empty_text(settler: Client) -> None:
    money, contact = row_at(3), row_at(7)

    send(settler, desk("group", **MONEY), "fix", [money.pk], reason="unknown", null__estimated_value="1")
    send(settler, desk("group", **CONTACT), "fix", [contact.pk], reason="no name given", empty__contact_name="1")

    assert _money_of(money) is None
    assert ConsultationInquiry.objects.get(external_inquiry_id=contact.key).contact_name == ""


def test_one_value_goes_before_what_stands_at_the_ticked_rows(settler: Client) -> None:
    rows_meant = [row_at(1), row_at(2)]

    send(
        settler,
        desk("group", **MONEY),
        "fix",
        [row.pk for row in rows_meant],
        reason="all the same",
        text__estimated_value__all="7",
    )

    assert [_money_of(row) for row in rows_meant] == [7, 7]


def test_the_whole_group_is_fixed_with_one_value_and_the_refused_row_is_shown(settler: Client) -> None:
    response = send(
        settler,
        desk("group", **MONEY),
        "fix",
        [row_at(1).pk],
        reason="unknown",
        scope="all",
        null__estimated_value__all="1",
    )

    assert said(response)[0].startswith("4 rows landed, 1 still waits.")
    assert [_state(row_at(number)) for number in range(1, 6)] == ["live", "live", "live", "quarantined", "live"]
    assert [card.row.row_id for card in response.context["cards"]] == [4]  # type: ignore[attr-defined]


def test_the_whole_group_is_left_alone_when_it_has_grown_or_no_value_is_given(settler: Client, spoiled: Path) -> None:
    fields = {"reason": "why", "scope": "all"}
    without = send(settler, desk("group", **MONEY), "fix", [row_at(1).pk], **fields)
    grown = send(settler, desk("group", **MONEY), "archive", [row_at(1).pk], **fields, rows="4")

    assert said(without) == ["Type the one value that all rows of the group are to be read as, or tick what it is."]
    assert said(grown) == ["The group has 5 rows now, no longer 4: look at it again."]
    assert not Settlement.objects.using("default").exists()


def test_rows_are_accepted_as_archived_and_no_import_asks_for_them_again(settler: Client, spoiled: Path) -> None:
    chosen = [row_at(number).pk for number in range(1, 6)]

    response = send(settler, desk("group", **MONEY), "archive", chosen, reason="test leads")

    assert said(response) == ["5 rows are archived."]
    assert response.redirect_chain[-1][0] == desk(), "the group is empty, so the desk is shown"  # type: ignore[attr-defined]
    assert {_state(row_at(number)) for number in range(1, 6)} == {"archived"}
    import_again(spoiled)
    assert {_state(row_at(number)) for number in range(1, 6)} == {"archived"}


def test_trying_again_needs_no_reason_and_says_what_is_still_expected(settler: Client) -> None:
    response = send(settler, desk("group", **MONEY), "retry", [row_at(1).pk])

    assert said(response) == ["Nothing is settled: 1 row cannot land so."]
    assert "found &#x27;25,000&#x27;" in response.content.decode()


def test_tick_all_ticks_and_keeps_what_was_typed(settler: Client) -> None:
    row = row_at(3)

    response = send(settler, desk("group", **MONEY), "tick", [row.pk], text__estimated_value="20000", reason="so far")

    html = response.content.decode()
    assert all(card.is_ticked for card in response.context["cards"])  # type: ignore[attr-defined]
    assert f'id="text:{row.pk}:estimated_value" value="20000"' in html
    assert 'value="so far"' in html
    assert not Settlement.objects.using("default").exists()


def test_a_row_is_fixed_on_its_own_page_other_columns_too(settler: Client, spoiled: Path) -> None:
    post = row_at(16, "linkedin_posts")

    response = send(settler, desk("change", post.pk), "fix", [post.pk], reason="NUL is no text", text__views="77")

    assert said(response)[0].startswith("1 row landed.")
    landed = Post.objects.get(external_post_id=post.key)
    assert (landed.content, landed.views) == ("one\ntwothree\n", 77)
    html = response.content.decode()
    assert "NUL is no text" in html
    assert "holds" in html
    assert import_again(spoiled) == "quarantined"
    assert Post.objects.get(external_post_id=post.key).views == 77


def test_a_row_refused_on_its_own_page_keeps_what_was_typed(settler: Client) -> None:
    row = row_at(6)

    response = send(settler, desk("change", row.pk), "fix", [row.pk], reason="a guess", text__created_at="tomorrow")

    html = response.content.decode()
    assert f'id="text:{row.pk}:created_at" value="tomorrow"' in html
    assert "found &#x27;tomorrow&#x27;" in html
    assert 'value="a guess"' in html


def test_a_large_cell_is_mended_by_a_tick_and_another_without_sending_it(settler: Client, spoiled: Path) -> None:
    text = "0123456789\n" * 200_000
    change(spoiled / PRIMARY, "UPDATE consultation_inquiries SET inquiry_text = ? WHERE rowid = 8", text + "\0end")
    change(spoiled / PRIMARY, "UPDATE consultation_inquiries SET notes = ? WHERE rowid = 1", text)
    import_again(spoiled)
    large, other = row_at(8), row_at(1)

    html = html_of(settler, desk("change", large.pk))
    assert "as suggested: 0123456789\n" in html
    assert "2,200,003 characters" in html
    send(settler, desk("change", large.pk), "fix", [large.pk], reason="no NUL", take__inquiry_text="1")
    send(settler, desk("group", **MONEY), "fix", [other.pk], reason="a comma")

    assert ConsultationInquiry.objects.get(external_inquiry_id=large.key).inquiry_text == text + "end"
    assert ConsultationInquiry.objects.get(external_inquiry_id=other.key).notes == text


def test_what_changes_something_wants_permission_and_a_post(client: Client, spoiled: Path) -> None:
    row = row_at(1)
    fields = {
        "verb": "fix",
        "reason": "why",
        "row": str(row.pk),
        f"seen:{row.pk}": "x",
        f"text:{row.pk}:estimated_value": "1",
    }
    client.force_login(clerk("view_businesscorequarantinedrow"))

    for address in (desk("group", **MONEY), desk("settle", row.pk), desk("withdraw")):
        assert client.post(address, fields).status_code == 403
        assert client.get(address, fields).status_code in {200, 302}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser("root"))
    assert strict.post(desk("settle", row.pk), fields).status_code == 403
    assert _state(row) == "quarantined"
    assert rows("default", "SELECT count(*) FROM settlement") == [(0,)]
