"""Who the log says it was."""

import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from business_core.models import Post
from synapse.kit.change_log.authorship import AuthorStamp, attribute_changes_to
from synapse.kit.change_log.models import BusinessCoreChange
from tests.factories import make_ab_test, make_content_pattern, make_inquiry, make_post, make_variant
from tests.integration.synapse.kit.change_log.history import run_sql, told

ALL = ["default", "analytics", "revenue"]


@pytest.fixture
def autocommit(transactional_db: None) -> Iterator[None]:
    """Leave each statement its own transaction, as outside of a request."""
    assert connection.get_autocommit()
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synapse.author', true)")
        assert cursor.fetchone() in {(None,), ("",)}


@pytest.mark.django_db(databases=ALL)
def test_every_way_to_write_is_attributed_in_every_database() -> None:
    with attribute_changes_to("ada"):
        post, pattern, test = make_post(), make_content_pattern(), make_ab_test()
        variant = make_variant(test=test)
        Post.objects.filter(pk=post.pk).update(likes=1)
        run_sql("analytics", "WITH new AS (SELECT 5 AS size) UPDATE content_patterns SET sample_size = size FROM new")
        run_sql("revenue", "DELETE FROM ab_tests")

    assert told(post) == [("insert", "ada"), ("update", "ada")]
    assert told(pattern) == [("insert", "ada"), ("update", "ada")]
    assert told(variant) == [("insert", "ada"), ("delete", "ada")]


@pytest.mark.django_db
def test_bulk_create_and_executemany_are_attributed() -> None:
    with attribute_changes_to("ada"):
        posts = Post.objects.bulk_create([_unsaved("a"), _unsaved("b")])
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE posts SET likes = %s WHERE post_id = %s", [(1, post.pk) for post in posts])

    assert [told(post) for post in posts] == [[("insert", "ada"), ("update", "ada")]] * 2


@pytest.mark.django_db
def test_author_ends_with_its_context_within_one_transaction() -> None:
    with attribute_changes_to("ada"):
        post = make_post()
        with attribute_changes_to("grace"):
            Post.objects.update(likes=1)
        Post.objects.update(likes=2)
    Post.objects.update(likes=3)

    assert told(post) == [("insert", "ada"), ("update", "grace"), ("update", "ada"), ("update", None)]


@pytest.mark.django_db
def test_author_survives_a_rolled_back_savepoint() -> None:
    with attribute_changes_to("ada"):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_inquiry(contact_name=None)
        post = make_post()
    later = make_post()

    assert told(post) == [("insert", "ada")]
    assert told(later) == [("insert", None)]


def test_autocommitted_statements_are_attributed_and_leave_no_author_behind(autocommit: None) -> None:
    with attribute_changes_to("ada"):
        post = make_post()
        run_sql("default", "UPDATE posts SET likes = 1")
    run_sql("default", "UPDATE posts SET likes = 2")

    assert told(post) == [("insert", "ada"), ("update", "ada"), ("update", None)]


def test_failed_autocommitted_statement_leaves_the_connection_usable(autocommit: None) -> None:
    with attribute_changes_to("ada"):
        with pytest.raises(IntegrityError):
            make_inquiry(contact_name=None)
        assert told(make_post()) == [("insert", "ada")]


def test_two_threads_do_not_mix_their_authors(autocommit: None) -> None:
    posts = {name: make_post() for name in ("ada", "grace")}
    both_started = threading.Barrier(2)

    def write(name: str) -> None:
        with attribute_changes_to(name):
            both_started.wait(timeout=30)
            for likes in range(1, 21):
                Post.objects.filter(pk=posts[name].pk).update(likes=likes)
        connections["default"].close()

    threads = [threading.Thread(target=write, args=[name]) for name in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for name, post in posts.items():
        assert told(post) == [("insert", None)] + [("update", name)] * 20


@pytest.mark.django_db
def test_reading_asks_for_no_author() -> None:
    def ask() -> str:
        raise AssertionError

    with attribute_changes_to(ask):
        assert not Post.objects.exists()
        assert not BusinessCoreChange.objects.exists()


def test_reconnecting_installs_no_second_stamp(autocommit: None) -> None:
    for _ in range(2):
        connection.close()
        connection.ensure_connection()

    assert sum(isinstance(wrapper, AuthorStamp) for wrapper in connection.execute_wrappers) == 1


def test_a_connection_of_ones_own_never_waits_for_the_one_a_copy_is_read_from(autocommit: None) -> None:
    """As a job's progress is written while the job carries rows: it waited for itself, for ever."""
    own = connections.create_connection("default")
    with attribute_changes_to("ada"), CaptureQueriesContext(connection) as asked:
        with own.cursor() as cursor:
            cursor.execute("DELETE FROM posts")
        own.close()

    assert list(asked) == []


def _unsaved(key: str) -> Post:
    return Post(external_post_id=key, content="Text", posted_at="2025-01-20T07:00:00Z", data_source="test")
