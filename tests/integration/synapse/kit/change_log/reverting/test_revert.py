"""What taking changes back does to rows, whoever asks."""

import uuid
from decimal import Decimal

import pytest
from django.db import transaction

from analytics.models import AttributionTracking
from business_core.models import ConsultationInquiry
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.reverting.revert import preview_revert, revert_changes, undo_link
from tests.factories import (
    make_inquiry,
    make_touchpoint,
)
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.logged_rows import changes_of_unit, inquiry_row, mark, since, whole_row

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_changed_columns_go_back_and_the_revert_is_logged_as_its_authors() -> None:
    inquiry = make_inquiry(status="new", estimated_value=Decimal("25000.00"), notes=None)
    before, start = inquiry_row(inquiry), mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="Called.\nTwice")
    entries = since(start)

    with attribute_changes_to("grace"):
        outcome = revert_changes("default", entries.filter(pk__lte=mark()))

    assert inquiry_row(inquiry) == before
    assert (outcome.changed, outcome.left) == ({"consultation_inquiries": 1}, ())
    last = changes_of(inquiry)[-1]
    assert (last.author, last.new) == ("grace", {"status": "new", "notes": None})


def test_column_changed_since_stays_and_tells_by_whom() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="b")
    end = mark()
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("qualified", "a")
    assert [(one.column, one.author, one.why) for one in outcome.left] == [("status", "ada", "changed since")]


def test_column_that_is_back_already_is_nothing_to_tell_of() -> None:
    inquiry = make_inquiry(status="new")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    entries = since(start).filter(pk__lte=mark())

    first = revert_changes("default", entries)
    second = revert_changes("default", entries)

    assert (first.total_rows, second.total_rows, second.left) == (1, 0, ())


def test_several_changes_of_a_row_go_back_to_before_the_first() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    start = mark()
    for status in ("contacted", "qualified", "proposal_sent"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status=status)
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(notes="b")

    revert_changes("default", since(start).filter(pk__lte=mark()))

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("new", "a")


def test_imports_changes_are_refused() -> None:
    inquiry = make_inquiry(status="new")
    start = mark()
    with transaction.atomic():
        run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(uuid.uuid4()))
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
        run_sql("default", "SELECT set_config('synapse.import_run', '', true)")

    with pytest.raises(RevertRefusedError, match="import"):
        revert_changes("default", since(start))

    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"


def test_undo_can_be_undone() -> None:
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    after, start = inquiry_row(inquiry), mark()
    with attribute_changes_to("grace"):
        revert_changes("default", since(start - 1).filter(pk__lte=start))

    with attribute_changes_to("hedy"):
        revert_changes("default", since(start).filter(pk__lte=mark()))

    assert inquiry_row(inquiry) == after


def test_preview_tells_the_same_and_writes_nothing() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="b")
    entries = since(start).filter(pk__lte=mark())
    end, now = mark(), inquiry_row(inquiry)

    told = preview_revert("default", entries)

    assert (mark(), inquiry_row(inquiry)) == (end, now)
    assert (told.changed, told.rows[0].back) == ({"consultation_inquiries": 1}, {"status": "new", "notes": "a"})
    assert revert_changes("default", entries).changed == told.changed


def test_odd_values_come_back_exactly() -> None:
    touch = make_touchpoint(metadata={"a": [1, None, "ü\u202e"], "b": 0.1})
    run_sql("analytics", "UPDATE attribution_tracking SET value = 12345678.10 WHERE tracking_id = %s", touch.pk)
    before = whole_row("analytics", "attribution_tracking", "tracking_id", touch.pk)
    start = mark("analytics")
    AttributionTracking.objects.filter(pk=touch.pk).update(metadata=None, value=None, timestamp=None)

    revert_changes("analytics", since(start, "analytics").filter(pk__lte=mark("analytics")))

    assert whole_row("analytics", "attribution_tracking", "tracking_id", touch.pk) == before


def test_link_names_what_the_running_transaction_wrote() -> None:
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"), transaction.atomic():
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
        link = undo_link("default")

    address, entry = link.split("?entry=")
    transaction_id = int(address.rstrip("/").rsplit("/", 1)[1])
    entries = changes_of_unit("default", transaction_id, int(entry))
    assert address.startswith("/admin/changes/business-core/")
    assert [(one.row_key, one.author) for one in entries] == [(inquiry.pk, "ada")]


def test_same_number_of_another_server_is_another_unit() -> None:
    inquiry = make_inquiry(status="new")
    for status in ("contacted", "qualified"):
        with attribute_changes_to("ada"):
            ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status=status)
    older, newer = changes_of(inquiry)[-2:]
    ChangeLogEntry.objects.using("default").filter(pk__lte=older.pk).update(changed_at="2020-01-01T00:00:00Z")

    found = changes_of_unit("default", newer.transaction_id)

    assert [one.pk for one in found] == [newer.pk]
    assert [one.pk for one in changes_of_unit("default", older.transaction_id, older.pk)] == [older.pk]
