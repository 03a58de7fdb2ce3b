"""Errors that nobody foresaw, in each unit of an import, a sync, a validation and an export: its siblings go on."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from legacy_import.mapping import Source
from legacy_import.services import ImportRequest, SyncState, import_sources, sync_sources, validate_data
from legacy_import.sources import source_named
from tests.imports import rows, run_import
from tests.legacy_files import DUPLICATE, PRIMARY
from tests.log_lines import logged_events, only_event

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

LINKEDIN = ("primary", "duplicate", "week3")
SOURCES = tuple(source_named(name) for name in LINKEDIN)
Break = Callable[..., None]


@pytest.fixture
def break_of_primary(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Replace a function by one that fails for the source primary, and works for all others."""

    def _break(place: str, error: Exception, is_primary: Callable[..., bool] = _names_primary) -> None:
        module, _, name = place.rpartition(".")
        usual = getattr(pytest.importorskip(module), name)

        def _fail_or_work(*arguments: Any, **options: Any) -> Any:
            if is_primary(*arguments, *options.values()):
                raise error
            return usual(*arguments, **options)

        monkeypatch.setattr(place, _fail_or_work)

    return _break


def _names_primary(*arguments: Any) -> bool:
    named = [getattr(one, "source", one) for one in arguments]
    return any((one.name if isinstance(one, Source) else one) == "primary" for one in named)


def _error_id(sentence: str) -> str:
    return sentence.partition("unforeseen error ")[2].split()[0]


@pytest.mark.parametrize(
    "place",
    [
        "legacy_import.services.importing.take_source_lock",
        "legacy_import.pipeline.diff.table_staging.read_schema",
        "legacy_import.pipeline.source_import.store_schema",
    ],
)
def test_unforeseen_error_of_a_source_leaves_the_others_be(
    place: str, break_of_primary: Break, legacy_dir: Path
) -> None:
    break_of_primary(place, KeyError("week_theme"))

    with logged_events() as events:
        reports = import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))

    assert [report.status for report in reports] == ["failed", "completed", "completed"]
    error = reports[0].error
    assert error
    assert error.startswith("primary: unforeseen error ")
    assert "KeyError: 'week_theme'" in error
    event = only_event(events, "exception.contained")
    assert (event["error_id"], event["source"]) == (_error_id(error), "primary")
    assert rows("default", "SELECT DISTINCT source FROM ledger ORDER BY 1") == [("duplicate",), ("week3",)]
    failed = "SELECT status, error FROM import_run WHERE source = 'primary'"
    assert rows("default", failed) == [("failed", error)]


@pytest.mark.parametrize("error", [RuntimeError("\x00\udc80"), UnicodeDecodeError("utf-8", b"\x80", 0, 1, "bad")])
def test_error_that_postgresql_could_not_store_is_recorded_all_the_same(
    error: Exception, break_of_primary: Break, legacy_dir: Path
) -> None:
    break_of_primary("legacy_import.pipeline.diff.table_staging.read_schema", error)

    report = run_import("primary", legacy_dir)

    assert rows("default", "SELECT status, error FROM import_run") == [("failed", report.error)]


def test_connection_that_was_lost_is_opened_anew_for_the_next_source(
    monkeypatch: pytest.MonkeyPatch, legacy_dir: Path
) -> None:
    lost: list[bool] = []

    def _lose_connection(*_arguments: Any) -> str:
        if not lost:
            lost.append(True)
            connections["default"].connection.close()
            raise KeyError
        return ""

    request = ImportRequest(legacy_dir, requested_by="a test", unless=_lose_connection)

    reports = import_sources(SOURCES, request)

    assert [report.status for report in reports] == ["failed", "completed", "completed"]
    assert rows("default", "SELECT status FROM import_run WHERE source = 'primary'") == [("failed",)]


@pytest.mark.parametrize(
    "place",
    [
        "legacy_import.services.source_sync_records._upsert_source_sync",
        "legacy_import.services.quarantine_notices._update_source_notice",
    ],
)
def test_import_that_is_committed_is_not_failed_by_what_comes_after(
    place: str, break_of_primary: Break, legacy_dir: Path
) -> None:
    break_of_primary(place, KeyError())

    report = run_import("primary", legacy_dir)

    assert report.status == "completed"
    assert rows("default", "SELECT status FROM import_run") == [("completed",)]


def test_unforeseen_error_of_a_look_leaves_the_others_in_step(break_of_primary: Break, legacy_dir: Path) -> None:
    request = ImportRequest(legacy_dir, requested_by="a test")
    import_sources(SOURCES, request)
    break_of_primary("legacy_import.services.syncing.look_at_file", KeyError("week_theme"))

    synced = sync_sources(SOURCES, request)

    assert [one.state for one in synced] == [SyncState.FAILED, SyncState.UNCHANGED, SyncState.UNCHANGED]
    assert "KeyError: 'week_theme'" in synced[0].sentence


@pytest.mark.parametrize(
    ("place", "topic"),
    [
        ("legacy_import.validation.migration_validator.check_record_counts", "record counts"),
        ("legacy_import.validation.migration_validator.check_cells", "data integrity"),
        ("legacy_import.validation.migration_validator.check_pipeline", "consultation pipeline"),
    ],
)
def test_unforeseen_error_of_a_check_leaves_the_other_checks_be(
    place: str, topic: str, break_of_primary: Break, legacy_dir: Path
) -> None:
    import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))
    topics = {check.name for check in validate_data(legacy_dir)}
    break_of_primary(place, KeyError("week_theme"))

    checks = validate_data(legacy_dir)

    failed = {check.name: check.detail for check in checks if check.name.startswith(LINKEDIN) and not check.passed}
    assert list(failed) == [f"primary: {topic}"]
    assert "unforeseen error " in failed[f"primary: {topic}"]
    # The clocks are read with the cells.
    assert topics - {check.name for check in checks} == ({"primary: clocks"} if topic == "data integrity" else set())


def test_validation_that_fails_as_a_whole_is_a_sentence(monkeypatch: pytest.MonkeyPatch, legacy_dir: Path) -> None:
    def _fail(*_arguments: Any, **_options: Any) -> None:
        raise KeyError("week_theme")

    monkeypatch.setattr("legacy_import.services.validating.MigrationValidator.validate", _fail)
    complaint = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("validate_migration", f"--legacy-dir={legacy_dir}", stderr=complaint)

    assert ended.value.code == 1
    assert complaint.getvalue().startswith("validate_migration: unforeseen error ")
    assert len(complaint.getvalue().splitlines()) == 1


def test_unforeseen_error_of_one_rebuild_leaves_the_other_files(
    break_of_primary: Break, legacy_dir: Path, tmp_path: Path
) -> None:
    import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))
    break_of_primary("legacy_import.services.exporting.rebuild_file", KeyError("week_theme"))
    output, complaint = StringIO(), StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("export_legacy", f"--output={tmp_path / 'out'}", stdout=output, stderr=complaint)

    assert ended.value.code == 1
    assert complaint.getvalue().startswith("primary: unforeseen error ")
    assert [line.partition(":")[0] for line in output.getvalue().splitlines()] == ["duplicate", "week3"]
    assert not (tmp_path / "out" / PRIMARY).exists()
    assert (tmp_path / "out" / DUPLICATE).exists()
