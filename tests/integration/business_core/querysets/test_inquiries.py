"""The questions a working day asks of the inquiries."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from business_core.models import ConsultationInquiry, InquiryStatus
from business_core.querysets.inquiries import DistinctInquiries, InquiryQuerySet
from tests.factories import make_inquiry
from tests.imports import run_import
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

TODAY = date(2025, 9, 10)
_CREATED = datetime(2025, 8, 19, 17, 0, tzinfo=UTC)
_inquiries = ConsultationInquiry.objects


def _names(found: InquiryQuerySet) -> set[str]:
    return {inquiry.contact_name for inquiry in found}


def _stage_since() -> object:
    return vars(_inquiries.with_stage_since().get())["stage_since"]


def test_open_are_all_but_the_closed_also_odd_ones_and_none() -> None:
    for status in (*InquiryStatus.values, "on holiday", "", None):
        make_inquiry(contact_name=str(status), status=status)

    open_ones = {"new", "contacted", "qualified", "discovery_scheduled", "proposal_sent", "on holiday", "", "None"}
    assert _names(_inquiries.open()) == open_ones


def test_overdue_and_due_split_at_the_day_and_leave_out_the_closed() -> None:
    for days in (-1, 0, 1, 7, 8):
        make_inquiry(contact_name=str(days), next_action_due_date=TODAY + timedelta(days))
    make_inquiry(contact_name="closed", status="closed_won", next_action_due_date=TODAY - timedelta(1))
    make_inquiry(contact_name="undated")

    assert _names(_inquiries.overdue(TODAY)) == {"-1"}
    assert _names(_inquiries.due_between(TODAY)) == {"0"}
    assert _names(_inquiries.due_between(TODAY, TODAY + timedelta(7))) == {"0", "1", "7"}


def test_without_next_action_are_open_and_neither_said_nor_dated() -> None:
    make_inquiry(contact_name="nothing")
    make_inquiry(contact_name="empty", next_action="")
    make_inquiry(contact_name="said", next_action="Call")
    make_inquiry(contact_name="dated", next_action_due_date=TODAY)
    make_inquiry(contact_name="closed", status="closed_lost")

    assert _names(_inquiries.without_next_action()) == {"nothing", "empty"}


def test_stage_since_is_the_creation_until_the_status_changes() -> None:
    inquiry = make_inquiry(created_at=_CREATED)
    assert _stage_since() == _CREATED

    _inquiries.update(status="contacted")
    _inquiries.update(notes="Later, and another column")

    status_change = changes_of(inquiry)[1]
    assert status_change.new == {"status": "contacted"}
    assert _stage_since() == status_change.changed_at


def test_stage_since_asks_the_rows_own_table_by_its_index() -> None:
    make_inquiry()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = _inquiries.with_stage_since().explain()

    assert "using change_log_" in plan
    assert "row_key = " in plan


def test_look_alikes_share_person_company_and_message() -> None:
    wanted = make_inquiry(contact_name="Ada", company="ACME", inquiry_text="Help")
    make_inquiry(contact_name=" ada ", company="Acme", inquiry_text="Help", notes="twin")
    make_inquiry(contact_name="Ada", company=None, inquiry_text="Help")
    make_inquiry(contact_name="Ada", company="ACME", inquiry_text="Something else")
    make_inquiry(contact_name="Eve", company="ACME", inquiry_text="Help")

    assert [inquiry.notes for inquiry in _inquiries.look_alikes_of(wanted)] == ["twin"]


@pytest.mark.parametrize("name", ["", " \t", "Unknown", " unknown "])
def test_nobody_is_like_one_who_left_no_name(name: str) -> None:
    nameless = [make_inquiry(contact_name=name, company=None) for _ in range(2)]

    assert not _inquiries.look_alikes_of(nameless[0]).exists()


def test_one_whose_name_only_begins_like_none_is_looked_up() -> None:
    named = [make_inquiry(contact_name="Unknown Pleasures", company=None) for _ in range(2)]

    assert _inquiries.look_alikes_of(named[0]).get() == named[1]


def test_net_counts_look_alikes_once_and_nameless_ones_singly() -> None:
    nameless = [("", 5), ("", 5), (" \t", 5), ("Unknown", 5), ("unknown", 5)]
    for name, value in (("Ada", 10), (" ada", 30), ("Eve", None), *nameless):
        make_inquiry(contact_name=name, estimated_value=value)

    assert _inquiries.count_distinct_inquiries() == DistinctInquiries(number=7, value=Decimal(55))


@pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])
def test_real_inquiries_are_five_distinct_ones(real_legacy_dir: Path) -> None:
    for source in ("primary", "duplicate", "week3"):
        run_import(source, real_legacy_dir)

    assert _inquiries.count() == 18
    assert _inquiries.count_distinct_inquiries() == DistinctInquiries(number=5, value=Decimal(160_000))
