"""Validation of a file without most of its rows, of a withdrawn source, and of some sources alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from legacy_import.models import LossQuestion, ValidationRun
from legacy_import.services.row_losses import record_loss_answer
from legacy_import.services.source_withdrawals import withdraw_source
from legacy_import.sources import SOURCES, source_named
from legacy_import.validation.migration_validator import MigrationValidator
from synapse.foundation.databases import ALIASES
from tests.imports import run_import
from tests.legacy_files import PRIMARY, delete_primary_rows

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@pytest.fixture
def imported(settings: Settings, legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = legacy_dir
    for source in SOURCES:
        assert run_import(source.name, legacy_dir).error is None
    return legacy_dir


def empty(folder: Path) -> None:
    delete_primary_rows(folder / PRIMARY)


def validate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    with pytest.raises(SystemExit) as ended:
        call_command("validate_migration", "--json", *map(str, arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code, json.loads(capsys.readouterr().out)


def failed(report: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["detail"] for one in report["checks"] if not one["passed"]}


def test_an_emptied_file_does_not_agree(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty(imported)

    code, report = validate(capsys)

    assert (code, report["passed"]) == (1, False)
    assert list(failed(report)) == ["primary: missing rows"]
    assert "has lost 22 of the 22 rows" in failed(report)["primary: missing rows"]
    assert "agree" not in report["verdict"]
    assert "missing rows" in report["next_step"]


def test_a_confirmed_deletion_passes_before_and_after_its_import(imported: Path) -> None:
    empty(imported)
    run_import("primary", imported)
    question = LossQuestion.objects.get()
    record_loss_answer("primary", LossQuestion.Answer.ROWS_DELETED, sha256=question.sha256, answered_by="olga")

    before = MigrationValidator(imported).validate_data()
    assert run_import("primary", imported).error is None
    after = MigrationValidator(imported).validate_data()

    assert {check.name for check in before + after if not check.passed} == set()
    assert "primary: missing rows" in {check.name for check in before}


def test_a_missing_file_names_the_way_out(imported: Path) -> None:
    (imported / PRIMARY).unlink()

    details = {check.name: check.detail for check in MigrationValidator(imported).validate_data() if not check.passed}

    assert "legacy_sources withdraw primary" in details["primary: legacy file"]


def test_a_withdrawn_source_is_compared_with_its_last_snapshot_and_all_passes(imported: Path) -> None:
    (imported / PRIMARY).unlink()
    withdraw_source(source_named("primary"), legacy_dir=imported, withdrawn_by="olga")

    checks = {check.name: check for check in MigrationValidator(imported).validate_data()}

    assert [check.name for check in checks.values() if not check.passed] == []
    assert "withdrawn by olga" in checks["primary: withdrawn"].detail
    assert "22 rows compared" in checks["primary: data integrity"].detail
    assert "all sources: consultation pipeline" in checks


def test_a_withdrawn_source_that_was_never_imported_is_left_out(settings: Settings, legacy_dir: Path) -> None:
    settings.LEGACY_DIR = legacy_dir
    (legacy_dir / PRIMARY).unlink()
    withdraw_source(source_named("primary"), legacy_dir=legacy_dir, withdrawn_by="olga")
    for source in SOURCES[1:]:
        run_import(source.name, legacy_dir)

    checks = MigrationValidator(legacy_dir).validate_data()

    assert [check.name for check in checks if not check.passed] == []


@pytest.mark.parametrize("asked", ["--source=primary", "--source=primary,duplicate", "--phase=core"])
def test_a_validation_of_some_judges_only_these(
    settings: Settings, legacy_dir: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    settings.LEGACY_DIR = legacy_dir
    for name in ("primary", "duplicate", "week3"):
        run_import(name, legacy_dir)

    code, report = validate(capsys, asked)

    data = [one for one in report["checks"] if not one["name"].endswith("query performance")]
    assert (code, failed(report)) in ((0, {}), (1, failed({"checks": report["checks"]})))
    assert failed({"checks": data}) == {}
    assert {one["database"] for one in report["checks"]} == {"default"}
    assert not ValidationRun.objects.exists()
    assert validate(capsys)[0] == 1


def test_a_validation_of_some_fails_where_one_of_them_was_not_imported(
    settings: Settings, legacy_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LEGACY_DIR = legacy_dir
    run_import("primary", legacy_dir)

    assert "duplicate: record counts" in failed(validate(capsys, "--source=primary,duplicate")[1])


def test_a_validation_of_an_unknown_source_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("validate_migration", "--source=nonsense")

    assert ended.value.code == 2
    assert "unknown source 'nonsense'" in capsys.readouterr().err
