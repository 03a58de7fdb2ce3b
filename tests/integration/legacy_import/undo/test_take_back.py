"""Some rows of a run, put back by their ledger ids."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from business_core.models import Post
from legacy_import.errors import TerminalError
from legacy_import.models import Divergence, LedgerRow
from legacy_import.services.undoing import latest_import
from legacy_import.undo.take_back import revert_rows
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import run_import
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@contextmanager
def in_a_run() -> Iterator[CursorWrapper]:
    with transaction.atomic(using="default"), connections["default"].cursor() as cursor:
        cursor.execute("SELECT set_config('synapse.import_run', %s, true)", [str(uuid.uuid4())])
        yield cursor


def ledger_ids(source: str, *keys: str) -> list[uuid.UUID]:
    found = LedgerRow.objects.using("default").filter(source=source)
    return [row.pk for row in (found.filter(key__in=keys) if keys else found)]


@pytest.fixture
def mended(legacy_dir: Path) -> dict[str, list[str]]:
    """Import two posts that can't be read, then mend both; return what was before."""
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET impressions = 'many' WHERE rowid IN (15, 16)")
    run_import("primary", legacy_dir)
    before = everything("default")
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET impressions = 5 WHERE rowid IN (15, 16)")
    run_import("primary", legacy_dir)
    return before


def landed() -> list[LedgerRow]:
    """Return the posts that the latest import brought."""
    posts = LedgerRow.objects.using("default").filter(source="primary", target_table="posts")
    return list(posts.filter(run=latest_import("primary"), brought=True).order_by("key"))


def posts_of(*ledger_rows: LedgerRow) -> QuerySet[Post]:
    return Post.objects.filter(pk__in=[row.target_key for row in ledger_rows if row.target_key])


def test_all_rows_of_a_run_go_back_with_what_referred_to_them(mended: dict[str, list[str]]) -> None:
    ids = [row.pk for row in landed()]
    assert len(ids) == 2

    with in_a_run() as cursor:
        taken = revert_rows(cursor, ledger_ids=ids)

    assert taken >= 2
    assert everything("default") == mended


def test_one_row_goes_back_the_other_stays_and_the_run_can_still_be_undone(mended: dict[str, list[str]]) -> None:
    one, other = landed()
    with in_a_run() as cursor:
        revert_rows(cursor, ledger_ids=[one.pk])

    assert LedgerRow.objects.using("default").get(pk=one.pk).state == "quarantined"
    assert LedgerRow.objects.using("default").get(pk=other.pk).state == "live"
    assert not posts_of(one).exists()
    assert posts_of(other).exists()
    undo_latest("primary")
    assert everything("default") == mended


def test_a_row_that_was_edited_is_refused(mended: dict[str, list[str]]) -> None:
    one, other = landed()
    with attribute_changes_to("sofia"):
        posts_of(one).update(likes=99)

    with pytest.raises(TerminalError, match=r"changed here since: posts .*, likes: .*by sofia"), in_a_run() as cursor:
        revert_rows(cursor, ledger_ids=[one.pk, other.pk])

    assert posts_of(one, other).count() == 2


def test_a_row_that_a_later_run_merged_into_is_refused(mended: dict[str, list[str]], legacy_dir: Path) -> None:
    run_import("duplicate", legacy_dir)

    with pytest.raises(TerminalError, match="a later run wrote to the rows or refers to them: duplicate of "):  # noqa: SIM117
        with in_a_run() as cursor:
            revert_rows(cursor, ledger_ids=[landed()[0].pk])


def test_a_new_owner_taken_back_gives_the_row_to_the_old_one(legacy_dir: Path) -> None:
    run_import("duplicate", legacy_dir)
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 1")
    run_import("primary", legacy_dir)
    post = Post.objects.order_by("external_post_id")[0]
    told = Divergence.objects.using("default")
    assert set(told.values_list("target_key", flat=True)) == set(Post.objects.values_list("pk", flat=True))

    with in_a_run() as cursor:
        revert_rows(cursor, ledger_ids=ledger_ids("primary", post.external_post_id))

    post.refresh_from_db()
    assert post.data_source == "linkedin_duplicate"
    owner = LedgerRow.objects.using("default").get(target_key=post.pk)
    assert (owner.source, owner.state, owner.owns) == ("duplicate", "live", True)
    others = Post.objects.filter(data_source="linkedin_primary")
    assert others.count() == 6
    assert set(told.values_list("target_key", flat=True)) == set(others.values_list("pk", flat=True))


def test_a_caller_without_a_run_is_a_mistake(mended: dict[str, list[str]]) -> None:
    with pytest.raises(RuntimeError, match=r"set synapse\.import_run"), transaction.atomic(using="default"):
        revert_rows(connections["default"].cursor(), ledger_ids=[landed()[0].pk])
    assert len(landed()) == 2
