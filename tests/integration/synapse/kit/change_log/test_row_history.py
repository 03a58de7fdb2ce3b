"""What the change log answers to the concurrent edits: who changed a column last, who deleted the row."""

import pytest

from business_core.models import Post
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.row_history import LoggedHistory
from tests.factories import make_post

pytestmark = pytest.mark.django_db


def test_latest_change_of_each_column_is_told() -> None:
    post = make_post(likes=0, shares=0)
    for author, columns in (("ada", {"likes": 1, "shares": 1}), ("grace", {"likes": 2})):
        with attribute_changes_to(author):
            Post.objects.filter(pk=post.pk).update(**columns)

    changes = LoggedHistory().latest_changes(post)

    assert (changes["likes"].who, changes["shares"].who) == ("grace", "ada")


def test_deletion_is_told_with_what_the_row_held() -> None:
    post = make_post(likes=7)
    key = post.pk
    with attribute_changes_to("ada"):
        post.delete()

    deletion = LoggedHistory().find_deletion(Post, key, "default")

    assert deletion is not None
    assert (deletion.who, deletion.row["likes"]) == ("ada", 7)
    assert LoggedHistory().find_deletion(Post, make_post().pk, "default") is None
