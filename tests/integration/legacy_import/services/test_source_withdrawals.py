"""A source whose file was deleted for good is withdrawn: passed over with a word, its rows and last snapshot kept."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun, SourceWithdrawal
from legacy_import.services import ImportRequest, export_sources, import_sources, prune_snapshots
from legacy_import.services.source_withdrawals import take_back_withdrawal, withdraw_source
from legacy_import.sources import source_named
from synapse.foundation.databases import ALIASES
from tests.imports import run_import
from tests.integration.legacy_import.services.ticks import sync_of, tick
from tests.legacy_files import DUPLICATE, PRIMARY, contents, only

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

_BOTH = (source_named("primary"), source_named("duplicate"))


@pytest.fixture
def folder(settings: Settings, legacy_dir: Path, tmp_path: Path) -> Path:
    """Return a folder with two files, both imported, of which the primary one is deleted."""
    (tmp_path / "few").mkdir()
    folder = only(legacy_dir, PRIMARY, DUPLICATE, into=tmp_path / "few")
    settings.LEGACY_DIR = folder
    for source in _BOTH:
        assert run_import(source.name, folder).error is None
    (tmp_path / "saved.db").write_bytes((folder / PRIMARY).read_bytes())
    (folder / PRIMARY).unlink()
    return folder


def withdraw(folder: Path) -> SourceWithdrawal:
    return withdraw_source(source_named("primary"), legacy_dir=folder, withdrawn_by="olga")


def last_snapshot() -> Path:
    return Path(ImportRun.objects.using("default").get(source="primary", status="completed").snapshot_path)


def test_a_missing_file_names_the_way_out_in_imports_and_the_sync(folder: Path) -> None:
    way_out = "manage.py legacy_sources withdraw primary"

    assert way_out in (run_import("primary", folder).error or "")
    assert way_out in tick("primary").sentence


def test_imports_of_all_and_the_sync_pass_it_over_with_a_word(folder: Path) -> None:
    tick("primary")
    withdraw(folder)

    primary, duplicate = import_sources(_BOTH, ImportRequest(folder), skip_withdrawn=True)
    ticked = tick("primary")

    assert (primary.status, primary.error, duplicate.error) == ("completed", None, None)
    assert "withdrawn by olga" in primary.notes[0]
    assert (ticked.state, "withdrawn by olga" in ticked.sentence) == ("withdrawn", True)
    assert sync_of("primary").error == ""


def test_an_import_by_name_is_refused(folder: Path) -> None:
    withdraw(folder)

    assert "withdrawn by olga" in (run_import("primary", folder).error or "")


def test_its_rows_stay_rebuildable_and_its_last_snapshot_is_kept_for_good(folder: Path, tmp_path: Path) -> None:
    withdraw(folder)

    in_ten_years = timezone.now() + timedelta(days=3650)
    prune_snapshots(_BOTH, days=30, dry_run=False, legacy_dir=folder, now=in_ten_years)
    list(export_sources([source_named("primary")], tmp_path / "out"))

    assert last_snapshot().is_file()
    assert contents(tmp_path / "out" / PRIMARY) == contents(tmp_path / "saved.db")


def test_a_file_that_reappears_is_told_and_not_imported(folder: Path, tmp_path: Path) -> None:
    withdraw(folder)
    shutil.copyfile(tmp_path / "saved.db", folder / PRIMARY)

    (report,) = import_sources(_BOTH[:1], ImportRequest(folder), skip_withdrawn=True)

    assert f"Its file {PRIMARY} is there again" in report.notes[0]
    assert f"Its file {PRIMARY} is there again" in tick("primary").sentence
    assert report.tables == {}


def test_a_withdrawal_can_be_taken_back_and_made_again(folder: Path, tmp_path: Path) -> None:
    withdraw(folder)
    take_back_withdrawal("primary", taken_back_by="ben")
    with pytest.raises(TerminalError, match="it is not withdrawn"):
        take_back_withdrawal("primary", taken_back_by="ben")
    shutil.copyfile(tmp_path / "saved.db", folder / PRIMARY)

    assert run_import("primary", folder).error is None
    (folder / PRIMARY).unlink()
    withdraw(folder)
    assert SourceWithdrawal.objects.filter(source="primary").count() == 2


def test_a_source_is_not_withdrawn_twice(folder: Path) -> None:
    withdraw(folder)

    with pytest.raises(TerminalError, match="withdrawn by olga"):
        withdraw(folder)


def test_a_source_whose_file_is_there_is_not_withdrawn(folder: Path) -> None:
    with pytest.raises(TerminalError, match="is still in the legacy folder"):
        withdraw_source(source_named("duplicate"), legacy_dir=folder, withdrawn_by="olga")


@pytest.mark.parametrize("is_empty", [True, False])
def test_nothing_is_withdrawn_while_the_folder_is_lost(folder: Path, *, is_empty: bool) -> None:
    shutil.rmtree(folder)
    if is_empty:
        folder.mkdir()

    with pytest.raises(TerminalError, match="is gone or holds none of the files"):
        withdraw(folder)


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_source_whose_last_snapshot_is_not_sound_is_not_withdrawn(folder: Path, harm: str) -> None:
    snapshot = last_snapshot()
    if harm == "gone":
        snapshot.unlink()
    else:
        snapshot.chmod(0o600)
        snapshot.write_bytes(snapshot.read_bytes()[:-1] + b"x")

    with pytest.raises(TerminalError, match="export_legacy --source=primary rebuilds the file"):
        withdraw(folder)
    assert not SourceWithdrawal.objects.exists()


def test_a_source_that_was_never_imported_can_be_withdrawn(folder: Path) -> None:
    week3 = source_named("week3")
    withdraw_source(week3, legacy_dir=folder, withdrawn_by="olga")

    (report,) = import_sources([week3], ImportRequest(folder), skip_withdrawn=True)

    assert (report.status, "withdrawn by olga" in report.notes[0]) == ("completed", True)
