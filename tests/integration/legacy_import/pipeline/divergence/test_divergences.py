"""What imports leave of a choice between an edit and its source, and of the edit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from legacy_import.models import Divergence
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, run_import, state, versions
from tests.integration.legacy_import.pipeline.divergence.choices import (
    keep,
    refresh,
    set_inquiry,
    set_post,
    take_other,
    told,
    undo,
)
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def status(legacy_dir: Path) -> Divergence:
    """Edit an inquiry's status here, then change it in its file."""
    run_import("primary", legacy_dir)
    inquiry = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")
    set_inquiry(legacy_dir, inquiry.external_inquiry_id, "status", "contacted")
    run_import("primary", legacy_dir)
    return told(kind="edit")


def status_here(status: Divergence) -> str | None:
    return ConsultationInquiry.objects.get(pk=status.target_key).status


@pytest.mark.parametrize("choose", [keep, take_other])
def test_a_choice_about_an_edit_outlives_imports(
    legacy_dir: Path, status: Divergence, choose: Callable[..., None]
) -> None:
    choose(status)
    before, rows_before = state("default"), versions("default")

    for source in ("primary", "duplicate", "primary"):
        run_import(source, legacy_dir)

    assert {row for row in state("default")["divergence"] if "contacted" in row} == set(before["divergence"])
    assert set(versions("default")["divergence"]) >= set(rows_before["divergence"])
    assert status_here(status) == ("qualified" if status.choice == "kept" else "contacted")


@pytest.mark.parametrize("choose", [keep, take_other])
def test_another_cell_of_an_edited_row_leaves_the_choice(
    legacy_dir: Path, status: Divergence, choose: Callable[..., None]
) -> None:
    choose(status)
    here = status_here(status)
    set_inquiry(legacy_dir, status.key, "priority_score", 1)

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"]["updated"] == 1
    chosen = status.choice
    refresh(status)
    assert (status.choice, status.kept, status.other) == (chosen, "qualified", "contacted")
    assert status_here(status) == here


def test_a_kept_edit_is_asked_anew_when_its_cell_changes_again(legacy_dir: Path, status: Divergence) -> None:
    keep(status)
    set_inquiry(legacy_dir, status.key, "status", "proposal_sent")

    run_import("primary", legacy_dir)

    refresh(status)
    assert (status.kept, status.other, status.choice) == ("qualified", "proposal_sent", "")
    assert status_here(status) == "qualified"


@pytest.mark.parametrize("between", [False, True])
def test_who_took_the_files_value_follows_the_file_from_then_on(
    legacy_dir: Path, status: Divergence, *, between: bool
) -> None:
    take_other(status)
    if between:
        set_inquiry(legacy_dir, status.key, "priority_score", 1)
        run_import("primary", legacy_dir)
    set_inquiry(legacy_dir, status.key, "status", "proposal_sent")

    run_import("primary", legacy_dir)

    assert status_here(status) == "proposal_sent"
    assert not Divergence.objects.using("default").filter(kind="edit").exists()


@pytest.mark.parametrize("between", [False, True])
def test_an_undone_choice_protects_the_edit_again(legacy_dir: Path, status: Divergence, *, between: bool) -> None:
    take_other(status)
    if between:
        set_inquiry(legacy_dir, status.key, "priority_score", 1)
        run_import("primary", legacy_dir)
    undo(status)
    set_inquiry(legacy_dir, status.key, "status", "proposal_sent")

    run_import("primary", legacy_dir)

    refresh(status)
    assert status_here(status) == "qualified"
    assert (status.kept, status.other, status.choice) == ("qualified", "proposal_sent", "")


@pytest.mark.parametrize("choose", [keep, take_other])
def test_an_edit_after_the_choice_is_asked_anew(
    legacy_dir: Path, status: Divergence, choose: Callable[..., None]
) -> None:
    choose(status)
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=status.target_key).update(status="closed_won")

    run_import("primary", legacy_dir)

    refresh(status)
    assert (status.kept, status.other, status.choice) == ("closed_won", "contacted", "")


def test_an_edit_that_agrees_by_hand_leaves_no_divergence(legacy_dir: Path, status: Divergence) -> None:
    ConsultationInquiry.objects.filter(pk=status.target_key).update(status="contacted")

    run_import("primary", legacy_dir)

    assert not Divergence.objects.using("default").filter(kind="edit").exists()


@pytest.mark.parametrize("source", ["primary", "duplicate"])
def test_a_row_deleted_here_diverges_no_more(legacy_dir: Path, post: Post, status: Divergence, source: str) -> None:
    post.delete()
    ConsultationInquiry.objects.filter(pk=status.target_key).delete()

    run_import(source, legacy_dir)

    left = Divergence.objects.using("default").filter(target_key__in=[post.pk, status.target_key])
    assert not left.filter(source=source).exists()


def test_a_new_owner_that_says_the_same_inherits_the_choice(legacy_dir: Path, post_id: str) -> None:
    run_import("duplicate", legacy_dir)
    post = Post.objects.get(external_post_id=post_id)
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=1)
    set_post(legacy_dir / DUPLICATE, post, "likes", 9)
    run_import("duplicate", legacy_dir)
    keep(told(kind="edit"))
    set_post(legacy_dir / PRIMARY, post, "likes", 9)

    run_import("primary", legacy_dir)

    inherited = told(kind="edit", target_key=post.pk)
    assert (inherited.source, inherited.kept, inherited.other, inherited.choice) == ("primary", 1, 9, "kept")
    assert inherited.ledger.source == "primary"
    assert Post.objects.get(pk=post.pk).likes == 1


def test_a_new_owner_that_says_something_else_is_asked_about(legacy_dir: Path, post_id: str) -> None:
    run_import("duplicate", legacy_dir)
    post = Post.objects.get(external_post_id=post_id)
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=post.pk).update(likes=1)
    set_post(legacy_dir / DUPLICATE, post, "likes", 9)
    run_import("duplicate", legacy_dir)
    keep(told(kind="edit"))

    run_import("primary", legacy_dir)

    edit = told(kind="edit", target_key=post.pk)
    assert (edit.source, edit.kept, edit.other, edit.choice) == ("primary", 1, 5, "")


def test_an_edit_moves_with_a_row_whose_identity_changes(legacy_dir: Path) -> None:
    primary = legacy_dir / PRIMARY
    change(primary, "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES ('a', '2025-07', 1)")
    run_import("primary", legacy_dir)
    with attribute_changes_to("ada"):
        BusinessPipeline.objects.update(total_posts=2)
    change(primary, "UPDATE business_pipeline SET total_posts = 3")
    run_import("primary", legacy_dir)
    posts = told(kind="edit")
    keep(posts)
    change(primary, "UPDATE business_pipeline SET month = '2025-08'")

    run_import("primary", legacy_dir)

    refresh(posts)
    assert posts.choice == "kept"
    assert BusinessPipeline.objects.get(pk=posts.target_key).month == "2025-08"
