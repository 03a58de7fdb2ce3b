"""The verbs: keep, take the other, undo; for one field and for many; and what they refuse."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.utils import CursorWrapper

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from legacy_import.models import Divergence
from legacy_import.services import ChoiceRefusedError, keep_current_values, take_other_values, undo_choice
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_pipeline_month
from tests.imports import execute, rows, run_import, versions
from tests.integration.legacy_import.pipeline.divergence.choices import (
    NOW,
    keep,
    log,
    refresh,
    shown,
    take_other,
    told,
    undo,
)
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)


@pytest.fixture
def likes(post: Post) -> Divergence:
    return told(column="likes", target_key=post.pk)


def test_keeping_writes_nothing_but_who_decided(post: Post, likes: Divergence) -> None:
    before = versions("default")["posts"]

    keep(likes)

    assert (likes.choice, likes.chosen_by, likes.chosen_at, likes.replaced) == ("kept", "sofia", NOW, None)
    assert versions("default")["posts"] == before
    assert log() == []


def test_taking_the_other_edits_the_field_in_the_persons_name(post: Post, likes: Divergence) -> None:
    take_other(likes)

    post.refresh_from_db()
    assert post.likes == 7
    assert (likes.choice, likes.chosen_by, likes.chosen_at, likes.replaced) == ("other", "sofia", NOW, 5)
    assert log() == [("sofia", '{"likes": 5}', '{"likes": 7}')]


def test_undoing_puts_back_what_was_here(post: Post, likes: Divergence) -> None:
    Post.objects.filter(pk=post.pk).update(likes=6)
    take_other(likes)

    undo(likes)

    post.refresh_from_db()
    assert post.likes == 6
    assert (likes.choice, likes.chosen_by, likes.chosen_at, likes.replaced) == ("", "", None, None)
    assert log()[-1] == ("ben", '{"likes": 7}', '{"likes": 6}')


def test_undoing_a_confirmation_only_asks_again(post: Post, likes: Divergence) -> None:
    keep(likes)

    undo(likes)

    assert likes.choice == ""
    assert log() == []


def test_undo_is_refused_once_somebody_has_changed_the_field(post: Post, likes: Divergence) -> None:
    take_other(likes)
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=9)

    with pytest.raises(ChoiceRefusedError, match=r"Likes of “.+”: ada \(.+\) changed it to 9 after the choice"):
        undo(likes)

    refresh(likes)
    post.refresh_from_db()
    assert (likes.choice, post.likes) == ("other", 9)


def test_undo_only_asks_again_where_the_old_value_is_back_already(post: Post, likes: Divergence) -> None:
    take_other(likes)
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=5)

    undo(likes)

    assert likes.choice == ""
    assert len(log()) == 2


def test_many_fields_are_decided_in_one_go(post: Post) -> None:
    every = list(Divergence.objects.using("default").filter(kind="source"))
    assert len(every) > 2

    take_other(*every)

    differing = (
        "SELECT count(*) FROM divergence AS d JOIN posts AS t ON t.post_id = d.target_key"
        " WHERE to_jsonb(t) -> d.column IS DISTINCT FROM d.{}"
    )
    assert rows("default", differing.format("other")) == [(0,)]
    undo(*every)
    assert rows("default", differing.format("kept")) == [(0,)]


def test_one_stale_field_among_many_stops_all(post: Post, likes: Divergence) -> None:
    every = list(Divergence.objects.using("default").filter(kind="source"))
    page = shown(*every)
    Post.objects.filter(pk=post.pk).update(likes=6)

    with pytest.raises(ChoiceRefusedError, match=r"Nothing was changed. Likes of .* here is now 6, duplicate says 7"):
        take_other_values("default", page, author="sofia", now=NOW)

    assert not Divergence.objects.using("default").exclude(choice="").exists()
    assert len(log()) == 1


def test_a_page_that_an_import_overtook_is_refused(legacy_dir: Path, post: Post, likes: Divergence) -> None:
    page = shown(likes)
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 8 WHERE post_id = ?", post.external_post_id)
    run_import("duplicate", legacy_dir)

    with pytest.raises(ChoiceRefusedError, match="here is now 5, duplicate says 8"):
        keep_current_values("default", page, author="sofia", now=NOW)


def test_a_divergence_that_is_no_more_is_refused(legacy_dir: Path, post: Post, likes: Divergence) -> None:
    page = shown(likes)
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 5 WHERE post_id = ?", post.external_post_id)
    run_import("duplicate", legacy_dir)

    with pytest.raises(ChoiceRefusedError, match="An import found both sides to agree"):
        take_other_values("default", page, author="sofia", now=NOW)


def test_what_somebody_decided_meanwhile_is_refused(post: Post, likes: Divergence) -> None:
    page = shown(likes)
    keep(likes, by="ben")

    with pytest.raises(ChoiceRefusedError, match="ben has decided"):
        take_other_values("default", page, author="sofia", now=NOW)
    with pytest.raises(ChoiceRefusedError, match="is decided already"):
        take_other(likes)


def test_undoing_what_is_not_decided_is_refused(post: Post, likes: Divergence) -> None:
    with pytest.raises(ChoiceRefusedError, match="is not decided"):
        undo_choice("default", shown(likes), author="ben")


def test_a_row_deleted_here_is_refused(post: Post, likes: Divergence) -> None:
    with attribute_changes_to("ada"):
        post.delete()

    with pytest.raises(ChoiceRefusedError, match="The post whose Likes differs was deleted here by ada"):
        take_other(likes)


def test_a_value_that_another_row_has_is_refused(legacy_dir: Path) -> None:
    primary = legacy_dir / PRIMARY
    change(primary, "INSERT INTO business_pipeline (pipeline_id, month) VALUES ('a', '2025-07')")
    run_import("primary", legacy_dir)
    BusinessPipeline.objects.update(month="2025-08")
    change(primary, "UPDATE business_pipeline SET month = '2025-09'")
    run_import("primary", legacy_dir)
    make_pipeline_month(month="2025-09")
    month = told(kind="edit", column="month")

    with pytest.raises(ChoiceRefusedError, match=r"Month of “2025-08” can't become 2025-09: another .* has that value"):
        take_other(month)

    refresh(month)
    assert month.choice == ""
    assert sorted(BusinessPipeline.objects.values_list("month", flat=True)) == ["2025-08", "2025-09"]


@pytest.mark.parametrize(
    ("other", "reason"), [(None, "the field can't be empty"), ('"6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11"', "points to")]
)
def test_a_value_that_breaks_a_rule_is_refused(post: Post, likes: Divergence, other: str | None, reason: str) -> None:
    column = "content" if other is None else "source_post_id"
    table, key = ("posts", post.pk) if other is None else _an_inquiry()
    execute(
        "default",
        'UPDATE divergence SET "column" = %s, other = %s, target_table = %s, target_key = %s WHERE id = %s',
        [column, other, table, key, likes.pk],
    )
    refresh(likes)

    with pytest.raises(ChoiceRefusedError, match=reason):
        take_other(likes)

    assert log() == []


def _an_inquiry() -> tuple[str, Any]:
    inquiry = ConsultationInquiry.objects.first()
    assert inquiry is not None
    return "consultation_inquiries", inquiry.pk


def test_two_other_values_for_one_field_are_refused_and_can_follow_each_other(post: Post, likes: Divergence) -> None:
    execute(
        "default",
        'INSERT INTO divergence (id, kind, ledger_id, source, legacy_table, key, target_table, target_key, "column",'
        " kept, other) SELECT gen_random_uuid(), kind, ledger_id, 'week3', legacy_table, key, target_table, target_key,"
        ' "column", kept, to_jsonb(8) FROM divergence WHERE id = %s',
        [likes.pk],
    )
    second = told(column="likes", target_key=post.pk, source="week3")

    with pytest.raises(ChoiceRefusedError, match="two other values at once"):
        take_other(likes, second)

    take_other(likes)
    take_other(second, now=NOW.replace(hour=13))
    with pytest.raises(ChoiceRefusedError, match=r"sofia \(.*\) changed it to 8"):
        undo(likes)
    undo(likes, second)
    post.refresh_from_db()
    assert post.likes == 5


@contextmanager
def import_under_way() -> Iterator[CursorWrapper]:
    """Hold the tables as an import does, on a connection of its own."""
    importing = connections["default"].copy()
    try:
        importing.set_autocommit(False)
        with importing.cursor() as cursor:
            cursor.execute("LOCK TABLE posts IN EXCLUSIVE MODE")
            yield cursor
            importing.commit()
    finally:
        importing.close()


def test_a_long_import_is_not_waited_for(post: Post, likes: Divergence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("legacy_import.services.choosing_values._LOCK_TIMEOUT", "100ms")
    page = shown(likes)

    with import_under_way(), pytest.raises(ChoiceRefusedError, match="try again in a minute"):
        take_other_values("default", page, author="sofia", now=NOW)


def test_who_waits_for_an_import_does_not_hold_its_divergences(post: Post, likes: Divergence) -> None:
    page = shown(likes)

    def choose() -> None:
        try:
            take_other_values("default", page, author="sofia", now=NOW)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor() as threads:
        with import_under_way() as importing:
            choosing = threads.submit(choose)
            while not rows("default", "SELECT FROM pg_locks WHERE NOT granted"):
                assert not choosing.done()
            importing.execute("UPDATE divergence SET detected_at = now() WHERE id = %s", [likes.pk])
        choosing.result(timeout=20)

    post.refresh_from_db()
    assert post.likes == 7


def test_the_real_duplicates_later_times_arrive_to_the_second(real_legacy_dir: Path) -> None:
    for source in ("primary", "duplicate"):
        run_import(source, real_legacy_dir)
    updated = list(Divergence.objects.using("default").filter(column="updated_at"))
    assert len(updated) == 7

    take_other(*updated)

    later = "SELECT to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM posts ORDER BY 1"
    assert [moment for (moment,) in rows("default", later)] == sorted(
        cell for (cell,) in _cells(real_legacy_dir / DUPLICATE, "SELECT updated_at FROM linkedin_posts")
    )


def _cells(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()
