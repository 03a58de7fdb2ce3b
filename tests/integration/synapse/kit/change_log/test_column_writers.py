"""Whose a column's value is: the job's that computed it, somebody else's, or an import's."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection, transaction

from business_core.models import Post
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.column_writers import Writers, column_writers
from tests.factories import make_post

pytestmark = pytest.mark.django_db

COLUMNS = ("likes", "shares")


def writers_of(post: Post) -> Writers:
    return column_writers(Post, [post.pk], job="count", columns=COLUMNS)[post.pk]


def write(post: Post, author: str, **columns: int) -> None:
    with attribute_changes_to(author):
        Post.objects.filter(pk=post.pk).update(**columns)


@contextmanager
def importing() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synapse.import_run', %s, true)", [str(uuid4())])
        yield
        cursor.execute("SELECT set_config('synapse.import_run', '', true)")


def test_value_that_the_job_wrote_is_its_own_no_matter_who_asked() -> None:
    post = make_post(likes=0, shares=0)
    write(post, "the job count", likes=1)
    write(post, "ada, by the job count", shares=1)

    assert writers_of(post) == Writers(own=frozenset(COLUMNS))


def test_value_that_a_person_wrote_since_is_that_persons() -> None:
    post = make_post(likes=0)
    write(post, "the job count", likes=1)
    write(post, "ada", likes=2)

    assert "likes" in writers_of(post).others
    assert "likes" not in writers_of(post).own


def test_value_that_a_person_wrote_back_to_the_jobs_is_the_jobs() -> None:
    post = make_post(likes=0)
    write(post, "the job count", likes=1)
    write(post, "ada", likes=2)
    write(post, "ada", likes=1)

    assert "likes" in writers_of(post).own


def test_value_that_an_import_wrote_is_nobodys() -> None:
    post = make_post(likes=0)
    write(post, "ada", likes=2)
    with importing():
        write(post, "", likes=3)

    writers = writers_of(post)

    assert "likes" not in writers.own | writers.others


def test_another_jobs_value_is_somebody_elses() -> None:
    post = make_post(likes=0)
    write(post, "the job recount", likes=1)

    assert "likes" in writers_of(post).others


def test_row_that_nobody_wrote_has_no_writers() -> None:
    assert column_writers(Post, [], job="count", columns=COLUMNS)[uuid4()] == Writers()
