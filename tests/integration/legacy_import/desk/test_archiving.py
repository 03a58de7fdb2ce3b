"""Accepting quarantined rows as archived: kept whole, asked about no more."""

from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence, LedgerRow, Settlement
from legacy_import.services import archive_quarantined_rows, export_sources
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, run_import, versions
from tests.integration.legacy_import.desk.desk import INQUIRIES, quarantined
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SET_CREATED = f"UPDATE {INQUIRIES} SET created_at = ? WHERE rowid = 3"


def accept(row: LedgerRow) -> None:
    done = archive_quarantined_rows("default", [row.pk], reason="a test record", author="sofia")
    assert (done.settled, done.refused) == ((row.pk,), ())


@pytest.fixture
def refused(legacy_dir: Path) -> LedgerRow:
    change(legacy_dir / PRIMARY, SET_CREATED, "yesterday")
    run_import("primary", legacy_dir)
    return quarantined("default", "primary")[0]


def test_an_accepted_row_is_archived_whole_and_imports_end_well(
    refused: LedgerRow, legacy_dir: Path, tmp_path: Path
) -> None:
    accept(refused)

    refused.refresh_from_db()
    assert (refused.state, refused.reasons) == ("archived", None)
    assert not ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).exists()
    before = versions("default")
    report = run_import("primary", legacy_dir)
    assert report.status == "completed"
    assert counts(report)[INQUIRIES] == {"read": 15, "unchanged": 15}
    assert versions("default") == before
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


def test_an_accepted_row_that_changes_and_is_still_bad_is_quarantined_again(
    refused: LedgerRow, legacy_dir: Path
) -> None:
    accept(refused)
    change(legacy_dir / PRIMARY, SET_CREATED, "tomorrow")

    assert run_import("primary", legacy_dir).status == "quarantined"

    refused.refresh_from_db()
    assert refused.state == "quarantined"


def test_an_accepted_row_that_is_mended_lands(refused: LedgerRow, legacy_dir: Path) -> None:
    accept(refused)
    change(legacy_dir / PRIMARY, SET_CREATED, "2025-08-01T10:00:00")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "unchanged": 14, "inserted": 1}
    assert ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).exists()


def test_a_row_that_turns_bad_once_more_as_it_was_accepted_is_archived_by_the_import(
    refused: LedgerRow, legacy_dir: Path
) -> None:
    accept(refused)
    change(legacy_dir / PRIMARY, SET_CREATED, "2025-08-01T10:00:00")
    run_import("primary", legacy_dir)
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).update(notes="called")
    change(legacy_dir / PRIMARY, SET_CREATED, "yesterday")

    report = run_import("primary", legacy_dir)

    assert report.status == "completed"
    assert counts(report)[INQUIRIES] == {"read": 15, "unchanged": 14, "archived": 1}
    # What had landed stays, and so does the memory of what was edited in it.
    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).notes == "called"
    refused.refresh_from_db()
    assert (refused.state, set(refused.base or {})) == ("archived", {"notes"})


def test_a_twin_steps_in_for_an_owner_that_turns_back_into_an_archived_row(legacy_dir: Path) -> None:
    set_likes = "UPDATE linkedin_posts SET likes = ? WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)"
    change(legacy_dir / PRIMARY, set_likes, "many")
    run_import("primary", legacy_dir)
    owner = quarantined("default", "primary")[0]
    accept(owner)
    change(legacy_dir / PRIMARY, set_likes, 12)
    for source in ("primary", "duplicate"):
        run_import(source, legacy_dir)
    assert Post.objects.get(external_post_id=owner.key).data_source == "linkedin_primary"
    change(legacy_dir / PRIMARY, set_likes, "many")

    assert run_import("primary", legacy_dir).status == "completed"

    assert Post.objects.get(external_post_id=owner.key).data_source == "linkedin_duplicate"


def test_a_merged_row_that_turns_back_into_an_archived_one_disagrees_no_more(legacy_dir: Path) -> None:
    set_likes = "UPDATE linkedin_posts SET likes = ? WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)"
    run_import("primary", legacy_dir)
    change(legacy_dir / DUPLICATE, set_likes, "many")
    run_import("duplicate", legacy_dir)
    (row,) = quarantined("default", "duplicate")
    accept(row)
    change(legacy_dir / DUPLICATE, set_likes, 9090)
    run_import("duplicate", legacy_dir)
    assert Divergence.objects.using("default").filter(ledger=row, column="likes").exists()
    change(legacy_dir / DUPLICATE, set_likes, "many")

    run_import("duplicate", legacy_dir)

    assert not Divergence.objects.using("default").filter(ledger=row).exists()


def test_many_rows_are_accepted_at_once(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET created_at = 'now'")
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET posted_at = 'now'")
    run_import("primary", legacy_dir)
    rows = quarantined("default", "primary")

    done = archive_quarantined_rows("default", [row.pk for row in rows], reason="all of it is a test", author="sofia")

    assert set(done.settled) == {row.pk for row in rows}
    assert set(Settlement.objects.using("default").values_list("kind", flat=True)) == {"archive"}
    assert run_import("primary", legacy_dir).status == "completed"
