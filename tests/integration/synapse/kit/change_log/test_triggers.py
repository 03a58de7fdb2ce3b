"""What the triggers write, whoever changes the row and however."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction

from business_core.models import Post
from revenue.models import ABTest
from synapse.foundation.databases import ALIASES
from synapse.kit.change_log.models import ChangeLogEntry
from tests.factories import make_ab_test, make_content_analysis, make_inquiry, make_post, make_variant
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql, told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_WATCHED = {
    "default": {"business_pipeline", "consultation_inquiries", "posts"},
    "analytics": {"attribution_tracking", "content_analysis", "content_patterns", "performance_predictions"},
    "revenue": {
        "ab_tests",
        "content_pieces",
        "content_recommendations",
        "platform_adaptations",
        "revenue_opportunities",
        "test_variants",
    },
}


@pytest.mark.parametrize("alias", ALIASES)
def test_every_business_table_carries_the_four_triggers(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE tgname LIKE 'change_log_%%' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(_WATCHED[alias], 4)


def test_insert_keeps_the_whole_new_row() -> None:
    post = make_post(likes=3)

    (entry,) = changes_of(post)

    assert (entry.operation, entry.old, entry.author, entry.import_run) == ("insert", None, None, None)
    assert entry.new is not None
    assert entry.new["likes"] == 3
    assert entry.new.keys() == {field.column for field in Post._meta.concrete_fields}


def test_update_keeps_only_the_changed_columns() -> None:
    post = make_post(likes=3, week_theme=None)

    Post.objects.filter(pk=post.pk).update(likes=4, week_theme="Teams", content=post.content)

    entry = changes_of(post)[-1]
    assert (entry.operation, entry.old, entry.new) == (
        "update",
        {"likes": 3, "week_theme": None},
        {"likes": 4, "week_theme": "Teams"},
    )


def test_update_without_a_change_is_not_logged() -> None:
    post = make_post()

    post.save()
    run_sql("default", "UPDATE posts SET roi_score = 0.0")

    assert told(post) == [("insert", None)]


def test_delete_keeps_the_whole_old_row() -> None:
    analysis = make_content_analysis(technical_depth=2)
    key = analysis.pk

    run_sql("analytics", "DELETE FROM content_analysis")

    entry = ChangeLogEntry.objects.using("analytics").get(row_key=key, operation="delete")
    assert entry.new is None
    assert entry.old is not None
    assert entry.old["technical_depth"] == 2


def test_database_cascade_is_logged_for_the_rows_it_takes() -> None:
    test = make_ab_test()
    variant = make_variant(test=test)

    run_sql("revenue", "DELETE FROM ab_tests WHERE test_id = %s", test.pk)

    assert told(variant) == [("insert", None), ("delete", None)]


def test_database_set_null_is_logged_for_the_rows_it_empties() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)

    run_sql("default", "DELETE FROM posts")

    entry = changes_of(inquiry)[-1]
    assert (entry.old, entry.new) == ({"source_post_id": str(post.pk)}, {"source_post_id": None})


def test_truncate_logs_each_row_as_deleted() -> None:
    variants = [make_variant(), make_variant()]

    run_sql("revenue", "TRUNCATE ab_tests, test_variants")

    assert [told(variant)[-1][0] for variant in variants] == ["delete", "delete"]


def test_one_transaction_has_one_id() -> None:
    # The test itself is one transaction, so a bulk action's rows share its id with all else here.
    tests = [make_ab_test(), make_ab_test()]

    ABTest.objects.update(status="completed")

    assert len({changes_of(test)[-1].transaction_id for test in tests}) == 1


def test_import_logs_its_updates_and_deletes_with_its_run_but_not_its_inserts() -> None:
    run = uuid.uuid4()
    run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(run))
    kept, gone = make_post(), make_post()
    key = gone.pk

    Post.objects.filter(pk=kept.pk).update(likes=9)
    gone.delete()

    logged = ChangeLogEntry.objects.using("default").filter(row_key__in=[kept.pk, key]).order_by("id")
    assert [(entry.operation, entry.import_run) for entry in logged] == [("update", run), ("delete", run)]


def test_after_the_import_inserts_are_logged_again() -> None:
    with transaction.atomic():
        run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(uuid.uuid4()))
    run_sql("default", "SET LOCAL synapse.import_run = ''")

    assert told(make_post()) == [("insert", None)]


def test_timestamps_read_the_same_whatever_the_sessions_time_zone() -> None:
    run_sql("default", "SET LOCAL timezone = 'Asia/Kathmandu'")
    post = make_post(posted_at=datetime(2025, 1, 20, 7, tzinfo=UTC))

    (entry,) = changes_of(post)

    assert entry.new is not None
    assert entry.new["posted_at"] == "2025-01-20T07:00:00+00:00"


def test_tables_in_the_callers_search_path_do_not_take_the_log_over() -> None:
    run_sql("default", "CREATE TEMPORARY TABLE change_log (LIKE public.change_log INCLUDING ALL)")
    post = make_post()
    run_sql("default", "DROP TABLE pg_temp.change_log")

    assert told(post) == [("insert", None)]
