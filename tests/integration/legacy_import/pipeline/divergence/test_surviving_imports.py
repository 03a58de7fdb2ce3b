"""What imports leave of a choice between sources: all of it while both say what they said, else nothing."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from business_core.models import Post
from legacy_import.models import Divergence
from legacy_import.services import export_sources, validate_data
from legacy_import.sources import source_named
from tests.imports import run_import, state, versions
from tests.integration.legacy_import.pipeline.divergence.choices import keep, refresh, set_post, take_other, told
from tests.legacy_files import DUPLICATE, PRIMARY, differing_cells

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

ORDERS = list(permutations(["primary", "duplicate", "week3"]))


@pytest.fixture
def likes(post: Post) -> Divergence:
    return told(column="likes", target_key=post.pk)


@pytest.mark.parametrize("choose", [keep, take_other])
def test_imports_in_any_order_leave_a_choice_untouched(
    legacy_dir: Path, post: Post, likes: Divergence, choose: Callable[..., None]
) -> None:
    run_import("week3", legacy_dir)
    choose(likes)
    before, rows_before = state("default"), versions("default")

    for order in ORDERS:
        reports = [run_import(source, legacy_dir) for source in order]

        assert not any(report.error for report in reports)
        assert state("default") == before, order
        assert versions("default") == rows_before, order


@pytest.mark.parametrize("path", [PRIMARY, DUPLICATE])
def test_another_column_that_changes_leaves_the_choice(
    legacy_dir: Path, post: Post, likes: Divergence, path: str
) -> None:
    take_other(likes)
    set_post(legacy_dir / path, post, "shares", 44)
    before = Divergence.objects.using("default").filter(pk=likes.pk).values()[0]

    for source in ("duplicate", "primary"):
        run_import(source, legacy_dir)

    assert Divergence.objects.using("default").filter(pk=likes.pk).values()[0] == before
    post.refresh_from_db()
    assert (post.likes, post.shares) == (7, 44 if path == PRIMARY else 1)


def test_a_divergence_that_stays_is_not_rewritten_when_another_comes(
    legacy_dir: Path, post: Post, likes: Divergence
) -> None:
    before = set(versions("default")["divergence"])
    set_post(legacy_dir / DUPLICATE, post, "shares", 44)

    run_import("duplicate", legacy_dir)

    after = set(versions("default")["divergence"])
    assert before < after
    assert len(after - before) == 1


@pytest.mark.parametrize("choose", [keep, take_other])
def test_the_other_source_saying_something_new_is_asked_anew(
    legacy_dir: Path, post: Post, likes: Divergence, choose: Callable[..., None]
) -> None:
    choose(likes)
    here = Post.objects.get(pk=post.pk).likes
    set_post(legacy_dir / DUPLICATE, post, "likes", 8)

    run_import("duplicate", legacy_dir)

    refresh(likes)
    assert (likes.kept, likes.other, likes.choice, likes.chosen_by, likes.replaced) == (5, 8, "", "", None)
    assert likes.chosen_at is None
    assert Post.objects.get(pk=post.pk).likes == here


def test_the_owner_saying_something_new_is_asked_anew_and_reverts_nothing(
    legacy_dir: Path, post: Post, likes: Divergence
) -> None:
    take_other(likes)
    set_post(legacy_dir / PRIMARY, post, "likes", 6)

    run_import("primary", legacy_dir)

    refresh(likes)
    assert (likes.kept, likes.other, likes.choice) == (6, 7, "")
    assert Post.objects.get(pk=post.pk).likes == 7
    edit = told(kind="edit")
    assert (edit.source, edit.column, edit.kept, edit.other) == ("primary", "likes", 7, 6)


def test_sources_that_agree_again_leave_the_value_and_no_divergence(
    legacy_dir: Path, post: Post, likes: Divergence
) -> None:
    take_other(likes)
    set_post(legacy_dir / PRIMARY, post, "likes", 7)

    run_import("primary", legacy_dir)

    assert not Divergence.objects.using("default").filter(column="likes", target_key=post.pk).exists()
    assert Post.objects.get(pk=post.pk).likes == 7


@pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)
def test_a_choice_is_an_edit_with_an_author_to_the_validation_and_the_export(
    legacy_dir: Path, post: Post, likes: Divergence, tmp_path: Path
) -> None:
    take_other(likes)
    for source in ("primary", "duplicate"):
        run_import(source, legacy_dir)

    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    checks = validate_data(legacy_dir)

    assert [(table, column) for table, _, column in differing_cells(legacy_dir / PRIMARY, file.path)] == [
        ("linkedin_posts", "likes")
    ]
    told_of = [difference for check in checks for difference in check.differences]
    assert [(one.explanation, one.column, one.here, one.legacy, one.author) for one in told_of] == [
        ("edited here", "likes", "7", "5", "sofia")
    ]
