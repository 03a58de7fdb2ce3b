"""Fixing what identifies a row: missing keys, twins, identities of several columns."""

from pathlib import Path

import pytest

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import RowFix, export_sources, fix_quarantined_rows
from legacy_import.sources import source_named
from tests.imports import counts, rows, run_import, versions
from tests.integration.legacy_import.desk.desk import INQUIRIES, quarantined, settle
from tests.legacy_files import PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

MONTH = "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES (?, ?, ?)"


def assert_settled_for_good(source: str, legacy_dir: Path, tmp_path: Path) -> None:
    alias = source_named(source).database
    before = versions(alias)
    assert run_import(source, legacy_dir).status == "completed"
    assert versions(alias) == before
    (file,) = export_sources([source_named(source)], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / source_named(source).path)


def test_a_row_without_a_key_lands_under_the_one_it_is_given(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_id = NULL WHERE rowid = 3")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    settle(row, inquiry_id="given-here")

    assert ConsultationInquiry.objects.filter(external_inquiry_id="given-here").exists()
    row.refresh_from_db()
    assert (row.state, row.key[0], row.cells) == ("live", "#", {"inquiry_id": None})
    assert_settled_for_good("primary", legacy_dir, tmp_path)


def test_children_find_the_parent_whose_key_was_fixed(legacy_dir: Path, tmp_path: Path) -> None:
    change(
        legacy_dir / PRIMARY,
        "UPDATE linkedin_posts SET post_id = NULL WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)",
    )
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET source_post_id = 'given-here' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    settle(row, post_id="given-here")

    child = ConsultationInquiry.objects.get(source_post__external_post_id="given-here")
    assert child.source_post == Post.objects.get(external_post_id="given-here")
    assert_settled_for_good("primary", legacy_dir, tmp_path)


def test_a_key_that_another_row_of_the_source_has_is_refused(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_id = NULL WHERE rowid = 3")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")
    taken = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    before = versions("default")

    fix = RowFix(row.pk, {"inquiry_id": taken.external_inquiry_id})
    done = fix_quarantined_rows("default", [fix], reason="a test", author="sofia")

    assert done.settled == ()
    assert "values that no other row of this source has" in done.refused[0].sentence
    assert versions("default") == before


def test_of_two_rows_given_one_key_at_once_only_one_lands(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_id = NULL WHERE rowid IN (3, 4)")
    run_import("primary", legacy_dir)
    fixes = [RowFix(row.pk, {"inquiry_id": "the same"}) for row in quarantined("default", "primary")]

    done = fix_quarantined_rows("default", fixes, reason="a test", author="sofia")

    assert (len(done.settled), len(done.refused)) == (1, 1)
    assert Settlement.objects.using("default").get().ledger_id == done.settled[0]
    assert ConsultationInquiry.objects.filter(external_inquiry_id="the same").count() == 1
    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "unchanged": 14, "quarantined": 1}


def test_the_twin_that_was_refused_lands_under_an_identity_of_its_own(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, MONTH, "p1", "2025-01", 1)
    change(legacy_dir / PRIMARY, MONTH, "p2", "2025-01", 2)
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    settle(row, month="2025-02")

    assert BusinessPipeline.objects.count() == 2
    assert_settled_for_good("primary", legacy_dir, tmp_path)


def test_a_ledger_key_can_be_fixed_where_the_target_has_no_column_for_it(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, MONTH, None, "2025-01", 1)
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    settle(row, pipeline_id="given-here")

    assert BusinessPipeline.objects.get().month == "2025-01"
    assert_settled_for_good("primary", legacy_dir, tmp_path)


def test_a_variant_lands_beside_its_twin_under_a_fixed_name(legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / "ab_testing.db"
    change(path, "UPDATE test_variants SET variant_name = (SELECT variant_name FROM test_variants WHERE rowid = 1),"
                 " test_id = (SELECT test_id FROM test_variants WHERE rowid = 1) WHERE rowid = 2")  # fmt: skip
    run_import("ab_testing", legacy_dir)
    (row,) = quarantined("revenue", "ab_testing")

    settle(row, "revenue", variant_name="the second")

    assert_settled_for_good("ab_testing", legacy_dir, tmp_path)


def test_a_key_fixed_a_second_time_leaves_no_row_behind(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_id = '' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    settle(quarantined("default", "primary")[0], inquiry_id="first try")
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET company = 'Renamed' WHERE rowid = 3")
    assert run_import("primary", legacy_dir).status == "quarantined"

    settle(quarantined("default", "primary")[0], inquiry_id="second try")

    assert ConsultationInquiry.objects.get(company="Renamed").external_inquiry_id == "second try"
    assert not ConsultationInquiry.objects.filter(external_inquiry_id="first try").exists()
    assert ConsultationInquiry.objects.count() == 15
    assert rows("default", "SELECT count(*) FROM ledger WHERE owns AND target_table = 'consultation_inquiries'") == [
        (15,)
    ]
    assert_settled_for_good("primary", legacy_dir, tmp_path)


def test_a_new_legacy_row_with_the_fixed_key_is_the_one_that_is_refused(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_id = NULL WHERE rowid = 3")
    run_import("primary", legacy_dir)
    settle(quarantined("default", "primary")[0], inquiry_id="given-here")
    change(legacy_dir / PRIMARY, f"INSERT INTO {INQUIRIES} (inquiry_id, contact_name, inquiry_type, inquiry_channel)"
                                 " VALUES ('given-here', 'Ada', 'architecture', 'dm')")  # fmt: skip

    report = run_import("primary", legacy_dir)

    assert counts(report)[INQUIRIES] == {"read": 16, "unchanged": 15, "quarantined": 1}
    assert LedgerRow.objects.using("default").get(state="quarantined").key == "given-here"
