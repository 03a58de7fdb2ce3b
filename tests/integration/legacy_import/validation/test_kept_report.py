"""What is kept of a validation: whatever it found, by whatever way it was asked for, drawn again as it was."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.models import ValidationRun
from legacy_import.services import validate_and_record
from legacy_import.sources import SOURCES
from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference
from legacy_import.validation.html_report import render_html_report
from legacy_import.validation.kept_report import build_validation_run, restore_report
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.report import Report
from synapse.foundation.databases import ALIASES
from synapse.kit.notices.models import Kind, Notice
from tests.factories import MOMENT
from tests.imports import execute, run_import

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@pytest.fixture
def imported(legacy_dir: Path, settings: Settings) -> Path:
    settings.LEGACY_DIR = legacy_dir
    for source in SOURCES:
        assert run_import(source.name, legacy_dir).error is None
    return legacy_dir


def unsigned_change() -> None:
    key = ConsultationInquiry.objects.order_by("external_inquiry_id")[0].pk
    execute("default", "UPDATE consultation_inquiries SET status = 'lost' WHERE inquiry_id = %s", [key])


def a_report(*checks: Check) -> Report:
    return Report(checks, Path("legacy"), MOMENT, 1.25, "ada")


def a_difference(number: int, *, here: str = "1") -> Difference:
    return Difference("unexplained", "posts", f"post-{number}", "likes", here, "2")


def test_the_commands_verdict_is_kept_good_or_bad(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--json"]):
        with pytest.raises(SystemExit):
            call_command("validate_migration", *arguments)
        unsigned_change()

    bad, good = ValidationRun.objects.all()
    assert (good.passed, good.failures, good.error) == (True, [], "")
    assert (bad.passed, bad.check_count, good.check_count) == (False, len(bad.checks), len(good.checks))
    assert [(one["name"], one["database"]) for one in bad.failures] == [("week3: data integrity", "default")]
    assert bad.requested_by
    assert bad.seconds > 0


def test_a_kept_report_is_drawn_as_it_was(imported: Path) -> None:
    unsigned_change()
    validated = validate_and_record(imported, requested_by="ada")

    assert validated.run is not None
    kept = ValidationRun.objects.get(pk=validated.run.pk)
    assert render_html_report(restore_report(kept)) == render_html_report(validated.report)


def test_many_differences_are_cut_and_the_rest_counted() -> None:
    broken = tuple(map(a_difference, range(57)))
    build_validation_run(
        a_report(Check("primary: data integrity", "default", passed=False, detail="all", differences=broken))
    ).save()

    check = restore_report(ValidationRun.objects.get()).checks[0]

    assert check.differences == broken[:50]
    assert check.left_out == {"unexplained": 7}
    assert "(the first 50; 7 more)" in render_html_report(a_report(check))


@pytest.mark.parametrize(("differences", "words"), [(200, "Unexplained<"), (201, "(the first 200; 1 more)")])
def test_a_page_lists_the_first_two_hundred_of_a_kind(differences: int, words: str) -> None:
    broken = tuple(map(a_difference, range(differences)))
    check = Check("primary: data integrity", "default", passed=False, detail="all", differences=broken)

    page = render_html_report(a_report(check))

    assert words in page
    assert ("post-199" in page, "post-200" in page) == (True, False)


@pytest.mark.parametrize("odd", ["a\0b", "half \ud800", "<b>\u202e"])
def test_what_the_database_cannot_hold_becomes_a_sign(odd: str) -> None:
    check = Check(
        f"primary: {odd}",
        "default",
        passed=False,
        detail=odd,
        differences=(a_difference(1, here=odd),),
        lines=({"table": odd},),
    )

    build_validation_run(a_report(check)).save()

    found = json.dumps(ValidationRun.objects.get().checks, ensure_ascii=False)
    assert odd not in found


def test_a_validation_that_breaks_off_is_kept_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: MigrationValidator) -> list[Check]:
        raise RuntimeError("no such luck\0")

    monkeypatch.setattr(MigrationValidator, "validate", breaks)

    with pytest.raises(RuntimeError):
        validate_and_record(tmp_path)

    assert ValidationRun.objects.get().error == "RuntimeError: no such luck"
    assert not Notice.objects.exists()


def test_a_validation_that_is_killed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: MigrationValidator) -> list[Check]:
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationValidator, "validate", killed)

    with pytest.raises(KeyboardInterrupt):
        validate_and_record(tmp_path)

    assert not ValidationRun.objects.exists()


def test_operators_are_told_of_a_failed_one_until_one_passes(imported: Path) -> None:
    unsigned_change()
    run = validate_and_record(imported).run

    assert run is not None
    notice = Notice.objects.get(kind=Kind.FAILED_VALIDATION, resolved_at=None)
    assert notice.permission == "legacy_import.run_import"
    assert str(run.pk) in notice.link
    assert "week3: data integrity" in notice.text

    execute("default", "UPDATE consultation_inquiries SET status = 'new' WHERE status = 'lost'")
    assert validate_and_record(imported).report.passed
    notice.refresh_from_db()
    assert notice.resolved_at is not None


def test_another_folders_validation_is_kept_but_nobody_is_told(tmp_path: Path) -> None:
    assert not validate_and_record(tmp_path / "elsewhere").report.passed

    assert ValidationRun.objects.get().legacy_dir == str(tmp_path / "elsewhere")
    assert not Notice.objects.exists()
