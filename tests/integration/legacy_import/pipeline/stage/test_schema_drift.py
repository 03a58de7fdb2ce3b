"""A legacy file whose shape has changed: said in the report, and nothing lost."""

import shutil
from pathlib import Path

import pytest

from legacy_import.models import LedgerRow
from legacy_import.services import export_sources
from legacy_import.sources import SOURCES, source_named
from tests.imports import counts, rows, run_import
from tests.legacy_files import PRIMARY, change, contents, only, shape

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

_COMPARED = "every row was compared with PostgreSQL: the file's tables have another shape than at the last import"

CONTENT = "content_analytics.db"


def rebuilt(name: str, output: Path) -> Path:
    (file,) = export_sources([source_named(name)], output)
    return file.path


def test_a_missing_optional_column_is_said_and_its_default_stands(legacy_dir: Path) -> None:
    report = run_import("performance", legacy_dir)

    assert report.notes == (
        "table content_patterns has no column updated_at",
        "table performance_predictions has no column validated_at",
    )
    assert rows("analytics", "SELECT count(*) FROM content_patterns WHERE updated_at IS NULL") == [(0,)]


def test_an_added_column_is_said_kept_and_rebuilt(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "ALTER TABLE consultation_inquiries ADD COLUMN budget REAL")
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET budget = 0.1 WHERE rowid > 10")

    report = run_import("primary", legacy_dir)

    assert report.notes == (
        "column consultation_inquiries.budget is not declared; the ledger keeps it",
        _COMPARED,
        "column consultation_inquiries.budget is new since the last import",
    )
    assert counts(report)["consultation_inquiries"] == {"read": 15, "unchanged": 10, "updated": 5}
    assert contents(rebuilt("primary", tmp_path / "out")) == contents(legacy_dir / PRIMARY)


def test_an_added_table_is_said_archived_and_rebuilt(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "CREATE TABLE leads (lead_id INTEGER PRIMARY KEY, note TEXT)")
    change(legacy_dir / PRIMARY, "INSERT INTO leads VALUES (7, 'call back'), (9, NULL)")
    change(legacy_dir / PRIMARY, "CREATE INDEX idx_leads ON leads (note)")

    report = run_import("primary", legacy_dir)

    assert report.notes == (
        "table leads is not declared; its rows are archived",
        _COMPARED,
        "table leads is new since the last import",
    )
    assert counts(report)["leads"] == {"read": 2, "archived": 2}
    path = rebuilt("primary", tmp_path / "out")
    assert contents(path) == contents(legacy_dir / PRIMARY)
    assert shape(path) == shape(legacy_dir / PRIMARY)


def test_an_archived_table_that_goes_is_said_and_its_rows_stay_here(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("content", legacy_dir)
    change(legacy_dir / CONTENT, "DROP TABLE weekly_performance")

    report = run_import("content", legacy_dir)

    assert report.notes == (
        "table weekly_performance is missing",
        _COMPARED,
        "table weekly_performance is gone since the last import; what came of its rows stays here",
    )
    row = LedgerRow.objects.using("default").get(legacy_table="weekly_performance")
    assert row.state == "gone"
    assert row.cells is not None
    assert contents(rebuilt("content", tmp_path / "out")) == contents(legacy_dir / CONTENT)


def test_a_changed_declared_type_is_said_and_its_cells_still_land(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    path = legacy_dir / PRIMARY
    change(path, "ALTER TABLE consultation_inquiries RENAME COLUMN estimated_value TO old")
    change(path, "ALTER TABLE consultation_inquiries ADD COLUMN estimated_value TEXT")
    change(path, "UPDATE consultation_inquiries SET estimated_value = old")
    change(path, "ALTER TABLE consultation_inquiries DROP COLUMN old")
    copy = only(legacy_dir, PRIMARY, into=tmp_path / "aside")

    report = run_import("primary", legacy_dir)

    assert report.notes == (
        _COMPARED,
        "column consultation_inquiries.estimated_value changed its declared type from INTEGER to TEXT",
    )
    assert report.status == "completed"
    assert rows("default", "SELECT sum(estimated_value) FROM consultation_inquiries") == [(555000,)]
    assert contents(rebuilt("primary", tmp_path / "out")) == contents(copy / PRIMARY)


def test_a_column_that_goes_is_said(legacy_dir: Path) -> None:
    run_import("content", legacy_dir)
    change(legacy_dir / CONTENT, "ALTER TABLE posts DROP COLUMN click_through_rate")

    report = run_import("content", legacy_dir)

    assert report.notes == (_COMPARED, "column posts.click_through_rate is gone since the last import")
    assert report.status == "completed"


def test_all_real_files_come_back_after_columns_and_tables_were_added(
    real_legacy_dir: Path, backup_dir: Path, tmp_path: Path
) -> None:
    for source in SOURCES:
        assert run_import(source.name, real_legacy_dir).status == "completed"
        _grow(real_legacy_dir / source.path, source.tables[0].name)
        report = run_import(source.name, real_legacy_dir)
        assert report.status == "completed", report.error
        assert report.tables["added later"].archived == 2
    originals = tmp_path / "aside"
    shutil.copytree(real_legacy_dir, originals)
    shutil.rmtree(real_legacy_dir)
    shutil.rmtree(backup_dir)

    files = list(export_sources(SOURCES, tmp_path / "out"))

    assert len(files) == 13
    for source in SOURCES:
        assert contents(tmp_path / "out" / source.path) == contents(originals / source.path)
        assert shape(tmp_path / "out" / source.path) == shape(originals / source.path)


def _grow(path: Path, table: str) -> None:
    change(path, f'ALTER TABLE "{table}" ADD COLUMN "added later" BLOB')
    change(path, f'UPDATE "{table}" SET "added later" = x\'00ff\' WHERE rowid % 2 = 0')
    change(path, f'UPDATE "{table}" SET "added later" = 0.1 WHERE rowid % 2 = 1')
    change(path, 'CREATE TABLE "added later" (a, b INTEGER)')
    change(path, "INSERT INTO \"added later\" VALUES ('x', 1), (x'00', NULL)")
