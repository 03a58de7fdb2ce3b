"""A file that comes back without most of its rows is refused until a person says what happened to them."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun, LedgerRow, LossQuestion
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
from legacy_import.services import export_sources, prune_snapshots
from legacy_import.services.row_losses import record_loss_answer
from legacy_import.sources import source_named
from tests.imports import run_import
from tests.integration.legacy_import.services.ticks import sync_of, tick
from tests.legacy_files import PRIMARY, change, contents, delete_primary_rows

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_DELETED = LossQuestion.Answer.ROWS_DELETED
_WRONG_FILE = LossQuestion.Answer.WRONG_FILE
_ARCHIVED = "notes"


@pytest.fixture
def folder(settings: Settings, legacy_dir: Path) -> Path:
    """Return a folder whose primary file has ten inquiries and ten rows of an archived table, and nothing else."""
    settings.LEGACY_DIR = legacy_dir
    file = legacy_dir / PRIMARY
    delete_primary_rows(file)
    add_inquiries(file, range(10))
    change(file, f"CREATE TABLE {_ARCHIVED} (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT)")
    for number in range(10):
        change(file, f"INSERT INTO {_ARCHIVED} (note) VALUES (?)", f"note {number}")
    assert run_import("primary", legacy_dir).error is None
    return legacy_dir


def add_inquiries(file: Path, numbers: range) -> None:
    for number in numbers:
        change(
            file,
            "INSERT INTO consultation_inquiries (inquiry_id, source_post_id, inquiry_type, inquiry_channel,"
            " contact_name, inquiry_text, estimated_value, priority_score, status, created_at)"
            " VALUES (?, NULL, 'fractional_cto', 'linkedin_dm', 'A', 'text', 5000, 3, 'new', '2025-06-01T10:00:00')",
            f"inquiry-{number}",
        )


def present_rows() -> int:
    return LedgerRow.objects.using("default").filter(source="primary").exclude(state="gone").count()


def asked() -> LossQuestion:
    return LossQuestion.objects.get(pk="primary")


def keep(folder: Path, inquiries: int, notes: int = 10) -> None:
    change(
        folder / PRIMARY, "DELETE FROM consultation_inquiries WHERE CAST(substr(inquiry_id, 9) AS int) >= ?", inquiries
    )
    change(folder / PRIMARY, f"DELETE FROM {_ARCHIVED} WHERE id > ?", notes)


@pytest.mark.parametrize(("inquiries", "notes"), [(0, 0), (5, 5), (0, 10), (10, 0), (2, 3)])
def test_a_file_without_most_of_its_rows_or_a_whole_table_is_refused(folder: Path, inquiries: int, notes: int) -> None:
    keep(folder, inquiries, notes)

    report = run_import("primary", folder)

    assert (report.status, report.needs_person) == ("failed", True)
    assert f"has lost {20 - inquiries - notes} of the 20 rows" in (report.error or "")
    assert f"legacy_sources rows-deleted primary {asked().sha256[:12]}" in (report.error or "")
    assert present_rows() == 20


@pytest.mark.parametrize(("inquiries", "notes"), [(6, 5), (5, 6), (10, 1), (1, 10)])
def test_a_file_that_keeps_more_is_imported_and_the_rows_are_marked_absent(
    folder: Path, inquiries: int, notes: int
) -> None:
    keep(folder, inquiries, notes)

    assert run_import("primary", folder).error is None
    assert present_rows() == inquiries + notes
    assert not LossQuestion.objects.exists()


def test_the_share_is_a_setting(folder: Path, settings: Settings) -> None:
    settings.LEGACY_LOSS_SHARE = 0.25
    keep(folder, 5, 10)

    assert "has lost 5 of the 20 rows" in (run_import("primary", folder).error or "")


def test_above_one_every_loss_is_taken_for_a_deletion(folder: Path, settings: Settings) -> None:
    settings.LEGACY_LOSS_SHARE = 1.1
    keep(folder, 0, 0)

    assert run_import("primary", folder).error is None
    assert present_rows() == 0


def test_four_rows_are_no_loss_to_ask_about(settings: Settings, legacy_dir: Path) -> None:
    settings.LEGACY_DIR = legacy_dir
    delete_primary_rows(legacy_dir / PRIMARY)
    add_inquiries(legacy_dir / PRIMARY, range(4))
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "DELETE FROM consultation_inquiries")

    assert run_import("primary", legacy_dir).error is None


def test_another_file_with_as_many_rows_is_refused(folder: Path) -> None:
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET inquiry_id = 'other-' || inquiry_id")

    assert "10 of 10 in consultation_inquiries" in (run_import("primary", folder).error or "")


def test_an_archived_table_that_is_written_anew_under_other_keys_is_imported(folder: Path) -> None:
    change(folder / PRIMARY, f"UPDATE {_ARCHIVED} SET id = id + 1000")

    assert run_import("primary", folder).error is None


def test_a_dry_run_refuses_too_and_asks_nobody(folder: Path) -> None:
    keep(folder, 0, 0)

    assert "has lost 20 of the 20 rows" in (run_import("primary", folder, dry_run=True).error or "")
    assert not LossQuestion.objects.exists()


def test_the_sync_refuses_at_each_tick_in_one_record_and_forgets_when_the_file_is_back(folder: Path) -> None:
    before = (folder / PRIMARY).read_bytes()
    keep(folder, 0, 0)
    states = [tick("primary") for _ in range(3)]

    assert {(one.state, one.needs_person) for one in states} == {("failed", True)}
    assert "has lost 20 of the 20 rows" in sync_of("primary").error
    assert ImportRun.objects.using("default").filter(status="failed").count() == 1
    (folder / PRIMARY).write_bytes(before)
    assert tick("primary").state == "imported"
    assert present_rows() == 20
    assert not LossQuestion.objects.exists()


def test_after_rows_were_deleted_the_import_goes_on(folder: Path) -> None:
    keep(folder, 0, 0)
    run_import("primary", folder)

    record_loss_answer("primary", _DELETED, sha256=asked().sha256[:12], answered_by="olga")

    assert tick("primary").state == "imported"
    assert present_rows() == 0
    assert not LossQuestion.objects.exists()
    assert tick("primary").state == "unchanged"


def test_after_the_wrong_file_it_stays_refused_until_the_file_changes(folder: Path) -> None:
    keep(folder, 0, 0)
    run_import("primary", folder)
    record_loss_answer("primary", _WRONG_FILE, sha256=asked().sha256, answered_by="olga")

    refused = run_import("primary", folder).error or ""
    add_inquiries(folder / PRIMARY, range(100, 101))
    asked_again = run_import("primary", folder).error or ""

    assert "olga answered" in refused
    assert "put the right one in its place" in refused
    assert "olga" not in asked_again
    assert asked().answer == ""


def test_an_answer_about_a_content_says_nothing_of_a_later_one(folder: Path) -> None:
    keep(folder, 2, 2)
    run_import("primary", folder)
    seen = asked().sha256
    record_loss_answer("primary", _DELETED, sha256=seen, answered_by="olga")
    keep(folder, 0, 0)

    assert "has lost 20 of the 20 rows" in (run_import("primary", folder).error or "")
    with pytest.raises(TerminalError, match="its file has changed since"):
        record_loss_answer("primary", _DELETED, sha256=seen, answered_by="olga")
    assert present_rows() == 20


@pytest.mark.parametrize("checksum", ["", "abc", "zzzzzzzzzzzz"])
def test_an_answer_without_the_checksum_is_refused(folder: Path, checksum: str) -> None:
    keep(folder, 0, 0)
    run_import("primary", folder)

    with pytest.raises(TerminalError):
        record_loss_answer("primary", _DELETED, sha256=checksum, answered_by="olga")
    assert asked().answer == ""


def test_an_answer_to_no_question_is_refused(folder: Path) -> None:
    with pytest.raises(TerminalError, match="nothing to answer"):
        record_loss_answer("primary", _DELETED, sha256="0" * 64, answered_by="olga")


def test_the_rows_stay_rebuildable_and_the_last_good_snapshot_is_kept(folder: Path, tmp_path: Path) -> None:
    before = contents(folder / PRIMARY)
    good = Path(ImportRun.objects.using("default").get(status="completed").snapshot_path)
    keep(folder, 0, 0)
    run_import("primary", folder)

    in_a_year = timezone.now() + timedelta(days=365)
    prune_snapshots([source_named("primary")], days=30, dry_run=False, legacy_dir=folder, now=in_a_year)
    list(export_sources([source_named("primary")], tmp_path / "out"))

    assert good.is_file()
    with closing(sqlite3.connect(good)) as file:
        assert file.execute("SELECT count(*) FROM consultation_inquiries").fetchone() == (10,)
    assert contents(tmp_path / "out" / PRIMARY) == before


def test_the_snapshot_that_a_person_was_asked_about_stays(folder: Path) -> None:
    keep(folder, 0, 0)
    run_import("primary", folder)
    backups = Path(ImportRun.objects.using("default").get(status="completed").snapshot_path).parent
    (asked_about,) = backups.glob(f"*-{asked().sha256[:12]}.db")
    change(folder / PRIMARY, "CREATE TABLE later (id INTEGER)")
    take_snapshot(folder / PRIMARY, directory=backups, lock_timeout_seconds=5, now=timezone.now())

    in_a_year = timezone.now() + timedelta(days=365)
    prune_snapshots([source_named("primary")], days=30, dry_run=False, legacy_dir=folder, now=in_a_year)

    assert asked_about.is_file()


def test_the_former_snapshot_ages_out_once_the_deletion_is_confirmed(folder: Path) -> None:
    good = Path(ImportRun.objects.using("default").get(status="completed").snapshot_path)
    keep(folder, 0, 0)
    run_import("primary", folder)
    record_loss_answer("primary", _DELETED, sha256=asked().sha256, answered_by="olga")
    run_import("primary", folder)

    in_a_year = timezone.now() + timedelta(days=365)
    prune_snapshots([source_named("primary")], days=30, dry_run=False, legacy_dir=folder, now=in_a_year)

    assert not good.exists()
