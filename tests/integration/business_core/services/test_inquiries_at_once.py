"""Two people at the same inquiries: a verb waits for the other's edit, and judges the rows as they are then."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from business_core.models import ConsultationInquiry
from business_core.querysets.inquiries import InquiryQuerySet
from business_core.services.inquiries import (
    BulkChange,
    change_status,
    finish_next_action,
    postpone_next_action,
    set_next_action,
)
from tests.factories import make_inquiry

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])

NOW = datetime(2025, 9, 10, 8, tzinfo=UTC)
DAY = date(2025, 9, 12)
_inquiries = ConsultationInquiry.objects

Verb = Callable[[InquiryQuerySet], BulkChange]
VERBS: dict[str, Verb] = {
    "status": lambda rows: change_status(inquiries=rows, status="contacted", now=NOW),
    "action": lambda rows: set_next_action(inquiries=rows, next_action="Write", due_date=DAY, now=NOW),
    "later": lambda rows: postpone_next_action(inquiries=rows, due_date=DAY, now=NOW),
}


def _in_a_thread(verb: Verb, rows: InquiryQuerySet) -> BulkChange:
    try:
        return verb(rows)
    finally:
        connection.close()


def _meet(edit: dict[str, object], verb: Verb, rows: InquiryQuerySet) -> BulkChange:
    """Run the verb while somebody's edit isn't committed, then commit it."""
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            _inquiries.update(**edit)
            waiting = other.submit(_in_a_thread, verb, rows)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        return waiting.result(timeout=10)


@pytest.mark.parametrize("name", list(VERBS))
def test_an_inquiry_closed_meanwhile_stays_as_it_is(name: str) -> None:
    make_inquiry(status="new", next_action="Call")

    change = _meet({"status": "closed_won"}, VERBS[name], _inquiries.all())

    inquiry = _inquiries.get()
    assert (change.changed, change.undo) == (0, "")
    assert (inquiry.status, inquiry.next_action, inquiry.next_action_due_date) == ("closed_won", "Call", None)


def test_an_inquiry_that_left_the_asked_for_list_meanwhile_stays_as_it_is() -> None:
    make_inquiry(status="new", company="ACME")

    change = _meet({"company": "Other"}, VERBS["status"], _inquiries.filter(company="ACME"))

    assert (change.changed, _inquiries.get().status) == (0, "new")


def test_an_action_planned_anew_meanwhile_is_not_finished() -> None:
    make_inquiry(next_action="Call")
    seen = _inquiries.filter(next_action="Call")

    change = _meet({"next_action": "Write"}, lambda rows: finish_next_action(inquiries=rows, now=NOW), seen)

    assert (change.changed, _inquiries.get().next_action) == (0, "Write")


def test_an_edit_of_another_column_doesn_t_stop_the_verb() -> None:
    make_inquiry(status="new")

    change = _meet({"notes": "Called"}, VERBS["status"], _inquiries.all())

    inquiry = _inquiries.get()
    assert (change.changed, inquiry.status, inquiry.notes) == (1, "contacted", "Called")
