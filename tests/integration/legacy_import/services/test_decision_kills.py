"""kill -9 at each line of asking and answering about lost rows, of a withdrawal and of archiving: all or nothing.

The next call completes, and nothing is lost or doubled.
"""

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun, LedgerRow, LossQuestion, SourceWithdrawal
from legacy_import.services import ImportRequest, export_sources
from legacy_import.services.row_losses import record_loss_answer
from legacy_import.services.source_withdrawals import take_back_withdrawal, withdraw_source
from legacy_import.services.undeclared_archive import archive_undeclared_files
from legacy_import.sources import source_named
from legacy_import.undeclared.listing import list_undeclared_files
from legacy_import.undeclared.sources import undeclared_source
from synapse.foundation.databases import ALIASES
from tests.imports import execute, run_import
from tests.kills import killed_at_each_line
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents, delete_primary_rows, only

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

_LOSSES = "legacy_import/services/row_losses.py"
_DELETED = LossQuestion.Answer.ROWS_DELETED
_PRIMARY = source_named("primary")


@pytest.fixture
def folder(settings: Settings, legacy_dir: Path, tmp_path: Path) -> Path:
    """Return a folder with two imported files."""
    (tmp_path / "few").mkdir()
    folder = only(legacy_dir, PRIMARY, DUPLICATE, into=tmp_path / "few")
    settings.LEGACY_DIR = folder
    for name in ("primary", "duplicate"):
        assert run_import(name, folder).error is None
    return folder


def states() -> list[str]:
    rows = LedgerRow.objects.using("default").filter(source="primary")
    return sorted(rows.values_list("state", flat=True))


def test_a_question_about_lost_rows_is_asked_once_wherever_the_import_was_killed(folder: Path) -> None:
    before = states()
    delete_primary_rows(folder / PRIMARY)
    kills = killed_at_each_line(lambda: run_import("primary", folder), files=(_LOSSES,))
    for line in kills:
        assert states() == before, line
        report = run_import("primary", folder)
        assert report.needs_person, line
        (question,) = LossQuestion.objects.all()
        assert question.sha256[:12] in (report.error or ""), line
        LossQuestion.objects.all().delete()

    assert LossQuestion.objects.get().answer == ""
    assert not ImportRun.objects.using("default").filter(status="completed", source="primary")[1:]


def test_an_answer_holds_whole_or_not_at_all_and_the_next_one_ends_the_question(folder: Path) -> None:
    delete_primary_rows(folder / PRIMARY)
    run_import("primary", folder)
    checksum = LossQuestion.objects.get().sha256

    def answer() -> object:
        return record_loss_answer("primary", _DELETED, sha256=checksum, answered_by="olga")

    for line in killed_at_each_line(answer, files=(_LOSSES,)):
        question = LossQuestion.objects.get()
        assert (question.answer, question.answered_by) in {("", ""), (_DELETED, "olga")}, line
        assert (question.answered_at is None) == (question.answer == ""), line
        answer()
        assert LossQuestion.objects.get().answer == _DELETED
        LossQuestion.objects.update(answer="", answered_by="", answered_at=None)

    for line in killed_at_each_line(lambda: run_import("primary", folder), files=(_LOSSES,)):
        assert LossQuestion.objects.exists() or set(states()) == {"gone"}, line
        assert run_import("primary", folder).error is None
        assert not LossQuestion.objects.exists()
    assert set(states()) == {"gone"}


def test_a_withdrawal_is_made_once_wherever_it_was_killed(folder: Path, tmp_path: Path) -> None:
    saved = shutil.copyfile(folder / PRIMARY, tmp_path / "saved.db")
    (folder / PRIMARY).unlink()

    def withdraw() -> object:
        return withdraw_source(_PRIMARY, legacy_dir=folder, withdrawn_by="olga")

    files = ("legacy_import/services/source_withdrawals.py", "legacy_import/validation/legacy_files.py")
    for line in killed_at_each_line(withdraw, files=files):
        in_force = SourceWithdrawal.objects.filter(source="primary", taken_back_at__isnull=True)
        if in_force.exists():
            with pytest.raises(TerminalError, match="withdrawn by olga"):
                withdraw()
        else:
            withdraw()
        assert in_force.count() == 1, line
        take_back_withdrawal("primary", taken_back_by="ben")

    def take_back() -> object:
        return take_back_withdrawal("primary", taken_back_by="ben")

    for line in killed_at_each_line(take_back, files=files):
        half = SourceWithdrawal.objects.filter(source="primary", taken_back_at__isnull=True)
        if half.exists():
            take_back()
        assert not half.exists(), line
        withdraw()
    list(export_sources([_PRIMARY], tmp_path / "out"))
    assert contents(tmp_path / "out" / PRIMARY) == contents(saved)


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.faults), 8])
def test_an_undeclared_file_is_archived_once_wherever_it_was_killed(folder: Path, tmp_path: Path, every: int) -> None:
    change(folder / "extra.db", "CREATE TABLE notes AS SELECT 1 AS a UNION SELECT 2")
    extra = undeclared_source("extra.db")

    def archive() -> object:
        return archive_undeclared_files(ImportRequest(folder, requested_by="olga"))

    files = ("services/undeclared_archive.py", "undeclared/listing.py", "services/importing.py", "source_import.py")
    for line in killed_at_each_line(archive, files=files, every=every):
        rows = LedgerRow.objects.using("default").filter(source="extra.db")
        assert rows.count() in {0, 2}, line
        archive()
        assert (rows.count(), list_undeclared_files(folder).files[0].state_label) == (2, "archived"), line
        assert not ImportRun.objects.using("default").filter(source="extra.db", status="running").exists()
        list(export_sources([extra], tmp_path / str(line)))
        assert contents(tmp_path / str(line) / "extra.db") == contents(folder / "extra.db")
        for table in ("ledger", "legacy_file", "undeclared_file"):
            where = " WHERE source = 'extra.db'" if table != "undeclared_file" else ""
            execute("default", f"DELETE FROM {table}{where}")
    assert list_undeclared_files(folder).files[0].state_label == "archived"
