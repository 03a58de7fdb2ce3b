"""What imports, the quarantine desk, validations, rebuilds and undos leave in the log: who, what, how many; no cell."""

import dataclasses
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun, LedgerRow, Settlement
from legacy_import.services.exporting import export_sources
from legacy_import.services.settling import archive_quarantined_rows
from legacy_import.services.undoing import UndoRequest, undo_run
from legacy_import.services.withdrawing import withdraw_settlements
from legacy_import.sources import source_named
from tests.imports import run_import
from tests.legacy_files import PRIMARY, change
from tests.log_lines import logged_events, only_event

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

CELL = "twenty thousand of Bob"


def _spoil(folder: Path) -> None:
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = ?", CELL)


def _names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


def test_an_import_is_logged_from_its_start_to_its_counts(legacy_dir: Path) -> None:
    with logged_events() as events:
        report = run_import("primary", legacy_dir)

    run = ImportRun.objects.using("default").get()
    assert _names(events) == ["import.started", "import.ended"]
    assert {(event["source"], event["import_run"]) for event in events} == {("primary", str(run.pk))}
    ended = only_event(events, "import.ended")
    read = {table: counts.read for table, counts in report.tables.items()}
    assert ended["status"] == "completed"
    assert {table: counts["read"] for table, counts in ended["tables"].items()} == read


def test_refused_rows_are_one_line_a_table_with_their_number_and_without_their_cells(legacy_dir: Path) -> None:
    _spoil(legacy_dir)

    with logged_events() as events:
        report = run_import("primary", legacy_dir)

    refused = only_event(events, "rows.quarantined")
    assert refused["table"] == "consultation_inquiries"
    assert refused["rows"] == report.tables["consultation_inquiries"].quarantined > 0
    assert CELL not in str(events)


def test_a_failed_import_is_logged_with_its_sentence(legacy_dir: Path) -> None:
    (legacy_dir / PRIMARY).unlink()

    with logged_events() as events:
        report = run_import("primary", legacy_dir)

    failed = only_event(events, "import.failed")
    assert failed["level"] == "error"
    assert failed["error"] == report.error
    assert "rows.quarantined" not in _names(events)


def test_a_dry_run_says_that_it_is_one(legacy_dir: Path) -> None:
    with logged_events() as events:
        run_import("primary", legacy_dir, dry_run=True)

    assert only_event(events, "import.ended")["dry_run"] is True


def test_an_unforeseen_exception_is_found_by_the_id_in_the_sources_sentence(
    legacy_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("legacy_import.services.importing.import_fingerprint", fail)

    with logged_events() as events:
        report = run_import("primary", legacy_dir)

    contained = only_event(events, "exception.contained")
    assert contained["error_id"] in str(report.error)
    assert (contained["source"], contained["error_type"]) == ("primary", "ZeroDivisionError")
    assert "Traceback" in contained["traceback"]
    assert contained["import_run"] == only_event(events, "import.failed")["import_run"]


def test_what_is_settled_at_the_desk_and_withdrawn_again_is_logged(legacy_dir: Path) -> None:
    _spoil(legacy_dir)
    run_import("primary", legacy_dir)
    refused = LedgerRow.objects.using("default").filter(state="quarantined").values_list("pk", flat=True)
    ids = list(refused)

    with logged_events() as events:
        archive_quarantined_rows("default", ids, reason="not ours", author="ann")
        settlements = list(Settlement.objects.using("default").values_list("pk", flat=True))
        withdraw_settlements("default", settlements, author="ann")

    settled, withdrawn = only_event(events, "quarantine.settled"), only_event(events, "quarantine.withdrawn")
    assert (settled["verb"], settled["author"], settled["settled"]) == ("archive", "ann", len(ids))
    assert (withdrawn["author"], withdrawn["rows"]) == ("ann", len(ids))
    assert CELL not in str(events)


def test_a_refused_undo_and_a_done_one_are_logged(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    run = ImportRun.objects.using("default").get()
    request = UndoRequest("default", run.pk, requested_by="ann", dry_run=True)

    with logged_events() as events:
        undo_run(request)
        run_import("duplicate", legacy_dir)
        with pytest.raises(TerminalError):
            undo_run(dataclasses.replace(request, run=ImportRun().pk))

    undone = only_event(events, "import.undone")
    assert (undone["import_run"], undone["runs"]) == (str(run.pk), [str(run.pk)])
    assert only_event(events, "import.undone.refused")["error_type"].endswith("TerminalError")


def test_rebuilt_files_are_logged(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)

    with logged_events() as events:
        (file,) = export_sources([source_named("primary")], tmp_path / "out")

    assert only_event(events, "source.exported")["rows"] == sum(file.rows.values())
    assert sqlite3.connect(file.path).execute("SELECT 1").fetchone()


def test_a_dump_is_logged_without_a_password(legacy_dir: Path, settings: Settings) -> None:
    settings.DUMP_BEFORE_IMPORT = True
    run_import("primary", legacy_dir)

    with logged_events() as events:
        run_import("duplicate", legacy_dir)

    assert "[hidden]" not in str(events)
    password = str(settings.DATABASES["default"].get("PASSWORD") or "no password")
    assert password not in str(events)
