"""Many rows of one reason in one go: previewed, settled step by step, and taken back as they were settled."""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from business_core.models import ConsultationInquiry
from legacy_import.admin.quarantine import groups as subject
from legacy_import.models import ImportRun, LedgerRow, Settlement
from legacy_import.services import archive_quarantined_rows
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.notices.models import Notice
from tests import people
from tests.imports import execute, state
from tests.integration.legacy_import.admin.archive_pages import clerk, html_of
from tests.integration.legacy_import.admin.quarantine_pages import HOSTILE, MONEY, confirm, desk, row_at, said
from tests.integration.synapse.kit.admin.browser_form import submitted

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

GROUP = desk("group", **MONEY)


def preview(client: Client, verb: str = "fix", **fields: str) -> HttpResponse:
    """Ask for all rows of the group of amounts, with the one value NULL."""
    page = submitted(html_of(client, GROUP))
    asked = {"verb": verb, "scope": "all", "reason": "unknown"}
    value = {} if "text:all:estimated_value" in fields else {"null:all:estimated_value": "1"}
    execute("default", "DISCARD TEMP")
    return client.post(GROUP, {**page, **asked, **value, **fields})  # type: ignore[return-value]


def press(client: Client, response: HttpResponse, verb: str = "fix") -> HttpResponse:
    assert 'id="preview_form"' in response.content.decode()
    return confirm(client, GROUP, response, verb)


def states() -> list[str]:
    return [row_at(number).state for number in range(1, 6)]


def small_steps(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Let a step take so many rows."""
    monkeypatch.setattr(subject, "_MARKED_SQL", subject._MARKED_SQL.replace("LIMIT 10001", f"LIMIT {rows + 1}"))
    for module in ("groups", "actions"):
        monkeypatch.setattr(f"legacy_import.admin.quarantine.{module}.MAX_ROWS_AT_ONCE", rows)


def test_a_preview_says_what_would_become_of_the_rows_and_changes_nothing(
    settler: Client, caplog: pytest.LogCaptureFixture
) -> None:
    before, runs, notices = state("default"), ImportRun.objects.count(), Notice.objects.values_list("title", "times")
    told = list(notices)

    html = preview(settler).content.decode()

    assert "4 rows would land, 1 would still wait." in html
    assert "all 5" in html
    assert "is read as <code>NULL</code>" in html
    assert "<dt>New</dt><dd>4 rows</dd>" in html
    assert '<dt>Why</dt><dd class="cell-text">unknown</dd>' in html
    assert "1 row: column created_at: expected a date and time such as" in html
    assert "Fix and replay 4 rows" in html
    assert state("default") == before
    assert not Settlement.objects.using("default").exists()
    assert ImportRun.objects.count() == runs
    assert list(notices.all()) == told
    assert "quarantine.settled" not in caplog.text


def test_a_confirmed_preview_is_carried_out(settler: Client) -> None:
    response = press(settler, preview(settler))

    assert said(response)[0].startswith("4 rows landed, 1 still waits.")
    assert states() == ["live", "live", "live", "quarantined", "live"]
    assert ConsultationInquiry.objects.filter(estimated_value=None).count() == 4


def test_going_back_changes_nothing_and_keeps_what_was_typed(settler: Client) -> None:
    shown = preview(settler, **{"text:all:estimated_value": "7"})

    html = press(settler, shown, "back").content.decode()

    assert set(states()) == {"quarantined"}
    assert 'id="text:all:estimated_value" value="7"' in html
    assert 'value="unknown"' in html
    assert 'name="scope" value="all" checked' in html


@pytest.mark.parametrize(
    ("verb", "words"), [("archive", "5 rows would be archived."), ("retry", "0 rows would land, 5 would still wait.")]
)
def test_every_verb_is_previewed(settler: Client, verb: str, words: str) -> None:
    html = preview(settler, verb).content.decode()

    assert words in html
    assert ('value="archive" class="default"' in html) == (verb == "archive")
    assert set(states()) == {"quarantined"}


def test_a_row_settled_between_preview_and_confirmation_stops_it(settler: Client) -> None:
    shown = preview(settler)
    execute("default", "DISCARD TEMP")
    archive_quarantined_rows("default", [row_at(2).pk], reason="spam", author="ada")

    response = press(settler, shown)

    assert said(response)[0] == "The group has 4 rows now, no longer 5: look at it again."
    assert states() == ["quarantined", "archived", "quarantined", "quarantined", "quarantined"]


def test_a_preview_without_a_reason_or_a_value_is_refused_in_a_sentence(settler: Client) -> None:
    assert "say why" in said(preview(settler, reason=" "))[0]
    assert said(preview(settler, **{"text:all:estimated_value": ""})) == [
        "Type the one value that all rows of the group are to be read as, or tick what it is."
    ]


def test_a_preview_wants_permission(client: Client, spoiled: Path) -> None:
    client.force_login(clerk("view_businesscorequarantinedrow"))

    assert preview(client).status_code == 403


def test_hostile_words_are_shown_harmlessly(settler: Client) -> None:
    html = preview(settler, "archive", reason=HOSTILE).content.decode()

    shown = html.partition('id="preview_form"')[0]
    assert "<script>alert" not in html
    assert not set("\x1b\u202e") & set(shown)


def test_a_group_beyond_one_step_is_settled_step_by_step(settler: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch, 2)
    shown = preview(settler)
    assert "the first 2 of 5; the others wait for the next step" in shown.content.decode()

    first = press(settler, shown)

    assert said(first)[-1] == "3 rows of the group still wait: preview the next step."
    assert states() == ["live", "live", "quarantined", "quarantined", "quarantined"]
    # What was typed is there for the next step, which begins with the rows that no other reason keeps.
    again = {**submitted(first.content.decode()), "scope": "all", "null:all:estimated_value": "1", "verb": "fix"}
    execute("default", "DISCARD TEMP")
    second = press(settler, settler.post(GROUP, again))  # type: ignore[arg-type]
    assert said(second)[-1] == "1 row of the group still wait: preview the next step."
    assert states() == ["live", "live", "live", "quarantined", "live"]
    assert Settlement.objects.using("default").values("settled_at").distinct().count() == 2


@pytest.mark.parametrize(("rows", "taken"), [(5, "all 5"), (4, "the first 4 of 5")])
def test_a_group_of_exactly_one_step_is_taken_whole(
    settler: Client, monkeypatch: pytest.MonkeyPatch, rows: int, taken: str
) -> None:
    small_steps(monkeypatch, rows)

    assert taken in preview(settler, "archive").content.decode()


def test_a_large_group_that_changed_since_it_was_shown_is_not_settled(
    settler: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_steps(monkeypatch, 2)
    shown = preview(settler, "archive")
    execute("default", "DISCARD TEMP")
    archive_quarantined_rows("default", [row_at(1).pk], reason="spam", author="ada")

    response = press(settler, shown, "archive")

    assert "so none is settled: look at them again" in said(response)[0]
    assert states()[1:] == ["quarantined"] * 4


def test_a_step_is_one_line_of_the_decisions_and_is_withdrawn_at_once(settler: Client) -> None:
    before = state("default")
    press(settler, preview(settler))
    settled = html_of(settler, desk("settled"))
    assert "and 3 more in the same step" in settled
    assert "Withdraw all 4" in settled
    (line,) = settler.get(desk("settled")).context["decisions"]
    step = html_of(settler, desk("settled", step=str(line.id)))
    assert "4 decisions of one step, 4 not withdrawn." in step
    assert step.count('data-label="Decision"') == 4

    execute("default", "DISCARD TEMP")
    response = settler.post(desk("withdraw"), {"step": str(line.id)}, follow=True)

    assert said(response) == [  # type: ignore[arg-type]
        "4 decisions are withdrawn. Unless their files say otherwise by now, the rows wait again."
    ]
    assert set(states()) == {"quarantined"}
    assert state("default") == before
    assert "Withdraw all" not in html_of(settler, desk("settled"))
    assert said(settler.post(desk("withdraw"), {"step": str(line.id)}, follow=True)) == [  # type: ignore[arg-type]
        "Nothing of this step holds any more."
    ]


@pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)
def test_rows_that_people_changed_since_keep_their_decision_and_the_others_go_back(settler: Client) -> None:
    press(settler, preview(settler))
    edited = row_at(2)
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(external_inquiry_id=edited.key).update(notes="called")
    (line,) = settler.get(desk("settled")).context["decisions"]

    execute("default", "DISCARD TEMP")
    response = settler.post(desk("withdraw"), {"step": str(line.id)}, follow=True)

    messages = said(response)  # type: ignore[arg-type]
    assert messages[0].startswith("1 decision stays, changed here since: consultation_inquiries ")
    assert "(by sofia)" in messages[0]
    assert messages[1].startswith("3 decisions are withdrawn.")
    assert states() == ["quarantined", "live", "quarantined", "quarantined", "quarantined"]
    assert ConsultationInquiry.objects.get(external_inquiry_id=edited.key).notes == "called"


def test_one_decision_of_a_step_is_withdrawn_alone_and_the_rest_with_the_step(settler: Client) -> None:
    press(settler, preview(settler, "archive"), "archive")
    one = Settlement.objects.using("default").get(ledger_id=row_at(1).pk)
    execute("default", "DISCARD TEMP")
    settler.post(desk("withdraw"), {"decision": str(one.pk)})
    assert states() == ["quarantined", *["archived"] * 4]

    execute("default", "DISCARD TEMP")
    settler.post(desk("withdraw"), {"step": str(one.pk)})

    assert set(states()) == {"quarantined"}


def test_withdrawing_a_step_wants_permission(settler: Client) -> None:
    press(settler, preview(settler, "archive"), "archive")
    one = Settlement.objects.using("default").earliest("key")
    settler.force_login(people.clerk("view_businesscorequarantinedrow", name="reader"))

    assert settler.post(desk("withdraw"), {"step": str(one.pk)}).status_code == 403

    assert LedgerRow.objects.using("default").filter(state="archived").count() == 5


@pytest.mark.parametrize("step", ["", "no-key", "00000000-0000-0000-0000-000000000000"])
def test_a_step_that_does_not_exist_is_no_error(settler: Client, step: str) -> None:
    assert settler.get(desk("settled", step=step)).status_code == 200
    assert settler.post(desk("withdraw"), {"step": step}).status_code == 302
