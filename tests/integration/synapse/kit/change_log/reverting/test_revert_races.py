"""Two people at once: reverts against each other, against an edit, against a new child, and large transactions."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connections, transaction

from business_core.models import ConsultationInquiry, Post
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.reverting.revert import revert_changes
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.logged_rows import changes_of_unit

if TYPE_CHECKING:
    from synapse.kit.change_log.reverting.outcome import Outcome

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

_SOON = 5.0


@contextmanager
def another_connection() -> Iterator[psycopg.Connection[Any]]:
    """A person at a prompt of their own, in a transaction."""
    parameters = connections["default"].get_connection_params()
    allowed = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    with psycopg.connect(**allowed) as connection:
        yield connection


def started(work: Callable[[], None]) -> threading.Thread:
    """Run in a thread with connections of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + _SOON
    while time.monotonic() < deadline:
        with connections["default"].cursor() as cursor:
            # Not pg_stat_activity: within a transaction it goes on showing what it showed first.
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("nobody waits for a lock")


def changed(inquiry: ConsultationInquiry, **columns: object) -> Any:
    """Change the inquiry as Ada; return the changes to take back."""
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(**columns)
    return ChangeLogEntry.objects.using("default").filter(pk=changes_of(inquiry)[-1].pk)


def test_revert_waits_for_an_edit_and_then_leaves_it() -> None:
    inquiry = make_inquiry(status="new", notes="a")
    entries = changed(inquiry, status="contacted", notes="b")
    outcomes: list[Outcome] = []
    with another_connection() as editor:
        editor.execute("SELECT set_config('synapse.author', 'hedy', true)")
        editor.execute("UPDATE consultation_inquiries SET status = 'qualified' WHERE inquiry_id = %s", [inquiry.pk])
        thread = started(lambda: outcomes.append(revert_changes("default", entries)))
        wait_until_somebody_waits()
        editor.commit()
    thread.join(_SOON)

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("qualified", "a")
    assert [(one.column, one.author) for one in outcomes[0].left] == [("status", "hedy")]


def test_two_reverts_of_one_change_put_it_back_once() -> None:
    inquiry = make_inquiry(status="new")
    entries = changed(inquiry, status="contacted")
    outcomes: list[Outcome] = []
    with transaction.atomic():
        run_sql("default", "SELECT FROM consultation_inquiries WHERE inquiry_id = %s FOR UPDATE", inquiry.pk)
        threads = [started(lambda: outcomes.append(revert_changes("default", entries))) for _ in range(2)]
        wait_until_somebody_waits()
    for thread in threads:
        thread.join(_SOON)

    inquiry.refresh_from_db()
    assert inquiry.status == "new"
    assert sorted(one.total_rows for one in outcomes) == [0, 1]
    assert len(changes_of(inquiry)) == 3


def test_addition_that_somebody_refers_to_meanwhile_stays() -> None:
    post = make_post()
    entries = ChangeLogEntry.objects.using("default").filter(pk=changes_of(post)[-1].pk)
    inquiry = make_inquiry()
    outcomes: list[Outcome] = []
    with another_connection() as editor:
        editor.execute("UPDATE consultation_inquiries SET source_post_id = %s", [post.pk])
        thread = started(lambda: outcomes.append(revert_changes("default", entries)))
        wait_until_somebody_waits()
        editor.commit()
    thread.join(_SOON)

    inquiry.refresh_from_db()
    assert inquiry.source_post_id == post.pk
    assert [one.why for one in outcomes[0].left] == ["other rows refer to it"]


def test_rows_locked_beyond_the_lock_timeout_refuse_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse.kit.change_log.reverting.revert._LOCK_TIMEOUT", "200ms")
    inquiry = make_inquiry(status="new")
    entries = changed(inquiry, status="contacted")
    with another_connection() as editor:
        editor.execute("SELECT FROM consultation_inquiries FOR UPDATE")
        with pytest.raises(RevertRefusedError, match="Try again in a minute"):
            revert_changes("default", entries)

    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"


def test_revert_waits_for_an_import_that_locks_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse.kit.change_log.reverting.revert._LOCK_TIMEOUT", "200ms")
    entries = changed(make_inquiry(status="new"), status="contacted")
    with another_connection() as importer:
        importer.execute("LOCK TABLE consultation_inquiries IN EXCLUSIVE MODE")
        with pytest.raises(RevertRefusedError, match="an import"):
            revert_changes("default", entries)


def test_thousands_of_rows_are_reverted_in_few_queries(django_assert_max_num_queries: Any) -> None:
    run_sql(
        "default",
        "INSERT INTO posts (post_id, external_post_id, content, posted_at, data_source)"
        " SELECT gen_random_uuid(), n::text, 'x', now(), 'test' FROM generate_series(1, 6000) AS n",
    )
    with attribute_changes_to("ada"), transaction.atomic():
        run_sql("default", "UPDATE posts SET likes = 7, content = external_post_id")
        newest = ChangeLogEntry.objects.using("default").order_by("-pk").first()
    assert newest is not None
    entries = changes_of_unit("default", newest.transaction_id, newest.pk)

    with django_assert_max_num_queries(40):
        outcome = revert_changes("default", entries)

    assert (outcome.changed, outcome.left_count, len(outcome.rows)) == ({"posts": 6000}, 0, 200)
    assert not Post.objects.exclude(content="x").exists()
