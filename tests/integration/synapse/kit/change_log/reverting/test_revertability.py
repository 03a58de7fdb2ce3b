"""What several changes of one row come to in sum, and what of it can go back."""

import pytest

from business_core.models import ConsultationInquiry, Post
from synapse.kit.change_log.reverting.outcome import Outcome
from synapse.kit.change_log.reverting.revert import revert_changes
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.change_log.logged_rows import mark, since, whole_row

pytestmark = pytest.mark.django_db


def post_row(post: Post) -> str:
    return str(whole_row("default", "posts", "post_id", post.pk))


def revert_since(start: int) -> Outcome:
    return revert_changes("default", since(start).filter(pk__lte=mark()))


def test_row_that_was_changed_and_then_deleted_comes_back_as_it_was_before_both() -> None:
    post = make_post(likes=1)
    before, start = post_row(post), mark()
    Post.objects.filter(pk=post.pk).update(likes=2)
    Post.objects.all().delete()

    outcome = revert_since(start)

    assert post_row(post) == before
    assert (outcome.restored, outcome.changed) == ({"posts": 1}, {})


def test_row_that_was_deleted_and_made_again_is_a_changed_one() -> None:
    post = make_post(likes=1)
    before, start = post_row(post), mark()
    Post.objects.all().delete()
    again = Post(**{field.attname: getattr(post, field.attname) for field in Post._meta.concrete_fields})
    again.likes = 2
    again.save(force_insert=True)

    outcome = revert_since(start)

    assert post_row(post) == before
    assert (outcome.restored, outcome.changed) == ({}, {"posts": 1})


def test_row_that_was_added_and_changed_goes_as_an_added_one() -> None:
    start = mark()
    make_post(likes=1)
    Post.objects.update(likes=2)

    outcome = revert_since(start)

    assert (outcome.removed, outcome.changed) == ({"posts": 1}, {})
    assert not Post.objects.exists()


def test_row_that_was_added_and_deleted_again_is_nothing_to_revert() -> None:
    start = mark()
    make_post()
    Post.objects.all().delete()

    outcome = revert_since(start)

    assert (outcome.restored, outcome.removed, outcome.changed, outcome.left) == ({}, {}, {}, ())
    assert not Post.objects.exists()


def test_column_that_was_changed_twice_goes_back_to_the_first_value() -> None:
    post = make_post(likes=1)
    before, start = post_row(post), mark()
    for likes in (2, 3):
        Post.objects.filter(pk=post.pk).update(likes=likes)

    revert_since(start)

    assert post_row(post) == before


def test_deleted_row_comes_back_without_its_reference_to_a_row_that_was_deleted_since() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    start = mark()
    ConsultationInquiry.objects.all().delete()
    end = mark()
    Post.objects.all().delete()

    outcome = revert_changes("default", since(start).filter(pk__lte=end))

    assert ConsultationInquiry.objects.get().source_post_id is None
    assert [(one.table, one.column) for one in outcome.left] == [("consultation_inquiries", "source_post_id")]
    assert outcome.restored == {"consultation_inquiries": 1}
    (row,) = outcome.rows
    assert (row.table, row.key, row.kind) == ("consultation_inquiries", inquiry.pk, "delete")
    assert (row.here, row.back["contact_name"]) == ({}, inquiry.contact_name)


def test_added_row_that_goes_is_told_with_what_it_held() -> None:
    start = mark()
    post = make_post(likes=7)

    outcome = revert_since(start)

    (row,) = outcome.rows
    assert (row.table, row.key, row.kind) == ("posts", post.pk, "insert")
    assert (row.here["likes"], row.back) == (7, {})
