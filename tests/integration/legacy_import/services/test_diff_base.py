"""What an import compares its file with, and when it carries every row instead: the run's remarks say why."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun, SourceSync
from legacy_import.pipeline.snapshot import online_backup, snapshot
from legacy_import.pipeline.snapshot.live_file import LiveFile
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from legacy_import.sources import source_named
from legacy_import.validation.migration_validator import MigrationValidator
from tests.imports import business_tables, counts, execute, run_import, state
from tests.integration.legacy_import.services.ticks import tick
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_RENAME = "UPDATE consultation_inquiries SET company = 'Renamed GmbH' WHERE rowid = 2"
_OWN_TABLES = ("ledger", "legacy_file", "divergence", "import_run", "change_log", "before_image", "settlement")


def remarks(name: str = "primary") -> list[str]:
    """Return the remarks of the last import on why rows travelled."""
    notes = latest_import(name).notes
    prefixes = ("every row was compared with PostgreSQL: ", "every row of table ")
    return [note.removeprefix(prefixes[0]) for note in notes if note.startswith(prefixes)]


def base_path() -> Path:
    """Return the snapshot of the last import."""
    return Path(latest_import("primary").snapshot_path)


def renamed() -> bool:
    return ConsultationInquiry.objects.filter(company="Renamed GmbH").count() == 1


def assert_lands_whole(legacy_dir: Path, reason: str) -> None:
    """Import a file of which one row changed; it must land, and the remark must say why everything travelled."""
    change(legacy_dir / PRIMARY, _RENAME)

    assert run_import("primary", legacy_dir).error is None

    assert remarks() == [reason]
    assert renamed()
    before = state("default")
    assert run_import("primary", legacy_dir).error is None
    assert state("default") == before


def test_a_row_that_changed_is_found_by_the_diff(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, _RENAME)

    report = run_import("primary", imported_primary)

    assert counts(report) == {
        "linkedin_posts": {"read": 7, "unchanged": 7},
        "consultation_inquiries": {"read": 15, "updated": 1, "unchanged": 14},
    }
    assert remarks() == []
    assert renamed()


def test_a_flipped_byte_in_the_snapshot_is_found(imported_primary: Path) -> None:
    content = base_path().read_bytes()
    place = content.rindex(b"inquiry")
    base_path().chmod(0o600)
    base_path().write_bytes(content[:place] + b"I" + content[place + 1 :])

    assert_lands_whole(imported_primary, "the snapshot of the last import is damaged, or another file has its name")


def test_a_snapshot_that_says_already_what_the_file_says_now_is_found(imported_primary: Path) -> None:
    base_path().chmod(0o600)
    change(base_path(), _RENAME)

    assert_lands_whole(imported_primary, "the snapshot of the last import is damaged, or another file has its name")


def test_another_file_under_the_snapshots_name_is_found(imported_primary: Path) -> None:
    base_path().chmod(0o600)
    shutil.copyfile(imported_primary / "week3_business_development.db", base_path())

    assert_lands_whole(imported_primary, "the snapshot of the last import is damaged, or another file has its name")


def test_a_missing_snapshot_makes_everything_travel(imported_primary: Path) -> None:
    base_path().unlink()

    assert_lands_whole(imported_primary, "the snapshot of the last import is missing")


def test_a_folder_of_backups_that_moved_is_found(imported_primary: Path, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR.rename(tmp_path / "moved")
    settings.BACKUP_DIR = tmp_path / "moved"
    change(imported_primary / PRIMARY, _RENAME)

    assert run_import("primary", imported_primary).error is None

    assert remarks() == []
    assert renamed()


def test_another_time_zone_makes_everything_travel(imported_primary: Path, settings: Settings) -> None:
    settings.LEGACY_TIME_ZONE = "Europe/London"

    assert_lands_whole(imported_primary, "the program, its time zone or its tables have changed since the last import")


def test_another_shape_makes_everything_travel(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, "ALTER TABLE linkedin_posts ADD COLUMN mood TEXT DEFAULT 'good'")

    assert_lands_whole(imported_primary, "the file's tables have another shape than at the last import")


def test_an_undone_import_makes_everything_travel(imported_primary: Path) -> None:
    change(imported_primary / PRIMARY, "UPDATE linkedin_posts SET likes = 77 WHERE rowid = 3")
    assert run_import("primary", imported_primary).error is None
    undo_run(UndoRequest("default", latest_import("primary").pk, requested_by="olga"))

    assert_lands_whole(
        imported_primary, "PostgreSQL was restored, an import was undone, or the record of the last import is missing"
    )


def test_an_undo_of_another_source_makes_everything_travel(imported_primary: Path) -> None:
    assert run_import("duplicate", imported_primary).error is None
    assert run_import("primary", imported_primary).error is None
    undo_run(UndoRequest("default", latest_import("duplicate").pk, requested_by="olga"))

    assert_lands_whole(imported_primary, "an import was undone since the last import")


def test_a_missing_record_makes_everything_travel(imported_primary: Path) -> None:
    SourceSync.objects.all().delete()

    assert_lands_whole(
        imported_primary, "PostgreSQL was restored, an import was undone, or the record of the last import is missing"
    )


@pytest.mark.parametrize("with_record", [True, False])
def test_a_database_restored_from_an_older_dump_names_the_base(imported_primary: Path, *, with_record: bool) -> None:
    tables = (*business_tables("default"), *_OWN_TABLES, *(("source_sync",) if with_record else ()))
    for table in tables:
        execute("default", f"CREATE TABLE saved_{table} AS TABLE {table}")
    change(imported_primary / PRIMARY, _RENAME)
    assert run_import("primary", imported_primary).error is None
    execute("default", "SET session_replication_role = replica")
    for table in tables:
        execute("default", f"TRUNCATE {table} CASCADE")
    for table in tables:
        execute("default", f"INSERT INTO {table} SELECT * FROM saved_{table}; DROP TABLE saved_{table}")
    execute("default", "SET session_replication_role = origin")
    assert not renamed()

    assert run_import("primary", imported_primary).error is None

    assert renamed()
    assert len(remarks()) == (0 if with_record else 1)


def test_a_ledger_that_lacks_rows_makes_their_table_travel(imported_primary: Path) -> None:
    execute("default", "DELETE FROM ledger WHERE legacy_table = 'consultation_inquiries' AND row_id = 5")
    before = ConsultationInquiry.objects.count()

    assert_lands_whole(
        imported_primary,
        "every row of table consultation_inquiries was compared with PostgreSQL:"
        " PostgreSQL does not hold what the snapshot imported last holds",
    )
    assert ConsultationInquiry.objects.count() == before


def test_what_a_lie_hides_from_the_diff_validation_finds(imported_primary: Path) -> None:
    """A lie that nobody can see: the record itself names a snapshot that never was imported, with its checksum."""
    change(imported_primary / PRIMARY, _RENAME)
    assert tick("primary").state == "imported"
    newer = latest_import("primary")
    honest = state("default")
    undo_by_hand = "UPDATE consultation_inquiries SET company = 'Old Ltd' WHERE company = 'Renamed GmbH'"
    execute("default", f"SET session_replication_role = replica; {undo_by_hand}; RESET session_replication_role")
    assert state("default") != honest

    assert run_import("primary", imported_primary).error is None

    assert ImportRun.objects.using("default").get(pk=newer.pk).status == "completed"
    checks = MigrationValidator(imported_primary, sources=(source_named("primary"),)).validate_data()
    assert any(not check.passed and "consultation_inquiries" in check.detail for check in checks)


def test_keys_that_repeat_make_their_table_travel(imported_primary: Path) -> None:
    path = imported_primary / PRIMARY
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE log (day TEXT, said TEXT)")
        file.executemany("INSERT INTO log VALUES (?, 'text')", [(f"2025-01-{day:02}",) for day in range(1, 11)])
    assert run_import("primary", imported_primary).error is None
    change(path, "UPDATE log SET said = 'other' WHERE day = '2025-01-04'")

    report = run_import("primary", imported_primary)

    assert counts(report)["log"] == {"read": 10, "archived": 1, "unchanged": 9}
    assert remarks() == ["every row of table log was compared with PostgreSQL: no single column is its key"]


def test_a_tick_takes_one_snapshot(imported_primary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Path] = []
    copy = online_backup.back_up_live_file

    def copy_and_count(path: Path, **names: Any) -> LiveFile:
        taken.append(path)
        return copy(path, **names)

    monkeypatch.setattr(snapshot, "back_up_live_file", copy_and_count)
    change(imported_primary / PRIMARY, _RENAME)

    assert tick("primary").state == "imported"

    assert len(taken) == 1
    assert renamed()
    assert tick("primary").state == "unchanged"
    assert len(taken) == 2
