"""Rows that an earlier version quarantined for a missing text land at the next import by themselves."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.models import LedgerRow, Settlement, SourceSync
from legacy_import.pipeline import fingerprint
from legacy_import.pipeline.judge import rules
from legacy_import.services import archive_quarantined_rows, export_sources, replay_quarantined_rows
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.notices.models import Notice
from tests.imports import counts, run_import, versions
from tests.integration.legacy_import.services.ticks import tick
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.integration.legacy_import.validation.verdicts import failed_in
from tests.legacy_files import PRIMARY, change, contents, differing_cells, shape

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

INQUIRIES = "consultation_inquiries"
VERSION_0_2 = "8261f826a1747a4883e6806e34c1eb12874753be07e193de405ac50946db2586"
"""The code's part of the fingerprint as version 0.2 computed it."""


def write_later_version(folder: Path) -> Path:
    """Make the primary's file one of 50 inquiries, worth 3,333,000; 49 have no channel. Return its path."""
    path = folder / PRIMARY
    with closing(sqlite3.connect(path)) as file, file:
        names = [row[1] for row in file.execute(f"PRAGMA table_info({INQUIRIES})")]
        first = dict(zip(names, file.execute(f"SELECT * FROM {INQUIRIES} ORDER BY rowid").fetchone(), strict=True))
        file.execute(f"DELETE FROM {INQUIRIES}")
        for number in range(50):
            row = first | {
                "inquiry_id": f"inquiry-{number:02}",
                "inquiry_channel": None if number else "linkedin_dm",
                "estimated_value": 393_000 if number == 49 else 60_000,
            }
            file.execute(f"INSERT INTO {INQUIRIES} VALUES ({', '.join('?' * len(names))})", list(row.values()))
    return path


@pytest.fixture
def quarantined(legacy_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Import the later version by the rules of version 0.2, which knew no stand-ins; return the file."""
    settings.LEGACY_DIR = legacy_dir
    path = write_later_version(legacy_dir)
    with monkeypatch.context() as earlier:
        earlier.setattr(rules, "stand_in_of", lambda _table, _column: None)
        report = run_import("primary", legacy_dir)
    assert counts(report)[INQUIRIES] == {"read": 50, "inserted": 1, "quarantined": 49}
    reasons = LedgerRow.objects.using("default").filter(state="quarantined").values_list("reasons", flat=True)
    reason = {"column": "inquiry_channel", "expected": "a text (the target demands one)", "found": None}
    assert list(reasons) == [[reason]] * 49
    SourceSync.objects.filter(source="primary").update(
        reading=fingerprint._hash_parts(VERSION_0_2, fingerprint._migration_state("default"))
    )
    return path


def assert_all_landed(path: Path, output: Path) -> None:
    inquiries = ConsultationInquiry.objects.filter(data_source="linkedin_primary")
    assert inquiries.count() == 50
    assert sum((row.estimated_value or Decimal(0) for row in inquiries), Decimal(0)) == Decimal(3_333_000)
    assert inquiries.filter(inquiry_channel="Unknown").count() == 49
    assert not LedgerRow.objects.using("default").exclude(state="live").exists()
    assert not LedgerRow.objects.using("default").exclude(reasons=None).exists()
    (file,) = export_sources([source_named("primary")], output)
    assert (contents(file.path), shape(file.path)) == (contents(path), shape(path))
    assert failed_in(path.parent, "primary") == {}


def test_a_later_version_lands_whole(legacy_dir: Path, tmp_path: Path) -> None:
    path = write_later_version(legacy_dir)
    output = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("import_legacy", "--source=primary", f"--legacy-dir={legacy_dir}", "--json", stdout=output)

    assert ended.value.code == 0
    assert json.loads(output.getvalue())["sources"]["primary"]["tables"][INQUIRIES]["inserted"] == 50
    assert_all_landed(path, tmp_path / "out")


def test_the_next_import_after_the_upgrade_lands_them(quarantined: Path, legacy_dir: Path, tmp_path: Path) -> None:
    report = run_import("primary", legacy_dir)

    assert report.status == "completed"
    assert counts(report)[INQUIRIES] == {"read": 50, "inserted": 49, "unchanged": 1}
    assert_all_landed(quarantined, tmp_path / "out")


def test_the_next_sync_after_the_upgrade_lands_them_though_the_file_is_the_same(
    quarantined: Path, tmp_path: Path
) -> None:
    assert Notice.objects.filter(resolved_at=None, key="primary").exists()

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]

    assert_all_landed(quarantined, tmp_path / "out")
    assert not Notice.objects.filter(resolved_at=None, key="primary").exists()


def test_the_desk_lands_them_as_they_are(quarantined: Path, tmp_path: Path) -> None:
    rows = LedgerRow.objects.using("default").filter(state="quarantined").values_list("pk", flat=True)

    done = replay_quarantined_rows("default", list(rows), author="sofia")

    assert (len(done.settled), done.refused) == (49, ())
    assert_all_landed(quarantined, tmp_path / "out")


def test_a_row_that_a_person_accepted_as_archived_stays_so(quarantined: Path, legacy_dir: Path) -> None:
    row = LedgerRow.objects.using("default").filter(state="quarantined").order_by("key")[0]
    archive_quarantined_rows("default", [row.pk], reason="a test", author="sofia")

    report = run_import("primary", legacy_dir)

    assert counts(report)[INQUIRIES] == {"read": 50, "inserted": 48, "unchanged": 2}
    row.refresh_from_db()
    assert row.state == "archived"
    assert Settlement.objects.using("default").get().withdrawn_at is None


def test_a_row_that_left_its_file_since_does_not_land(quarantined: Path, legacy_dir: Path) -> None:
    change(quarantined, f"DELETE FROM {INQUIRIES} WHERE inquiry_id = 'inquiry-07'")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 49, "inserted": 48, "unchanged": 1}
    assert not ConsultationInquiry.objects.filter(external_inquiry_id="inquiry-07").exists()


def test_a_row_that_is_refused_for_another_reason_too_waits_for_that_alone(quarantined: Path, legacy_dir: Path) -> None:
    change(quarantined, f"UPDATE {INQUIRIES} SET created_at = 'yesterday' WHERE inquiry_id = 'inquiry-07'")

    report = run_import("primary", legacy_dir)

    assert counts(report)[INQUIRIES] == {"read": 50, "inserted": 48, "unchanged": 1, "quarantined": 1}
    (row,) = LedgerRow.objects.using("default").filter(state="quarantined")
    assert [reason["column"] for reason in row.reasons or []] == ["created_at"]


def test_a_row_that_had_landed_before_lands_again_with_what_people_changed_since(
    legacy_dir: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LEGACY_DIR = legacy_dir
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET inquiry_channel = NULL WHERE rowid = 1")
    with monkeypatch.context() as earlier:
        earlier.setattr(rules, "stand_in_of", lambda _table, _column: None)
        run_import("primary", legacy_dir)
    row = LedgerRow.objects.using("default").get(state="quarantined")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(external_inquiry_id=row.key).update(status="qualified")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 15, "updated": 1, "unchanged": 14}

    inquiry = ConsultationInquiry.objects.get(external_inquiry_id=row.key)
    assert (inquiry.inquiry_channel, inquiry.status) == ("Unknown", "qualified")
    list(export_sources([source_named("primary")], tmp_path / "out"))
    assert differing_cells(tmp_path / "out" / PRIMARY, legacy_dir / PRIMARY) == [(INQUIRIES, 1, "status")]
    assert failed_in(legacy_dir, "primary") == {}


def test_an_undo_of_the_landing_quarantines_them_again(quarantined: Path, legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)

    undo_latest("primary")

    assert LedgerRow.objects.using("default").filter(state="quarantined").count() == 49
    assert ConsultationInquiry.objects.filter(data_source="linkedin_primary").count() == 1


def test_a_second_import_after_the_upgrade_changes_nothing(quarantined: Path, legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    before = versions("default")

    assert counts(run_import("primary", legacy_dir))[INQUIRIES] == {"read": 50, "unchanged": 50}
    assert versions("default") == before
