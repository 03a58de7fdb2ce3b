"""Too little room is told before anything is begun, on real small disks where this user may mount them."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connections

from legacy_import.errors import TerminalError
from legacy_import.models import ImportRun
from legacy_import.pipeline.snapshot.disk_space import SpaceNeed, live_size_bytes, local_data_directory, require_space
from legacy_import.services import dump_database
from tests.faults.legacy_import.small_disks import small_disk
from tests.imports import rows, run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

MEGABYTE = 2**20


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_an_import_that_would_not_fit_beside_its_snapshots_is_not_begun(legacy_dir: Path, backup_dir: Path) -> None:
    with small_disk(backup_dir, megabytes=8) as disk:
        disk.fill(leave_bytes=4 * MEGABYTE)

        report = run_import("primary", legacy_dir)

        assert report.status == "failed"
        assert report.error is not None
        assert report.error.startswith("primary was not imported, nothing was begun: the disk of ")
        assert str(backup_dir / "primary") in report.error
        assert "has 4 MB free" in report.error
        assert "BACKUP_DIR" in report.error
        assert "\n" not in report.error
        assert not (backup_dir / "primary").exists()
        assert rows("default", "SELECT count(*) FROM ledger") == [(0,)]
        assert ImportRun.objects.using("default").get().error == report.error
        disk.clear()

        assert run_import("primary", legacy_dir).status == "completed"


def test_a_dump_that_would_not_fit_is_not_begun(backup_dir: Path) -> None:
    with small_disk(backup_dir, megabytes=4), pytest.raises(TerminalError, match="was not dumped: the disk of"):
        dump_database("default", reason="by hand", requested_by="a test")


def test_postgresqls_own_disk_is_asked_too(legacy_dir: Path, backup_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's data can't be moved onto a small disk while it runs: its file system's answer is made up."""
    data = local_data_directory("default")
    assert data is not None
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, MEGABYTE) if _is(path, data) else real(path))

    # Snapshots on a disk of their own: else their folder would be named.
    with small_disk(backup_dir, megabytes=64):
        error = run_import("primary", legacy_dir).error

    assert error is not None
    assert f"the disk of {data} has 1 MB free and PostgreSQL to import" in error


def _is(path: object, folder: Path) -> bool:
    return Path(str(path)) == folder


def test_one_disk_must_hold_its_needs_together(tmp_path: Path) -> None:
    free_bytes = shutil.disk_usage(tmp_path).free
    half = SpaceNeed(tmp_path / "not" / "there" / "yet", int(free_bytes * 0.6), "a snapshot", "free some")

    require_space([half], what="nothing")

    with pytest.raises(TerminalError, match=r"a snapshot and a snapshot may need .* MB: free some\.$"):
        require_space([half, half], what="nothing")


def test_journals_count(legacy_dir: Path) -> None:
    live = legacy_dir / PRIMARY
    size_bytes = live.stat().st_size
    live.with_name(f"{PRIMARY}-wal").write_bytes(bytes(1000))

    assert live_size_bytes(live) == size_bytes + 1000
    assert live_size_bytes(legacy_dir / "missing.db") == 0


def test_a_sockets_folder_is_a_local_host(monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].ensure_connection()
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/run/postgresql")

    assert local_data_directory("default") is not None


def test_another_machines_folder_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_data_directory("default") is not None
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "db.example.com")

    assert local_data_directory("default") is None


def test_a_repeated_import_needs_less(legacy_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "CREATE TABLE padding (a BLOB)")
    change(legacy_dir / PRIMARY, "INSERT INTO padding VALUES (zeroblob(10000000))")
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(*real(path)[:2], 60 * MEGABYTE))

    assert run_import("primary", legacy_dir).error is None
    ImportRun.objects.using("default").all().delete()
    assert "may need" in str(run_import("primary", legacy_dir).error)
