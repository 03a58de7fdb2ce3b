"""What taking back does to rows that were added or deleted, and to the references between them."""

import pytest

from analytics.models import PerformancePrediction
from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.reverting.revert import preview_revert, revert_changes
from tests.factories import (
    make_ab_test,
    make_inquiry,
    make_post,
    make_prediction,
    make_variant,
)
from tests.integration.synapse.kit.change_log.history import run_sql
from tests.integration.synapse.kit.change_log.logged_rows import mark, since, whole_row

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_added_row_goes() -> None:
    start = mark()
    post = make_post(likes=3)

    outcome = revert_changes("default", since(start).filter(pk__lte=mark()))

    assert outcome.removed == {"posts": 1}
    assert not Post.objects.filter(pk=post.pk).exists()


def test_added_row_that_was_changed_since_stays() -> None:
    start = mark()
    post = make_post(likes=3)
    end = mark()
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=4)

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    assert Post.objects.get(pk=post.pk).likes == 4
    assert [(one.column, one.author) for one in outcome.left] == [("likes", "ada")]


def test_added_and_changed_row_of_one_transaction_goes() -> None:
    start = mark()
    post = make_post(likes=3)
    Post.objects.filter(pk=post.pk).update(likes=4)

    outcome = revert_changes("default", since(start).filter(pk__lte=mark()))

    assert (outcome.removed, outcome.left) == ({"posts": 1}, ())


def test_added_row_that_others_refer_to_stays() -> None:
    start = mark()
    post = make_post()
    end = mark()
    inquiry = make_inquiry(source_post=post)

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert inquiry.source_post_id == post.pk
    assert [(one.table, one.why) for one in outcome.left] == [("posts", "other rows refer to it")]


def test_added_parent_and_its_added_children_go_together() -> None:
    start = mark("revenue")
    test = make_ab_test()
    make_variant(test=test)

    outcome = revert_changes("revenue", since(start, "revenue").filter(pk__lte=mark("revenue")))

    assert outcome.removed == {"ab_tests": 1, "test_variants": 1}
    assert not ABTest.objects.exists()


def test_row_that_was_moved_to_an_added_parent_goes_back_before_that_one_goes() -> None:
    variant = make_variant()
    first = variant.test_id
    start = mark("revenue")
    ABTestVariant.objects.filter(pk=variant.pk).update(test=make_ab_test())

    outcome = revert_changes("revenue", since(start, "revenue").filter(pk__lte=mark("revenue")))

    variant.refresh_from_db()
    assert variant.test_id == first
    assert (outcome.changed, outcome.removed) == ({"test_variants": 1}, {"ab_tests": 1})


def test_deleted_row_comes_back_whole() -> None:
    prediction = make_prediction()
    run_sql("analytics", "UPDATE performance_predictions SET key_factors = 'null'")
    before = whole_row("analytics", "performance_predictions", "prediction_id", prediction.pk)
    start = mark("analytics")
    PerformancePrediction.objects.all().delete()

    outcome = revert_changes("analytics", since(start, "analytics").filter(pk__lte=mark("analytics")))

    assert outcome.restored == {"performance_predictions": 1}
    assert whole_row("analytics", "performance_predictions", "prediction_id", prediction.pk) == before


def test_deleted_parent_comes_back_with_its_children_and_references() -> None:
    test = make_ab_test()
    variants = [make_variant(test=test), make_variant(test=test)]
    start = mark("revenue")
    run_sql("revenue", "DELETE FROM ab_tests")
    assert not ABTestVariant.objects.filter(test_id=test.pk).exists()

    outcome = revert_changes("revenue", since(start, "revenue").filter(pk__lte=mark("revenue")))

    assert outcome.restored == {"ab_tests": 1, "test_variants": 2}
    assert set(ABTestVariant.objects.filter(test_id=test.pk)) == set(variants)


def test_deleted_post_is_referred_to_again() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start = mark()
    run_sql("default", "DELETE FROM posts")

    outcome = revert_changes("default", since(start).filter(pk__lte=mark()))

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

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    assert [(one.column, one.why, one.author) for one in outcome.left] == [("", "the row was deleted since", "ada")]


def test_deleted_row_whose_unique_value_is_taken_refuses_and_writes_nothing() -> None:
    gone, kept = make_inquiry(external_inquiry_id="same"), make_inquiry(status="new")
    start = mark()
    gone_key = gone.pk
    ConsultationInquiry.objects.filter(pk=gone.pk).delete()
    ConsultationInquiry.objects.filter(pk=kept.pk).update(status="contacted")
    end = mark()
    make_inquiry(external_inquiry_id="same")

    with pytest.raises(RevertRefusedError, match="another inquiry has taken a value") as refused:
        revert_changes("default", since(start).filter(pk__lte=end))

    assert "same" in str(refused.value)
    kept.refresh_from_db()
    assert kept.status == "contacted"
    assert not ConsultationInquiry.objects.filter(pk=gone_key).exists()


def test_reference_to_a_row_that_is_gone_stays_and_all_else_goes_back() -> None:
    gone, kept = make_post(), make_post()
    of_gone = make_inquiry(source_post=gone, notes="old")
    of_kept = make_inquiry(source_post=kept, notes="old")
    start = mark()
    ConsultationInquiry.objects.update(source_post=None, notes="new")
    end = mark()
    gone.delete()

    weighed = preview_revert("default", since(start).filter(pk__lte=end))
    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    of_gone.refresh_from_db()
    of_kept.refresh_from_db()
    assert (of_gone.source_post_id, of_gone.notes) == (None, "old")
    assert (of_kept.source_post_id, of_kept.notes) == (kept.pk, "old")
    assert [(one.key, one.column) for one in outcome.left] == [(of_gone.pk, "source_post_id")]
    assert "restore that one first" in outcome.left[0].why
    assert (weighed.changed, weighed.left) == (outcome.changed, outcome.left)


def test_change_of_nothing_but_a_dead_reference_stays() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start = mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(source_post=None)
    end = mark()
    post.delete()

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    assert (outcome.total_rows, outcome.left_count) == (0, 1)


def test_deleted_row_comes_back_without_its_dead_reference() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post, notes="kept")
    start = mark()
    ConsultationInquiry.objects.all().delete()
    end = mark()
    post.delete()

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert (inquiry.source_post_id, inquiry.notes) == (None, "kept")
    assert (outcome.restored, outcome.left_count) == ({"consultation_inquiries": 1}, 1)


def test_deleted_variant_whose_test_is_gone_stays_away() -> None:
    gone, kept = make_ab_test(), make_ab_test()
    lost, found = make_variant(test=gone), make_variant(test=kept)
    lost_key, key = lost.pk, found.pk
    start = mark("revenue")
    ABTestVariant.objects.all().delete()
    end = mark("revenue")
    gone.delete()

    outcome = revert_changes("revenue", since(start, "revenue").filter(pk__lte=end))

    assert ABTestVariant.objects.get().pk == key
    assert [(one.key, one.column) for one in outcome.left] == [(lost_key, "")]


def test_reference_goes_back_once_its_row_is_restored() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start, key = mark(), post.pk
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(source_post=None)
    end = mark()
    post.delete()
    deletion = since(end)
    revert_changes("default", since(start).filter(pk__lte=end))
    revert_changes("default", deletion)

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    inquiry.refresh_from_db()
    assert (inquiry.source_post_id, outcome.left) == (key, ())


def test_unique_value_passed_on_within_the_transaction_comes_back() -> None:
    first = make_inquiry(external_inquiry_id="prize")
    second = make_inquiry(external_inquiry_id="other")
    start, key = mark(), first.pk
    ConsultationInquiry.objects.filter(pk=first.pk).delete()
    ConsultationInquiry.objects.filter(pk=second.pk).update(external_inquiry_id="prize")

    revert_changes("default", since(start).filter(pk__lte=mark()))

    held = dict(ConsultationInquiry.objects.values_list("external_inquiry_id", "pk"))
    assert held == {"prize": key, "other": second.pk}


def test_row_that_was_replaced_by_one_of_the_same_unique_value_comes_back() -> None:
    first = make_inquiry(external_inquiry_id="prize")
    start, key = mark(), first.pk
    ConsultationInquiry.objects.filter(pk=first.pk).delete()
    make_inquiry(external_inquiry_id="prize")

    revert_changes("default", since(start).filter(pk__lte=mark()))

    assert list(ConsultationInquiry.objects.values_list("pk", flat=True)) == [key]
