"""The list of inquiries: what it says, how it narrows, and the status changed in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from business_core.models import ConsultationInquiry
from tests.factories import make_inquiry
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

LIST = reverse("admin:business_core_consultationinquiry_changelist")
_LAST = datetime(9999, 12, 31, 23, tzinfo=UTC)


def _found(client: Client, **query: Any) -> set[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200, response["Location"]
    return {inquiry.contact_name for inquiry in response.context["cl"].result_list}


def test_lateness_is_said_in_words_and_only_of_open_ones(admin_client: Client) -> None:
    today = timezone.localdate()
    for name, status, days in (("Late", "new", 3), ("Today", None, 0), ("Won", "closed_won", 5), ("Later", "new", -2)):
        make_inquiry(contact_name=name, status=status, next_action_due_date=today - timedelta(days))

    html = admin_client.get(LIST).content.decode()

    assert html.count("overdue by 3 days") == 1
    assert html.count("due today") == 1
    assert "overdue by 5 days" not in html


def test_days_in_stage_start_anew_with_the_status(admin_client: Client) -> None:
    make_inquiry(created_at=timezone.now() - timedelta(days=12))
    assert "12 days" in admin_client.get(LIST).content.decode()

    ConsultationInquiry.objects.update(status="contacted")

    html = admin_client.get(LIST).content.decode()
    assert "0 days" in html
    assert "12 days" not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"due": "overdue"}, {"late"}),
        ({"due": "today"}, {"today"}),
        ({"due": "week"}, {"today", "soon"}),
        ({"due": "none"}, {"idle"}),
        ({"open": "yes"}, {"late", "today", "soon", "idle"}),
        ({"open": "no"}, {"won"}),
        ({"estimated_value_from": "100"}, {"late", "today"}),
        ({"estimated_value_from": "50.5", "estimated_value_to": "100"}, {"late", "soon"}),
        ({"status__exact": "closed_won"}, {"won"}),
        ({"inquiry_channel": "email"}, {"idle"}),
        ({"data_source": "(other)"}, {"late", "today", "soon", "won"}),
        ({"q": "velocity"}, {"idle"}),
        ({"q": "ACME"}, {"won"}),
    ],
)
def test_filters_and_search_narrow(admin_client: Client, query: dict[str, str], found: set[str]) -> None:
    today = timezone.localdate()
    make_inquiry(contact_name="late", next_action_due_date=today - timedelta(1), estimated_value=100)
    make_inquiry(contact_name="today", next_action_due_date=today, estimated_value=Decimal("100.01"))
    make_inquiry(contact_name="soon", next_action_due_date=today + timedelta(7), estimated_value=Decimal("50.50"))
    idle = {"inquiry_text": "team velocity", "inquiry_channel": "email", "data_source": "week3"}
    make_inquiry(contact_name="idle", **idle)
    make_inquiry(contact_name="won", company="ACME", status="closed_won", next_action_due_date=today - timedelta(1))

    assert _found(admin_client, **query) == found


def test_last_day_of_a_range_ends_at_midnight_here(admin_client: Client) -> None:
    for name, moment in (
        ("before", datetime(2025, 8, 18, 20, 59, 59, tzinfo=UTC)),
        ("first", datetime(2025, 8, 18, 21, tzinfo=UTC)),
        ("last", datetime(2025, 8, 19, 20, 59, 59, 999999, tzinfo=UTC)),
        ("after", datetime(2025, 8, 19, 21, tzinfo=UTC)),
    ):
        make_inquiry(contact_name=name, created_at=moment)

    assert _found(admin_client, created_at_from="2025-08-19", created_at_to="2025-08-19") == {"first", "last"}


@pytest.mark.parametrize("query", [{"created_at_from": "someday"}, {"estimated_value_to": "much"}])
def test_unreadable_range_is_refused_not_ignored(admin_client: Client, query: dict[str, str]) -> None:
    response = admin_client.get(LIST, query)

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?e=1")


def test_status_in_the_list_is_saved_alone_and_odd_ones_stay(admin_client: Client) -> None:
    odd, plain = make_inquiry(status="on holiday", notes=" kept "), make_inquiry(contact_name="Eve")
    fields = submitted(admin_client.get(LIST).content.decode())
    place = next(n for n, value in fields.items() if n.endswith("inquiry_id") and value == str(plain.pk)).removesuffix(
        "inquiry_id"
    )

    response = admin_client.post(LIST, fields | {f"{place}status": "qualified", "_save": "Save"})

    assert response.status_code == 302, response.context["cl"].formset.errors
    assert len(changes_of(odd)) == 1
    change = changes_of(plain)[-1]
    assert change.new is not None
    assert (change.author, change.new["status"], set(change.new)) == ("admin", "qualified", {"status", "updated_at"})


def test_hostile_texts_are_shown_harmless(admin_client: Client) -> None:
    make_inquiry(contact_name="<script>x</script>", company="\u202eevil", next_action="<b>\x07", inquiry_type="<i>")

    html = admin_client.get(LIST).content.decode()

    assert "<script>x" not in html
    assert "\u202e" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_list_asks_as_often_for_100_rows_as_for_10(admin_client: Client) -> None:
    for _ in range(10):
        make_inquiry(next_action="Call", next_action_due_date=timezone.localdate())
    few = _queries(admin_client)
    for _ in range(90):
        make_inquiry(next_action="Call", next_action_due_date=timezone.localdate())

    assert _queries(admin_client) == few


def test_who_may_only_view_sees_no_verbs(client: Client) -> None:
    make_inquiry()
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_consultationinquiry"))
    client.force_login(clerk)

    response = client.get(LIST)

    assert response.context["cl"].formset is None
    assert "set_status" not in response.content.decode()
    assert client.post(LIST, {"_save": "Save"}).status_code == 403


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(LIST, {"all": ""}).status_code == 200
    return len(captured)


def test_an_inquiry_of_the_last_moment_of_all_breaks_no_list(admin_client: Client) -> None:
    make_inquiry(created_at=_LAST, status="contacted")
    make_inquiry(created_at=_LAST, status="new")

    for address in (LIST, reverse("admin:index"), reverse("dashboard-business-core")):
        assert admin_client.get(address).status_code == 200, address
