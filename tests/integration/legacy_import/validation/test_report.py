"""What validate_migration prints, returns and writes: a table, one JSON object, a page that can be sent."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from business_core.models import ConsultationInquiry
from legacy_import.services.validating import validate_and_report
from legacy_import.sources import SOURCES
from legacy_import.validation.html_report import render_html_report
from legacy_import.validation.report import Report
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

TOPICS = [
    "record counts",
    "rows made here",
    "data integrity",
    "clocks",
    "references",
    "consultation pipeline",
    "current_pipeline_summary",
    "query performance",
]


@pytest.fixture
def imported(legacy_dir: Path) -> Path:
    for source in SOURCES:
        assert run_import(source.name, legacy_dir).error is None
    return legacy_dir


def validate(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        call_command("validate_migration", *map(str, arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_agreement_is_said_and_exits_0(imported: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    assert validate("--legacy-dir", imported, "--html", page) == 0

    printed = capsys.readouterr().out
    assert "PostgreSQL and the legacy files agree" in printed
    assert "✗" not in printed
    assert [topic for topic in TOPICS if topic not in printed] == []
    assert "PostgreSQL and the legacy files agree</h1>" in page.read_text()


def test_json_keeps_its_contract(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate("--legacy-dir", imported, "--json") == 0

    report = json.loads(capsys.readouterr().out)
    assert report["passed"] is True
    assert all({"name", "database", "passed", "detail"} <= set(check) for check in report["checks"])
    assert list(dict.fromkeys(check["name"].partition(": ")[2] for check in report["checks"])) == TOPICS
    assert report["figures"]["rows"] > 100
    assert report["figures"]["queries"] == 23


def test_a_difference_exits_1_and_is_named_everywhere(
    imported: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    inquiry = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    execute("default", "UPDATE consultation_inquiries SET status = 'lost' WHERE inquiry_id = %s", [inquiry.pk])
    page = tmp_path / "report.html"

    assert validate("--legacy-dir", imported, "--html", page) == 1

    printed = capsys.readouterr().out
    place = f"consultation_inquiries {inquiry.external_inquiry_id}, column status"
    assert place in printed
    assert "Next: look up each row that is named" in printed
    assert f"<td>{inquiry.external_inquiry_id}</td><td>status</td><td>lost</td>" in page.read_text()


def test_the_page_escapes_all_it_shows_and_fetches_nothing(imported: Path) -> None:
    evil = "<script>alert(1)</script>\u202e"
    with attribute_changes_to("<img src=x onerror=alert(2)>"):
        inquiry = ConsultationInquiry.objects.all()[0]
        inquiry.contact_name = evil
        inquiry.save()

    page = render_html_report(validate_and_report(imported, requested_by="<b>root</b>"))

    assert "&lt;script&gt;" in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert re.findall(r"https?://|@import|url\(|\bsrc=|<link", page.replace("&lt;img src=x", "")) == []


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(imported: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"could not be written to .*: no such file or directory"):
        call_command("validate_migration", "--legacy-dir", str(imported), "--html", str(tmp_path / "no" / "page.html"))


def test_nothing_imported_says_what_to_do(legacy_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate("--legacy-dir", legacy_dir) == 1

    assert "Next: import first: import_legacy --all" in capsys.readouterr().out


def test_inquiries_in_the_quarantine_exit_1_and_are_named_everywhere_with_what_to_do(
    legacy_dir: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sql = "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = 25000 WHERE rowid <= 3"
    change(legacy_dir / PRIMARY, sql)
    for source in SOURCES:
        assert run_import(source.name, legacy_dir).error is None
    said = "3 inquiries worth 75,000.00 in the quarantine, to be settled at its desk"
    step = "settle the 3 inquiries that wait in the quarantine of the business core database, then validate again"
    page = tmp_path / "report.html"

    assert validate("--legacy-dir", legacy_dir, "--html", page) == 1

    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed
    assert f"Next: {step}" in printed
    assert said in page.read_text()
    assert step in page.read_text()
    assert validate("--legacy-dir", legacy_dir, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    failed = {check["name"]: check["detail"] for check in report["checks"] if not check["passed"]}
    assert list(failed) == ["primary: consultation pipeline", "all sources: consultation pipeline"]
    assert all(said in detail for detail in failed.values())
    assert (report["verdict"], report["next_step"]) == (f"2 of {len(report['checks'])} checks failed", step)


def test_a_validation_that_checked_nothing_has_a_verdict_and_a_next_step(tmp_path: Path) -> None:
    report = Report((), tmp_path, datetime(2026, 1, 2, tzinfo=UTC), 0.1)

    assert report.verdict == "nothing was checked"
    assert report.next_step
    assert "nothing was checked" in render_html_report(report)
