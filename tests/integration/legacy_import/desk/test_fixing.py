"""Fixing a quarantined row's cell: it lands, its file stays what it was, and later imports keep the fix."""

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.demo import write_demo_legacy
from legacy_import.models import Divergence, ImportRun, LedgerRow, Settlement
from legacy_import.services import RowFix, export_sources, fix_quarantined_rows, withdraw_settlements
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, rows, run_import, versions
from tests.integration.legacy_import.desk.desk import quarantined
from tests.legacy_files import PRIMARY, change, contents, differing_cells

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SET_VALUE = "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = 3"


@pytest.fixture
def refused(legacy_dir: Path) -> LedgerRow:
    change(legacy_dir / PRIMARY, SET_VALUE, "25,000")
    assert run_import("primary", legacy_dir).status == "quarantined"
    return LedgerRow.objects.using("default").get(state="quarantined")


def fix(row: LedgerRow, **cells: str | None) -> None:
    done = fix_quarantined_rows("default", [RowFix(row.pk, cells)], reason="a comma in thousands", author="sofia")
    assert done.settled == (row.pk,)
    assert done.refused == ()


def test_a_fixed_row_lands_with_the_value_and_the_file_comes_back_as_it_was(
    refused: LedgerRow, legacy_dir: Path, tmp_path: Path
) -> None:
    fix(refused, estimated_value="25000")

    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).estimated_value == Decimal(25000)
    refused.refresh_from_db()
    assert (refused.state, refused.reasons) == ("live", None)
    settlement = Settlement.objects.using("default").get()
    assert (settlement.settled_by, settlement.reason, settlement.kind) == ("sofia", "a comma in thousands", "fix")
    run = ImportRun.objects.using("default").get(kind="replay")
    assert (run.status, run.requested_by, run.tables["consultation_inquiries"]["inserted"]) == ("completed", "sofia", 1)
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


def test_the_run_of_a_fix_knows_what_had_been_edited_before_it(refused: LedgerRow) -> None:
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.update(notes="called")

    fix(refused, estimated_value="25000")

    ((newest,),) = rows("default", "SELECT max(id) FROM change_log")
    assert ImportRun.objects.using("default").get(kind="replay").change_mark == newest


def test_a_later_import_keeps_the_fix_and_rewrites_nothing(refused: LedgerRow, legacy_dir: Path) -> None:
    fix(refused, estimated_value="25000")
    before = versions("default")

    report = run_import("primary", legacy_dir)

    assert report.status == "completed"
    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 15}
    assert versions("default") == before


def test_a_legacy_row_that_changed_is_judged_on_its_own(refused: LedgerRow, legacy_dir: Path) -> None:
    fix(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, SET_VALUE, "26,000")

    report = run_import("primary", legacy_dir)

    assert report.status == "quarantined"
    refused.refresh_from_db()
    assert refused.state == "quarantined"
    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).estimated_value == Decimal(25000)
    assert Settlement.objects.using("default").get().withdrawn_at is None


def test_a_fix_that_is_none_changes_nothing_and_says_why(refused: LedgerRow) -> None:
    before = versions("default")

    done = fix_quarantined_rows(
        "default", [RowFix(refused.pk, {"estimated_value": "25 mille"})], reason="a try", author="sofia"
    )

    assert (done.settled, done.runs) == ((), ())
    (still,) = done.refused
    assert still.ledger_id == refused.pk
    assert "column estimated_value: expected a number below" in still.sentence
    assert "found '25 mille' (text)" in still.sentence
    assert versions("default") == before
    assert not Settlement.objects.using("default").exists()
    assert not ImportRun.objects.using("default").filter(kind="replay").exists()


def test_an_edit_of_the_fixed_column_stays_and_flows_back(refused: LedgerRow, legacy_dir: Path, tmp_path: Path) -> None:
    fix(refused, estimated_value="25000")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).update(estimated_value=30000)
    before = versions("default")

    assert run_import("primary", legacy_dir).status == "completed"

    assert versions("default") == before
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert differing_cells(file.path, legacy_dir / PRIMARY) == [("consultation_inquiries", 3, "estimated_value")]


def test_an_edit_of_a_fixed_row_diverges_when_its_legacy_cell_is_mended(refused: LedgerRow, legacy_dir: Path) -> None:
    fix(refused, estimated_value="25000")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).update(estimated_value=30000)
    change(legacy_dir / PRIMARY, SET_VALUE, 26000)

    assert run_import("primary", legacy_dir).status == "completed"

    divergence = Divergence.objects.using("default").get(kind="edit")
    assert (divergence.column, divergence.kept, divergence.other) == ("estimated_value", 30000, 26000)


def test_a_mended_legacy_row_goes_before_the_fix(refused: LedgerRow, legacy_dir: Path) -> None:
    fix(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, SET_VALUE, 26000)

    assert run_import("primary", legacy_dir).status == "completed"

    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).estimated_value == Decimal(26000)


def test_a_fixed_reference_points_to_its_post(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET source_post_id = x'00ff' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")
    post = Post.objects.order_by("external_post_id")[0]

    fix(row, source_post_id=post.external_post_id)

    assert ConsultationInquiry.objects.get(external_inquiry_id=row.key).source_post == post
    assert counts(run_import("primary", legacy_dir))["consultation_inquiries"] == {"read": 15, "unchanged": 15}
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


def test_a_cell_can_be_read_as_null(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / PRIMARY, SET_VALUE, "to be agreed")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    fix(row, estimated_value=None)

    assert ConsultationInquiry.objects.get(external_inquiry_id=row.key).estimated_value is None
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


def test_a_text_that_begins_with_the_mark_is_the_text(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET notes = x'ff' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")

    fix(row, notes="\x01i:5")

    assert ConsultationInquiry.objects.get(external_inquiry_id=row.key).notes == "\x01i:5"


def test_a_thousand_rows_are_fixed_in_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    write_demo_legacy(folder, rows=3000, dirty=0.0, seed=1, today=date(2025, 8, 26))
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET created_at = 'yesterday' WHERE rowid <= 1000")
    run_import("primary", folder)
    fixes = [RowFix(row.pk, {"created_at": "2025-08-01T10:00:00"}) for row in quarantined("default", "primary")]
    assert len(fixes) == 1000
    began = time.monotonic()

    done = fix_quarantined_rows("default", fixes, reason="all of one script", author="sofia")

    assert time.monotonic() - began < 10
    assert len(done.settled) == 1000
    assert run_import("primary", folder).status == "completed"


def test_a_column_the_file_gets_without_values_takes_no_fix_away(
    refused: LedgerRow, legacy_dir: Path, tmp_path: Path
) -> None:
    fix(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, "ALTER TABLE consultation_inquiries ADD COLUMN mood TEXT")

    assert run_import("primary", legacy_dir).status == "completed"

    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)
    withdraw_settlements("default", [Settlement.objects.using("default").get().pk], author="tom")
    refused.refresh_from_db()
    assert refused.state == "quarantined"
