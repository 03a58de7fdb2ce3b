"""What taking changes back does to rows, whoever asks."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import QuerySet

from analytics.models import AttributionTracking, PerformancePrediction
from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest, ABTestVariant
from synapse.change_log.authorship import attribute_changes_to
from synapse.change_log.errors import RevertRefusedError
from synapse.change_log.models import ChangeLogEntry
from synapse.change_log.undoing import preview, revert, transaction_entries, undo_link
from tests.factories import (
    make_ab_test,
    make_inquiry,
    make_post,
    make_prediction,
    make_touchpoint,
    make_variant,
)
from tests.integration.synapse.change_log.history import changes_of, run_sql

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def since(mark: int, alias: str = "default") -> QuerySet[ChangeLogEntry]:
    return ChangeLogEntry.objects.using(alias).filter(pk__gt=mark)


def mark(alias: str = "default") -> int:
    newest = ChangeLogEntry.objects.using(alias).order_by("-pk").first()
    return newest.pk if newest else 0


def whole_row(alias: str, table: str, key: str, value: Any) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t WHERE "{key}" = %s', [value])
        found = cursor.fetchone()
        return found and found[0]


def inquiry_row(inquiry: ConsultationInquiry) -> Any:
    return whole_row("default", "consultation_inquiries", "inquiry_id", inquiry.pk)


def test_changed_columns_go_back_and_the_revert_is_logged_as_its_authors() -> None:
    inquiry = make_inquiry(status="new", estimated_value=Decimal("25000.00"), notes=None)
    before, start = inquiry_row(inquiry), mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="Called.\nTwice")
    entries = since(start)

    with attribute_changes_to("grace"):
        outcome = revert("default", entries.filter(pk__lte=mark()))

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

    outcome = revert("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("qualified", "a")
    assert [(one.column, one.author, one.why) for one in outcome.left] == [("status", "ada", "changed since")]


def test_column_that_is_back_already_is_nothing_to_tell_of() -> None:
    inquiry = make_inquiry(status="new")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    entries = since(start).filter(pk__lte=mark())

    first = revert("default", entries)
    second = revert("default", entries)

    assert (first.total, second.total, second.left) == (1, 0, ())


def test_several_changes_of_a_row_go_back_to_before_the_first() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    start = mark()
    for status in ("contacted", "qualified", "proposal_sent"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status=status)
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(notes="b")

    revert("default", since(start).filter(pk__lte=mark()))

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("new", "a")


def test_added_row_goes() -> None:
    start = mark()
    post = make_post(likes=3)

    outcome = revert("default", since(start).filter(pk__lte=mark()))

    assert outcome.removed == {"posts": 1}
    assert not Post.objects.filter(pk=post.pk).exists()


def test_added_row_that_was_changed_since_stays() -> None:
    start = mark()
    post = make_post(likes=3)
    end = mark()
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=4)

    outcome = revert("default", since(start).filter(pk__lte=end))

    assert Post.objects.get(pk=post.pk).likes == 4
    assert [(one.column, one.author) for one in outcome.left] == [("likes", "ada")]


def test_added_and_changed_row_of_one_transaction_goes() -> None:
    start = mark()
    post = make_post(likes=3)
    Post.objects.filter(pk=post.pk).update(likes=4)

    outcome = revert("default", since(start).filter(pk__lte=mark()))

    assert (outcome.removed, outcome.left) == ({"posts": 1}, ())


def test_added_row_that_others_refer_to_stays() -> None:
    start = mark()
    post = make_post()
    end = mark()
    inquiry = make_inquiry(source_post=post)

    outcome = revert("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert inquiry.source_post_id == post.pk
    assert [(one.table, one.why) for one in outcome.left] == [("posts", "other rows refer to it")]


def test_added_parent_and_its_added_children_go_together() -> None:
    start = mark("revenue")
    test = make_ab_test()
    make_variant(test=test)

    outcome = revert("revenue", since(start, "revenue").filter(pk__lte=mark("revenue")))

    assert outcome.removed == {"ab_tests": 1, "test_variants": 1}
    assert not ABTest.objects.exists()


def test_deleted_row_comes_back_whole() -> None:
    prediction = make_prediction()
    run_sql("analytics", "UPDATE performance_predictions SET key_factors = 'null'")
    before = whole_row("analytics", "performance_predictions", "prediction_id", prediction.pk)
    start = mark("analytics")
    PerformancePrediction.objects.all().delete()

    outcome = revert("analytics", since(start, "analytics").filter(pk__lte=mark("analytics")))

    assert outcome.restored == {"performance_predictions": 1}
    assert whole_row("analytics", "performance_predictions", "prediction_id", prediction.pk) == before


def test_deleted_parent_comes_back_with_its_children_and_references() -> None:
    test = make_ab_test()
    variants = [make_variant(test=test), make_variant(test=test)]
    start = mark("revenue")
    run_sql("revenue", "DELETE FROM ab_tests")
    assert not ABTestVariant.objects.filter(test_id=test.pk).exists()

    outcome = revert("revenue", since(start, "revenue").filter(pk__lte=mark("revenue")))

    assert outcome.restored == {"ab_tests": 1, "test_variants": 2}
    assert set(ABTestVariant.objects.filter(test_id=test.pk)) == set(variants)


def test_deleted_post_is_referred_to_again() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start = mark()
    run_sql("default", "DELETE FROM posts")

    outcome = revert("default", since(start).filter(pk__lte=mark()))

    inquiry.refresh_from_db()
    assert inquiry.source_post_id == post.pk
    assert (outcome.restored, outcome.changed) == ({"posts": 1}, {"consultation_inquiries": 1})


def test_row_deleted_since_is_told() -> None:
    inquiry = make_inquiry(status="new")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    end = mark()
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).delete()

    outcome = revert("default", since(start).filter(pk__lte=end))

    assert [(one.column, one.why, one.author) for one in outcome.left] == [("", "the row was deleted since", "ada")]


def test_deleted_row_whose_unique_value_is_taken_refuses_and_writes_nothing() -> None:
    gone, kept = make_inquiry(external_inquiry_id="same"), make_inquiry(status="new")
    start = mark()
    gone_key = gone.pk
    ConsultationInquiry.objects.filter(pk=gone.pk).delete()
    ConsultationInquiry.objects.filter(pk=kept.pk).update(status="contacted")
    end = mark()
    make_inquiry(external_inquiry_id="same")

    with pytest.raises(RevertRefusedError, match="another consultation inquiry has taken a value") as refused:
        revert("default", since(start).filter(pk__lte=end))

    assert "same" in str(refused.value)
    kept.refresh_from_db()
    assert kept.status == "contacted"
    assert not ConsultationInquiry.objects.filter(pk=gone_key).exists()


def test_reference_to_a_row_that_is_gone_refuses() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(source_post=None)
    end = mark()
    post.delete()

    with pytest.raises(RevertRefusedError, match="points to a row that is not here any more"):
        revert("default", since(start).filter(pk__lte=end))


def test_unique_value_passed_on_within_the_transaction_comes_back() -> None:
    first = make_inquiry(external_inquiry_id="prize")
    second = make_inquiry(external_inquiry_id="other")
    start, key = mark(), first.pk
    ConsultationInquiry.objects.filter(pk=first.pk).delete()
    ConsultationInquiry.objects.filter(pk=second.pk).update(external_inquiry_id="prize")

    revert("default", since(start).filter(pk__lte=mark()))

    held = dict(ConsultationInquiry.objects.values_list("external_inquiry_id", "pk"))
    assert held == {"prize": key, "other": second.pk}


def test_row_that_was_replaced_by_one_of_the_same_unique_value_comes_back() -> None:
    first = make_inquiry(external_inquiry_id="prize")
    start, key = mark(), first.pk
    ConsultationInquiry.objects.filter(pk=first.pk).delete()
    make_inquiry(external_inquiry_id="prize")

    revert("default", since(start).filter(pk__lte=mark()))

    assert list(ConsultationInquiry.objects.values_list("pk", flat=True)) == [key]


def test_imports_changes_are_refused() -> None:
    inquiry = make_inquiry(status="new")
    start = mark()
    with transaction.atomic():
        run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(uuid.uuid4()))
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
        run_sql("default", "SELECT set_config('synapse.import_run', '', true)")

    with pytest.raises(RevertRefusedError, match="import"):
        revert("default", since(start))

    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"


def test_undo_can_be_undone() -> None:
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    after, start = inquiry_row(inquiry), mark()
    with attribute_changes_to("grace"):
        revert("default", since(start - 1).filter(pk__lte=start))

    with attribute_changes_to("hedy"):
        revert("default", since(start).filter(pk__lte=mark()))

    assert inquiry_row(inquiry) == after


def test_preview_tells_the_same_and_writes_nothing() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="b")
    entries = since(start).filter(pk__lte=mark())
    end, now = mark(), inquiry_row(inquiry)

    told = preview("default", entries)

    assert (mark(), inquiry_row(inquiry)) == (end, now)
    assert (told.changed, told.rows[0].back) == ({"consultation_inquiries": 1}, {"status": "new", "notes": "a"})
    assert revert("default", entries).changed == told.changed


def test_odd_values_come_back_exactly() -> None:
    touch = make_touchpoint(metadata={"a": [1, None, "ü\u202e"], "b": 0.1})
    run_sql("analytics", "UPDATE attribution_tracking SET value = 12345678.10 WHERE tracking_id = %s", touch.pk)
    before = whole_row("analytics", "attribution_tracking", "tracking_id", touch.pk)
    start = mark("analytics")
    AttributionTracking.objects.filter(pk=touch.pk).update(metadata=None, value=None, timestamp=None)

    revert("analytics", since(start, "analytics").filter(pk__lte=mark("analytics")))

    assert whole_row("analytics", "attribution_tracking", "tracking_id", touch.pk) == before


def test_link_names_what_the_running_transaction_wrote() -> None:
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"), transaction.atomic():
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
        link = undo_link("default")

    address, entry = link.split("?entry=")
    transaction_id = int(address.rstrip("/").rsplit("/", 1)[1])
    entries = transaction_entries("default", transaction_id, int(entry))
    assert address.startswith("/admin/changes/business-core/")
    assert [(one.row_key, one.author) for one in entries] == [(inquiry.pk, "ada")]


def test_same_number_of_another_server_is_another_unit() -> None:
    inquiry = make_inquiry(status="new")
    for status in ("contacted", "qualified"):
        with attribute_changes_to("ada"):
            ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status=status)
    older, newer = changes_of(inquiry)[-2:]
    ChangeLogEntry.objects.using("default").filter(pk__lte=older.pk).update(changed_at="2020-01-01T00:00:00Z")

    found = transaction_entries("default", newer.transaction_id)

    assert [one.pk for one in found] == [newer.pk]
    assert [one.pk for one in transaction_entries("default", older.transaction_id, older.pk)] == [older.pk]
