"""Fixing a quarantined row's cell: it lands, its file stays what it was, and later imports keep the fix."""

from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun, LedgerRow, Settlement
from legacy_import.operations import RowFix, export_sources, fix_rows
from legacy_import.sources import source_named
from tests.imports import counts, run_import, versions
from tests.legacy_files import PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SET_VALUE = "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = 3"


@pytest.fixture
def refused(legacy_dir: Path) -> LedgerRow:
    change(legacy_dir / PRIMARY, SET_VALUE, "25,000")
    assert run_import("primary", legacy_dir).status == "quarantined"
    return LedgerRow.objects.using("default").get(state="quarantined")


def fix(row: LedgerRow, **cells: str | None) -> None:
    done = fix_rows("default", [RowFix(row.pk, cells)], reason="a comma in thousands", author="sofia")
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

    done = fix_rows("default", [RowFix(refused.pk, {"estimated_value": "25 mille"})], reason="a try", author="sofia")

    assert (done.settled, done.run) == ((), None)
    (still,) = done.refused
    assert still.ledger_id == refused.pk
    assert "column estimated_value: expected a number below" in still.sentence
    assert "found '25 mille' (text)" in still.sentence
    assert versions("default") == before
    assert not Settlement.objects.using("default").exists()
    assert not ImportRun.objects.using("default").filter(kind="replay").exists()
