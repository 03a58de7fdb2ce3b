"""Importing a file again after something changed, there or here: what moves and what stays."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence, LedgerRow
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, execute, rows, run_import, versions
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def inquiry(legacy_dir: Path) -> ConsultationInquiry:
    run_import("primary", legacy_dir)
    run_import("duplicate", legacy_dir)
    return ConsultationInquiry.objects.filter(data_source="linkedin_primary").order_by("external_inquiry_id")[0]


def set_cell(legacy_dir: Path, inquiry: ConsultationInquiry, column: str, value: object) -> None:
    sql = f"UPDATE consultation_inquiries SET {column} = ? WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, value, inquiry.external_inquiry_id)


def test_one_changed_cell_updates_that_column_of_that_row_only(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    all_columns = "SELECT to_jsonb(i) - 'company' FROM consultation_inquiries AS i ORDER BY inquiry_id"
    before, others = versions("default"), rows("default", all_columns)
    set_cell(legacy_dir, inquiry, "company", "Renamed GmbH")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 14, "updated": 1}
    inquiry.refresh_from_db()
    assert inquiry.company == "Renamed GmbH"
    assert rows("default", all_columns) == others
    after = versions("default")
    assert len(set(after["consultation_inquiries"]) - set(before["consultation_inquiries"])) == 1
    assert after["posts"] == before["posts"]


def test_an_edited_column_stays_and_diverges_when_its_legacy_cell_changes(
    legacy_dir: Path, inquiry: ConsultationInquiry
) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified", company="Edited here")
    set_cell(legacy_dir, inquiry, "status", "contacted")
    set_cell(legacy_dir, inquiry, "priority_score", 1)

    report = run_import("primary", legacy_dir)

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.company, inquiry.priority_score) == ("qualified", "Edited here", 1)
    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 14, "updated": 1}
    divergence = Divergence.objects.using("default").get(kind="edit")
    assert (divergence.column, divergence.kept, divergence.other) == ("status", "qualified", "contacted")


def test_a_divergence_is_told_once_and_the_edit_still_stays(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")
    set_cell(legacy_dir, inquiry, "status", "contacted")
    run_import("primary", legacy_dir)
    before = versions("default")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 15}
    assert versions("default") == before
    inquiry.refresh_from_db()
    assert inquiry.status == "qualified"


def test_an_edit_alone_is_neither_overwritten_nor_a_divergence(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(estimated_value=Decimal("1234.50"))
    before = versions("default")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 15}
    assert versions("default") == before
    assert not Divergence.objects.using("default").filter(kind="edit").exists()


def test_both_sides_changing_to_the_same_value_agree(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="closed_won")
    set_cell(legacy_dir, inquiry, "status", "closed_won")

    run_import("primary", legacy_dir)

    assert not Divergence.objects.using("default").filter(kind="edit").exists()
    set_cell(legacy_dir, inquiry, "status", "closed_lost")
    run_import("primary", legacy_dir)
    inquiry.refresh_from_db()
    assert inquiry.status == "closed_lost"


def test_an_edit_undone_here_lets_the_legacy_cell_through_again(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    original = inquiry.status
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status=original)
    set_cell(legacy_dir, inquiry, "status", "odd legacy status")

    run_import("primary", legacy_dir)

    inquiry.refresh_from_db()
    assert inquiry.status == "odd legacy status"


def test_a_row_deleted_here_stays_deleted(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        inquiry.delete()
    set_cell(legacy_dir, inquiry, "notes", "called again")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 15}
    assert not ConsultationInquiry.objects.filter(pk=inquiry.pk).exists()
    tombstone = LedgerRow.objects.using("default").get(key=inquiry.external_inquiry_id)
    assert tombstone.state == "deleted"
    assert tombstone.cells is not None
    assert tombstone.cells["notes"] == "called again"


def test_a_post_deleted_here_is_not_brought_back_by_its_twin(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    Post.objects.all().delete()

    for source in ("duplicate", "primary"):
        run_import(source, legacy_dir)

    assert not Post.objects.exists()
    assert set(LedgerRow.objects.using("default").filter(target_table="posts").values_list("state", flat=True)) == {
        "deleted"
    }


def test_a_row_gone_from_the_file_stays_here_marked(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    change(legacy_dir / PRIMARY, "DELETE FROM consultation_inquiries WHERE inquiry_id = ?", inquiry.external_inquiry_id)

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 14, "unchanged": 14}
    assert report.notes == ("1 row has left table consultation_inquiries; what came of them stays here",)
    assert ConsultationInquiry.objects.filter(pk=inquiry.pk).exists()
    assert LedgerRow.objects.using("default").get(key=inquiry.external_inquiry_id).state == "gone"


def test_a_row_that_comes_back_is_the_same_row(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    path = legacy_dir / PRIMARY
    change(path, "CREATE TABLE aside AS SELECT * FROM consultation_inquiries")
    change(path, "DELETE FROM consultation_inquiries")
    run_import("primary", legacy_dir)
    change(path, "INSERT INTO consultation_inquiries SELECT * FROM aside")
    change(path, "DROP TABLE aside")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"] == {"read": 15, "updated": 15}
    assert ConsultationInquiry.objects.count() == 16
    assert set(LedgerRow.objects.using("default").filter(source="primary").values_list("state", flat=True)) == {
        "live",
        "gone",
    }


def test_a_twin_steps_in_when_the_owner_leaves_its_file(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    post = Post.objects.order_by("external_post_id")[0]
    change(legacy_dir / PRIMARY, "DELETE FROM linkedin_posts WHERE post_id = ?", post.external_post_id)

    run_import("primary", legacy_dir)

    post.refresh_from_db()
    assert post.data_source == "linkedin_duplicate"
    theirs = contents(legacy_dir / DUPLICATE)["linkedin_posts"]
    states = dict(LedgerRow.objects.using("default").filter(key=post.external_post_id).values_list("source", "state"))
    assert states == {"primary": "gone", "duplicate": "live"}
    assert len(theirs) == 7
    assert not Divergence.objects.using("default").filter(key=post.external_post_id).exists()


def test_rowids_that_moved_rewrite_no_business_row(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    """The legacy writer uses INSERT OR REPLACE, which gives every post a new rowid."""
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET rowid = rowid + 1000")
    before = versions("default")

    report = run_import("primary", legacy_dir)

    assert counts(report)["linkedin_posts"] == {"read": 7, "unchanged": 7}
    assert versions("default")["posts"] == before["posts"]
    row_ids = rows(
        "default", "SELECT min(row_id) > 1000 FROM ledger WHERE source = 'primary' AND target_table = 'posts'"
    )
    assert row_ids == [(True,)]


def test_an_orphan_finds_its_post_when_that_comes_later(legacy_dir: Path) -> None:
    inquiries = contents(legacy_dir / DUPLICATE)["consultation_inquiries"]
    change(legacy_dir / DUPLICATE, "DELETE FROM linkedin_posts")
    run_import("duplicate", legacy_dir)
    assert ConsultationInquiry.objects.get().source_post_id is None

    run_import("primary", legacy_dir)

    orphan = ConsultationInquiry.objects.get(data_source="linkedin_duplicate")
    assert orphan.source_post is not None
    assert orphan.source_post.external_post_id.encode() in inquiries[0]
    assert LedgerRow.objects.using("default").get(key=orphan.external_inquiry_id).cells is None


def test_updates_of_an_import_are_in_the_change_log_under_its_run(
    legacy_dir: Path, inquiry: ConsultationInquiry
) -> None:
    set_cell(legacy_dir, inquiry, "company", "Renamed GmbH")

    run_import("primary", legacy_dir)

    logged = rows(
        "default",
        "SELECT c.operation, c.new ->> 'company', r.source"
        " FROM change_log AS c JOIN import_run AS r ON r.id = c.import_run",
    )
    assert logged == [("update", "Renamed GmbH", "primary")]


def test_a_run_that_was_killed_is_marked_by_the_next(legacy_dir: Path) -> None:
    execute(
        "default",
        "INSERT INTO import_run (id, source, status, requested_by, host, snapshot_path, snapshot_sha256,"
        " tables, notes, error, change_mark) VALUES (gen_random_uuid(), 'primary', 'running', '', '', '', '', '{}',"
        " '[]', '', 0)",
    )

    run_import("primary", legacy_dir)

    assert rows("default", "SELECT status FROM import_run ORDER BY status") == [("completed",), ("interrupted",)]


def test_an_inquiry_created_at_keeps_its_microseconds_apart_from_the_import(
    legacy_dir: Path, inquiry: ConsultationInquiry
) -> None:
    assert inquiry.created_at is not None
    assert inquiry.updated_at is not None
    assert inquiry.updated_at - inquiry.created_at > timedelta(days=1)
