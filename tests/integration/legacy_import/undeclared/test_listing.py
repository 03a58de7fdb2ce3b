"""Undeclared files are named with tables and rows, read once for each state, and archived whole."""

import json
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from legacy_import.models import LedgerRow, SourceSync
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
from legacy_import.services import ImportRequest, export_sources
from legacy_import.services.undeclared_archive import archive_undeclared_files
from legacy_import.undeclared.listing import list_undeclared_files
from legacy_import.undeclared.sources import undeclared_source
from legacy_import.validation.migration_validator import MigrationValidator
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import run_job_by_hand
from tests.legacy_files import change, contents, locked, shape

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

_PAGE = "/admin/legacy_import/importsource/"
EXTRA = "old/Café's.db"


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Return a legacy folder with one undeclared file of two tables and five rows, odd cells among them."""
    settings.LEGACY_DIR = tmp_path / "legacy"
    make_extra(settings.LEGACY_DIR / EXTRA)
    return tmp_path / "legacy"


def make_extra(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, photo BLOB)")
        cells = [("Zoë", b"\x00\x80"), (None, None), (b"blob", 3.5)]
        file.executemany("INSERT INTO people (name, photo) VALUES (?, ?)", cells)
        file.execute('CREATE TABLE "odd / table" (a, b)')
        file.executemany('INSERT INTO "odd / table" VALUES (?, ?)', [(1, 1), (1, 1)])
        file.execute("CREATE INDEX by_name ON people (name)")


def archive(folder: Path, *, dry_run: bool = False) -> dict[str, Any]:
    reports = archive_undeclared_files(ImportRequest(folder, requested_by="olga", dry_run=dry_run))
    return {report.source: report for report in reports}


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = 0
    try:
        call_command(*arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, capsys.readouterr().out


def test_a_file_is_named_with_its_tables_rows_and_the_way_to_the_archive(folder: Path) -> None:
    assert list_undeclared_files(folder).sentence == (
        f"1 SQLite file in the legacy folder that no source declares: {EXTRA} (2 tables, 5 rows; not archived)."
        " manage.py import_legacy --undeclared archives what is not archived yet."
    )


def test_an_unchanged_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Path] = []

    def counted(live: Path, **names: Any) -> Any:
        taken.append(live)
        return take_snapshot(live, **names)

    monkeypatch.setattr("legacy_import.undeclared.listing.take_snapshot", counted)
    for _ in range(3):
        assert list_undeclared_files(folder).files[0].rows == 5
    assert len(taken) == 1
    change(folder / EXTRA, "INSERT INTO people (name) VALUES ('more')")

    assert [list_undeclared_files(folder).files[0].rows for _ in range(2)] == [6, 6]
    assert len(taken) == 2


def test_damaged_and_locked_files_are_named_beside_the_others(folder: Path) -> None:
    (folder / "damaged.db").write_bytes(b"SQLite format 3\x00" + b"\xa5" * 8176)
    make_extra(folder / "locked.db")

    with locked(folder / "locked.db"):
        sentence = list_undeclared_files(folder).sentence

    assert "damaged.db (could not be read: " in sentence
    assert "locked.db (could not be read: " in sentence
    assert f"{EXTRA} (2 tables, 5 rows" in sentence
    assert "locked.db (2 tables, 5 rows" in list_undeclared_files(folder).sentence


def test_a_file_in_wal_mode_is_counted_and_left_as_it_was(folder: Path) -> None:
    change(folder / EXTRA, "PRAGMA journal_mode = WAL")
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (folder / "old").iterdir())

    assert list_undeclared_files(folder).files[0].rows == 5
    assert sorted((path.name, path.stat().st_mtime_ns) for path in (folder / "old").iterdir()) == before


def test_archiving_keeps_every_cell_and_export_rebuilds_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = archive(folder)[EXTRA]
    exported, _ = call(capsys, "export_legacy", f"--output={tmp_path / 'out'}")

    assert (report.error, {name: counts.archived for name, counts in report.tables.items()}) == (
        None,
        {"people": 3, "odd / table": 2},
    )
    assert exported == 0
    assert contents(tmp_path / "out" / EXTRA) == contents(folder / EXTRA)
    assert shape(tmp_path / "out" / EXTRA) == shape(folder / EXTRA)
    assert list_undeclared_files(folder).files[0].state_label == "archived"
    assert not SourceSync.objects.exists()


def test_archiving_again_brings_the_difference(folder: Path) -> None:
    archive(folder)
    change(folder / EXTRA, "INSERT INTO people (name) VALUES ('more')")
    assert list_undeclared_files(folder).files[0].state_label == "changed since it was archived"

    people = archive(folder)[EXTRA].tables["people"]

    assert (people.read, people.archived, people.unchanged) == (4, 1, 3)
    assert list_undeclared_files(folder).files[0].state_label == "archived"


def test_a_dry_run_archives_nothing(folder: Path) -> None:
    assert archive(folder, dry_run=True)[EXTRA].tables["people"].archived == 3
    assert not LedgerRow.objects.using("default").exists()


def test_archiving_can_be_undone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive(folder)

    code, _ = call(capsys, "undo_import", f"--source={EXTRA}", "--no-input")

    assert code == 0
    assert not LedgerRow.objects.using("default").exists()


def test_a_file_called_like_a_source_is_no_part_of_it(folder: Path) -> None:
    make_extra(folder / "primary")

    assert set(archive(folder)) == {EXTRA, "./primary"}
    assert not LedgerRow.objects.using("default").filter(source="primary").exists()


def test_a_damaged_file_fails_and_the_others_are_archived(folder: Path) -> None:
    (folder / "damaged.db").write_bytes(b"SQLite format 3\x00" + b"\xa5" * 8176)

    reports = archive(folder)

    assert (reports["damaged.db"].status, reports[EXTRA].status) == ("failed", "completed")
    assert "truncated or corrupt" in (reports["damaged.db"].error or "")


def test_a_name_that_is_no_utf8_is_named_with_its_byte(
    legacy_dir: Path, settings: Settings, admin_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LEGACY_DIR = legacy_dir
    make_extra(legacy_dir / "caf\udce9.db")

    code, words = call(capsys, "import_legacy", "--all")
    failed, refusal = call(capsys, "import_legacy", "--undeclared")
    summary = (run_job_by_hand("sync-legacy", requested_by="olga").result or {})["summary"]

    assert (code, failed) == (0, 1)
    for said in (words, summary, admin_client.get(_PAGE).content.decode()):
        assert "caf\\xe9.db" in said
    assert "rename it, then archive it" in " ".join(refusal.split())


def test_a_file_with_the_longest_name_there_is_comes_back(folder: Path, tmp_path: Path) -> None:
    name = "n" * 244 + ".db"  # with -journal it has the 255 bytes that a name may have
    make_extra(folder / name)

    assert archive(folder)[name].error is None
    list(export_sources([undeclared_source(name)], tmp_path / "out"))

    assert contents(tmp_path / "out" / name) == contents(folder / name)


def test_an_archived_file_without_its_rows_is_asked_about_with_commands_that_work(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "old notes.db"
    change(
        path,
        "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n",
    )
    archive(folder)
    change(path, "DELETE FROM t")

    error = archive(folder)["old notes.db"].error or ""
    printed = error.split("manage.py ")[1].split(";")[0]
    code, answered = call(capsys, *shlex.split(printed))

    assert "on the page" not in error
    assert (code, "import_legacy --undeclared imports the file as it is" in " ".join(answered.split())) == (0, True)
    assert archive(folder)["old notes.db"].error is None


def test_the_command_archives_and_says_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = call(capsys, "import_legacy", "--undeclared", "--json")
    assert (code, json.loads(printed)["sources"][EXTRA]["tables"]["people"]["archived"]) == (0, 3)
    (folder / EXTRA).unlink()

    code, printed = call(capsys, "import_legacy", "--undeclared")

    assert (code, "there is nothing to archive" in printed) == (0, True)


def test_imports_of_all_and_validation_name_it_and_judge_as_without(
    legacy_dir: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LEGACY_DIR = legacy_dir
    make_extra(legacy_dir / EXTRA)

    code, printed = call(capsys, "import_legacy", "--all", "--json")
    again, words = call(capsys, "import_legacy", "--all")
    checks = {check.name: check for check in MigrationValidator(legacy_dir).validate_data()}
    result = run_job_by_hand("sync-legacy", requested_by="olga").result or {}

    assert (code, again) == (0, 0)
    assert json.loads(printed)["undeclared"] == [
        {"path": EXTRA, "tables": {"people": 3, "odd / table": 2}, "rows": 5, "error": None, "archived": False}
    ]
    assert f"{EXTRA} (2 tables, 5 rows; not archived)" in " ".join(words.split())
    assert f"{EXTRA} (2 tables, 5 rows" in checks["legacy folder: undeclared files"].detail
    assert all(check.passed for check in checks.values())
    assert f"{EXTRA} (2 tables, 5 rows" in result["summary"]


def test_the_page_names_it_and_its_button_archives_it(admin_client: Client, folder: Path) -> None:
    (folder / "<b>.db").write_bytes((folder / EXTRA).read_bytes())
    page = admin_client.get(_PAGE).content.decode()
    answer = admin_client.post(f"{_PAGE}archive/", follow=True).content.decode()

    assert "Files that no source declares" in page
    assert "2 tables, 5 rows" in page
    assert "&lt;b&gt;.db" in page
    assert "Queued: the files are archived" in answer
    assert [run.job for run in JobRun.objects.all()] == ["archive-undeclared"]


def test_the_job_archives_and_the_archive_shows_the_rows(admin_client: Client, folder: Path) -> None:
    summary = (run_job_by_hand("archive-undeclared", requested_by="olga").result or {})["summary"]

    page = admin_client.get("/admin/legacy_import/archivedtable/").content.decode()
    rows = admin_client.get(
        "/admin/legacy_import/archivedtable/business-core/", {"source": EXTRA, "table": "people"}
    ).content.decode()

    assert summary == f"{EXTRA}: 5 archived."
    assert "people" in page
    assert "Zoë" in rows


def test_who_may_only_look_has_no_button(client: Client, folder: Path, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))

    assert client.post(f"{_PAGE}archive/").status_code == 403
