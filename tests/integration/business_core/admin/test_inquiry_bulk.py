"""Changing many inquiries at once: asked for, named, done in one transaction, undone as a whole."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from business_core.models import ConsultationInquiry
from business_core.services.inquiries import (
    change_status,
    finish_next_action,
    postpone_next_action,
    set_next_action,
)
from tests.factories import make_inquiry
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

LIST = reverse("admin:business_core_consultationinquiry_changelist")
NOW = datetime(2025, 9, 10, 8, tzinfo=UTC)
_inquiries = ConsultationInquiry.objects


def _post(client: Client, action: str, chosen: list[ConsultationInquiry], **more: Any) -> Any:
    keys = [str(row.pk) for row in chosen]
    return client.post(LIST, {"action": action, "_selected_action": keys, "index": "0", "select_across": "0"} | more)


def _confirm(client: Client, page: Any, action: str, chosen: list[ConsultationInquiry], **more: Any) -> Any:
    """Send what the page that asked carries, with what was typed."""
    shown = page.context
    sent = {"apply": "1", "rows": shown["count"], "seen": shown["seen"], "named": shown["carried"]}
    return _post(client, action, chosen, **sent | more)


def _apply(client: Client, action: str, chosen: list[ConsultationInquiry], **more: Any) -> Any:
    return _confirm(client, _post(client, action, chosen), action, chosen, **more)


def _statuses() -> dict[str, str | None]:
    return dict(_inquiries.values_list("contact_name", "status"))


def _four() -> list[ConsultationInquiry]:
    statuses = {"A": "new", "B": "contacted", "C": "closed_won", "D": None}
    return [make_inquiry(contact_name=name, status=status) for name, status in statuses.items()]


def test_status_is_asked_for_before_anything_changes(admin_client: Client) -> None:
    rows = _four()

    page = _post(admin_client, "set_status", rows)

    assert "<strong>3 inquiries</strong> will be changed; 1 is closed and stay" in page.content.decode().replace(
        "\n", ""
    )
    assert all(len(changes_of(row)) == 1 for row in rows)


def test_status_is_set_of_the_open_ones_that_differ_in_one_transaction(admin_client: Client) -> None:
    rows = _four()

    response = _apply(admin_client, "set_status", rows, status="contacted")

    assert response.status_code == 302
    assert _statuses() == {"A": "contacted", "B": "contacted", "C": "closed_won", "D": "contacted"}
    assert [len(changes_of(row)) for row in rows] == [2, 1, 1, 2]
    written = [changes_of(row)[-1] for row in (rows[0], rows[3])]
    assert {(entry.author, entry.transaction_id) for entry in written} == {("admin", written[0].transaction_id)}
    assert set(written[0].new or {}) == {"status", "updated_at"}


def test_message_leads_to_the_undo(admin_client: Client) -> None:
    rows = _four()
    _apply(admin_client, "set_status", rows, status="contacted")
    html = admin_client.get(LIST).content.decode()

    assert "2 inquiries changed, set to Contacted." in html
    link = html.partition("set to Contacted.")[2].partition('href="')[2].partition('"')[0]
    assert admin_client.get(link).status_code == 200


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({"status": "closed_lost"}, ["was 3, it is 2 now", "No longer among them: A: Closed: lost."]),
        ({"status": "qualified"}, ["Changed: A: Qualified."]),
        ({"next_action": "Call\u202e"}, ["Changed: A: New; next: Call"]),
        ({"next_action_due_date": date(2025, 9, 12)}, ["Changed: A: New; due 12 Sep 2025."]),
    ],
)
def test_rows_that_moved_since_they_were_named_are_shown_again(
    admin_client: Client, theirs: dict[str, Any], told: list[str]
) -> None:
    rows = _four()
    asking = _post(admin_client, "set_status", rows)
    _inquiries.filter(pk=rows[0].pk).update(**theirs)

    page = _confirm(admin_client, asking, "set_status", rows, status="discovery_scheduled")

    shown = page.content.decode()
    assert "Nothing was changed." in shown
    assert all(words in shown for words in told)
    assert "\u202e" not in shown
    assert "discovery_scheduled" not in _statuses().values()
    assert _confirm(admin_client, page, "set_status", rows, status="discovery_scheduled").status_code == 302


def test_a_swap_beyond_the_named_rows_is_noticed(admin_client: Client) -> None:
    rows = [make_inquiry(contact_name=f"N{number:02}") for number in range(12)]
    asking = _post(admin_client, "set_status", rows)
    _inquiries.filter(contact_name="N11").update(status="qualified")

    page = _confirm(admin_client, asking, "set_status", rows, status="contacted").content.decode()

    assert "The change is in inquiries that weren't named" in page


def test_a_confirmation_of_nothing_seen_is_none(admin_client: Client) -> None:
    page = _post(admin_client, "set_status", _four(), apply="1", rows="3", status="contacted")

    assert "Nothing was changed." in page.content.decode()


def test_missing_choice_changes_nothing_and_says_so(admin_client: Client) -> None:
    page = _apply(admin_client, "set_status", _four(), status="")

    assert "This field is required" in page.content.decode()
    assert _statuses()["A"] == "new"


def test_whole_filtered_list_is_changed_beyond_the_first_page(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    rows = [make_inquiry(contact_name=f"N{number}", company="ACME") for number in range(60)]
    other = make_inquiry(contact_name="Other")
    asked = {"action": "set_status", "_selected_action": [str(rows[0].pk)], "index": "0", "select_across": "1"}

    page = admin_client.post(f"{LIST}?q=ACME", asked)
    with django_assert_max_num_queries(20):
        admin_client.post(f"{LIST}?q=ACME", asked | {"apply": "1", "seen": page.context["seen"], "status": "contacted"})

    assert "and 50 more" in page.content.decode()
    assert _inquiries.filter(status="contacted").count() == 60
    assert len(changes_of(other)) == 1


def test_next_action_is_set_with_its_date_and_marked_done(admin_client: Client) -> None:
    rows = _four()

    _apply(admin_client, "set_next_action", rows, next_action="Call", due_date="2025-09-12")
    planned = _inquiries.filter(next_action="Call", next_action_due_date=date(2025, 9, 12))
    assert {inquiry.contact_name for inquiry in planned} == {"A", "B", "D"}

    _apply(admin_client, "finish_next_action", rows)
    assert not _inquiries.with_next_action().exists()


@pytest.mark.parametrize("action", ["set_status", "set_next_action", "finish_next_action"])
def test_who_may_only_view_may_not_change(client: Client, action: str) -> None:
    rows = _four()
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_consultationinquiry"))
    client.force_login(clerk)

    _post(client, action, rows, apply="1", rows="3", status="contacted", next_action="x")

    assert all(len(changes_of(row)) == 1 for row in rows)


def test_hostile_names_are_harmless_where_rows_are_named(admin_client: Client) -> None:
    rows = [make_inquiry(contact_name="<script>x</script>\u202e", next_action="<b>")]

    html = _post(admin_client, "set_status", rows).content.decode()

    assert "<script>x" not in html
    assert "\u202e" not in html


def test_verbs_stamp_the_rows_and_count_only_what_differs() -> None:
    make_inquiry(status="new", next_action="Call", next_action_due_date=date(2025, 9, 1))

    assert change_status(inquiries=_inquiries.all(), status="qualified", now=NOW).changed == 1
    assert change_status(inquiries=_inquiries.all(), status="qualified", now=NOW).undo == ""
    assert postpone_next_action(inquiries=_inquiries.all(), due_date=date(2025, 9, 20), now=NOW).changed == 1
    again = set_next_action(inquiries=_inquiries.all(), next_action="Call", due_date=date(2025, 9, 20), now=NOW)
    assert again.changed == 0
    assert finish_next_action(inquiries=_inquiries.all(), now=NOW).changed == 1
    inquiry = _inquiries.get()
    assert (inquiry.updated_at, inquiry.next_action, inquiry.next_action_due_date) == (NOW, None, None)


def test_closed_inquiries_stay_closed_and_unplanned_but_can_be_finished() -> None:
    make_inquiry(status="closed_won", next_action="Thank them")

    assert change_status(inquiries=_inquiries.all(), status="new", now=NOW).changed == 0
    assert postpone_next_action(inquiries=_inquiries.all(), due_date=date(2025, 9, 20), now=NOW).changed == 0
    assert set_next_action(inquiries=_inquiries.all(), next_action="x", due_date=None, now=timezone.now()).changed == 0
    assert finish_next_action(inquiries=_inquiries.all(), now=timezone.now()).changed == 1
