"""What people changed since an import stays when it is undone, is listed, and is no worse off at the next import."""

from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence, LedgerRow, LegacyFile
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from legacy_import.validation.migration_validator import MigrationValidator
from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry, make_variant
from tests.imports import execute, run_import
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change, differing_cells

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.fixture
def inquiry(legacy_dir: Path) -> ConsultationInquiry:
    """Import the primary twice, the second time with a changed company and status in its first inquiry."""
    run_import("primary", legacy_dir)
    first = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    sql = "UPDATE consultation_inquiries SET company = 'Second GmbH', status = 'second' WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, first.external_inquiry_id)
    run_import("primary", legacy_dir)
    return first


def left(source: str = "primary") -> list[tuple[str, str, str]]:
    return [(one.table, one.column, one.who) for one in undo_latest(source).undone[0].left]


def edit(inquiry: ConsultationInquiry, **columns: object) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(**columns)


def test_an_edited_column_stays_and_the_other_goes_back(inquiry: ConsultationInquiry) -> None:
    was = inquiry.status
    edit(inquiry, company="Edited here")

    assert left() == [("consultation_inquiries", "company", "sofia")]

    now = ConsultationInquiry.objects.get(pk=inquiry.pk)
    assert (now.company, now.status) == ("Edited here", was)
    assert LedgerRow.objects.using("default").get(key=inquiry.external_inquiry_id).base == {"company": inquiry.company}


def test_the_next_import_keeps_the_edit_and_tells_of_the_divergence(
    inquiry: ConsultationInquiry, legacy_dir: Path
) -> None:
    edit(inquiry, company="Edited here")
    undo_latest("primary")

    run_import("primary", legacy_dir)

    now = ConsultationInquiry.objects.get(pk=inquiry.pk)
    assert (now.company, now.status) == ("Edited here", "second")
    said = Divergence.objects.using("default").get(kind="edit")
    assert (said.column, said.kept, said.other) == ("company", "Edited here", "Second GmbH")


def test_validation_finds_the_edit_signed_after_the_undo(inquiry: ConsultationInquiry, legacy_dir: Path) -> None:
    edit(inquiry, company="Edited here")
    undo_latest("primary")
    sql = "UPDATE consultation_inquiries SET company = ?, status = ? WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, inquiry.company, inquiry.status, inquiry.external_inquiry_id)

    checks = {check.name: check for check in MigrationValidator(legacy_dir).validate() if "primary" in check.name}

    assert [check.detail for check in checks.values() if not check.passed] == []
    (found,) = checks["primary: data integrity"].differences
    assert (found.explanation, found.column, found.author) == ("edited here", "company", "sofia")


def test_an_edit_before_the_import_is_an_edit_still(inquiry: ConsultationInquiry, legacy_dir: Path) -> None:
    edit(inquiry, notes="Edited before")
    before = everything("default")
    sql = "UPDATE consultation_inquiries SET notes = 'Third' WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, inquiry.external_inquiry_id)
    run_import("primary", legacy_dir)
    assert Divergence.objects.using("default").filter(column="notes").exists()

    assert left() == []

    assert everything("default") == before


def test_an_edit_put_back_by_its_author_is_none(inquiry: ConsultationInquiry) -> None:
    edit(inquiry, company="Edited here")
    edit(inquiry, company="Second GmbH")

    assert left() == []

    assert ConsultationInquiry.objects.get(pk=inquiry.pk).company == inquiry.company


def test_an_edit_of_another_column_is_not_the_imports_business(inquiry: ConsultationInquiry) -> None:
    edit(inquiry, notes="Edited here")

    assert left() == []

    now = ConsultationInquiry.objects.get(pk=inquiry.pk)
    assert (now.company, now.notes) == (inquiry.company, "Edited here")


def test_a_row_deleted_here_stays_deleted(inquiry: ConsultationInquiry, legacy_dir: Path) -> None:
    with attribute_changes_to("sofia"):
        inquiry.delete()

    assert left() == [("consultation_inquiries", "", "sofia")]

    assert counts_of(legacy_dir) == {"deleted": 1, "live": 21}


def counts_of(legacy_dir: Path) -> dict[str, int]:
    run_import("primary", legacy_dir)
    states = list(LedgerRow.objects.using("default").values_list("state", flat=True))
    return {state: states.count(state) for state in sorted(set(states))}


def test_an_inserted_row_that_was_edited_stays_with_its_ledger_row(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    kept = ConsultationInquiry.objects.order_by("external_inquiry_id")[3]
    ConsultationInquiry.objects.filter(pk=kept.pk).update(source_post=None)
    edit(kept, company="Edited here")

    assert left() == [
        ("consultation_inquiries", "company", "sofia"),
        ("consultation_inquiries", "source_post_id", ""),
    ]

    assert list(ConsultationInquiry.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Post.objects.exists()
    assert [row.target_key for row in LedgerRow.objects.using("default").all()] == [kept.pk]
    assert LegacyFile.objects.using("default").filter(pk="primary").exists()
    run_import("primary", legacy_dir)
    assert ConsultationInquiry.objects.get(pk=kept.pk).company == "Edited here"
    assert ConsultationInquiry.objects.count() == 15
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert [cell[2] for cell in differing_cells(legacy_dir / PRIMARY, file.path)] == ["source_post_id", "company"]


def test_a_tombstone_of_an_inserted_row_stays(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    gone = ConsultationInquiry.objects.order_by("external_inquiry_id")[3]
    with attribute_changes_to("sofia"):
        gone.delete()

    assert left() == [("consultation_inquiries", "", "sofia")]

    assert counts_of(legacy_dir) == {"deleted": 1, "live": 21}
    assert not ConsultationInquiry.objects.filter(pk=gone.pk).exists()


def test_a_post_that_an_inquiry_made_here_refers_to_stays(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    post = Post.objects.order_by("external_post_id")[2]
    with attribute_changes_to("sofia"):
        made = make_inquiry(source_post=post)

    (stays,) = undo_latest("primary").undone[0].left

    assert (stays.table, stays.key, stays.who) == ("posts", str(post.pk), "sofia")
    assert stays.why == f"the row stays: consultation_inquiries {made.pk} refers to it"
    made.refresh_from_db()
    assert made.source_post == post
    assert Post.objects.count() == 1


def test_a_post_stays_with_the_edited_inquiry_that_came_with_it(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    inquiry = ConsultationInquiry.objects.exclude(source_post=None).order_by("external_inquiry_id")[0]
    edit(inquiry, notes="Edited here")

    assert ("posts", "", "sofia") in left()

    inquiry.refresh_from_db()
    assert inquiry.source_post is not None
    assert (ConsultationInquiry.objects.count(), Post.objects.count()) == (1, 1)


def test_a_variant_made_here_is_not_taken_along_by_its_test(legacy_dir: Path) -> None:
    run_import("ab_testing", legacy_dir)
    test = ABTest.objects.order_by("test_name")[0]
    with attribute_changes_to("sofia"):
        made = make_variant(test=test)

    undo_latest("ab_testing")

    assert list(ABTestVariant.objects.values_list("pk", flat=True)) == [made.pk]
    assert list(ABTest.objects.all()) == [test]


def test_a_reference_to_a_post_that_is_gone_refers_to_nothing(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    inquiry = ConsultationInquiry.objects.exclude(source_post=None).order_by("external_inquiry_id")[0]
    was = inquiry.source_post
    assert was is not None
    other = Post.objects.exclude(pk=was.pk).order_by("external_post_id")[0]
    sql = "UPDATE consultation_inquiries SET source_post_id = ? WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, other.external_post_id, inquiry.external_inquiry_id)
    run_import("primary", legacy_dir)
    with attribute_changes_to("sofia"):
        was.delete()

    assert left() == [("consultation_inquiries", "source_post_id", "")]

    inquiry.refresh_from_db()
    assert inquiry.source_post is None


def test_an_edit_outlives_the_undo_of_a_new_owner(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 4711")
    run_import("duplicate", legacy_dir)
    before = Post.objects.order_by("external_post_id")[0]
    run_import("primary", legacy_dir)
    with attribute_changes_to("sofia"):
        Post.objects.filter(pk=before.pk).update(likes=5)

    assert left() == [("posts", "likes", "sofia")]

    owner = LedgerRow.objects.using("default").get(target_key=before.pk)
    assert (owner.source, owner.owns, owner.base) == ("duplicate", True, {"likes": before.likes})
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 6, content = 'Changed there'")
    run_import("duplicate", legacy_dir)
    now = Post.objects.get(pk=before.pk)
    assert (now.likes, now.content) == (5, "Changed there")


def test_a_choice_outlives_the_undo_where_both_sides_say_what_they_said(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 6, shares = 3")
    run_import("primary", legacy_dir)
    run_import("duplicate", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET shares = 9")
    run_import("primary", legacy_dir)
    execute("default", "UPDATE divergence SET choice = 'kept', chosen_by = 'sofia'")

    undo_latest("primary")

    said = Divergence.objects.using("default")
    assert set(said.filter(column="likes").values_list("choice", flat=True)) == {"kept"}
    assert set(said.filter(column="shares").values_list("choice", flat=True)) == {""}
