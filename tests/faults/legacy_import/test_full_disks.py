"""A disk that fills up: one sentence, exit 1, nothing half done, and the next run after room is made completes.

What lives here: disks that are full in the middle. What does not: too little room before the first byte (disk_space).
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.checkouts import ROOT, Checkout, temporary_checkout
from tests.faults.legacy_import.ground import Ended, Ground, settle
from tests.faults.legacy_import.small_disks import SmallDisk, small_disk
from tests.legacy_files import DUPLICATE, PRIMARY, contents
from tests.reliability import Tally

pytestmark = pytest.mark.faults

WAL_ROWS = 40_000
"""Their import writes more WAL than the segment that is open."""


@pytest.fixture(scope="module")
def undisturbed(middle_ground: Ground) -> dict[str, Any]:
    middle_ground.import_legacy()
    return middle_ground.fingerprint()


@pytest.mark.parametrize("room", ["none", "for a half", "for all but a page"])
def test_backup_folder_full_during_the_snapshot(
    room: str, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    size_bytes = middle_ground.primary.stat().st_size
    leave_bytes = {"none": 0, "for a half": size_bytes // 2, "for all but a page": size_bytes - 4096}[room]
    middle_ground.empty()
    with small_disk(middle_ground.snapshots.parent, megabytes=16) as disk:
        with middle_ground.stopped_import("snapshot") as stopped:
            disk.fill(leave_bytes=leave_bytes)

        sentence = the_sentence(stopped.ended)
        assert str(middle_ground.snapshots) in sentence, sentence
        assert "no space left on device" in sentence, sentence
        assert [path.name for path in middle_ground.snapshots.iterdir()] == [".lock"]
        assert middle_ground.look().is_empty
        disk.clear()
        assert_completes(middle_ground, undisturbed)
    tally("disk full: the snapshots'", 1)


@pytest.fixture(scope="module")
def disk_of_postgres() -> Iterator[tuple[Ground, SmallDisk]]:
    """A ground whose VAR_DIR, PostgreSQL's data in it, is a small disk."""
    with temporary_checkout(ROOT) as checkout, small_disk(checkout.var_dir, megabytes=640) as disk:
        try:
            ground = settle(checkout, rows=WAL_ROWS)
            ground.query("ALTER SYSTEM SET max_wal_size = '64MB'")
            # Each segment is a new file, which wants room.
            ground.query("ALTER SYSTEM SET wal_recycle = off")
            ground.query("SELECT pg_reload_conf()")
            yield ground, disk
        finally:
            checkout.run("postgres", "stop")


@pytest.mark.parametrize("stage", ["extract", "merge", "ledger"])
def test_data_directory_full(stage: str, disk_of_postgres: tuple[Ground, SmallDisk], tally: Tally) -> None:
    ground, disk = disk_of_postgres
    ground.empty_or_restart()
    # A fresh segment of WAL: what has no room is the rows.
    ground.query("SELECT pg_switch_wal()")
    with ground.stopped_import(stage) as stopped:
        disk.fill()

    sentence = the_sentence(stopped.ended)
    assert sentence.startswith("primary: the disk is full, so nothing was changed: could not "), sentence
    assert "No space left on device" in sentence
    disk.clear()
    assert ground.look().is_empty
    assert ground.look().runs == ("failed",)
    ground.import_legacy()
    assert ground.look().rows["ledger"] == WAL_ROWS
    tally("disk full: PostgreSQL's data", 1)


def test_data_directory_full_when_all_is_written_lands_whole_or_changes_nothing(
    disk_of_postgres: tuple[Ground, SmallDisk], tally: Tally
) -> None:
    ground, disk = disk_of_postgres
    ground.empty_or_restart()
    with ground.stopped_import("refresh") as stopped:
        disk.fill()

    # Whether what is left to do, the views, finds room in what PostgreSQL has, is its own affair.
    disk.clear()
    if stopped.ended.code:
        assert "the disk is full, so nothing was changed" in the_sentence(stopped.ended)
        assert ground.look().is_empty
        ground.import_legacy()
    assert ground.look().rows["ledger"] == WAL_ROWS
    tally("disk full: PostgreSQL's data", 1)


def test_wal_full_stops_the_server_and_room_brings_it_back(
    disk_of_postgres: tuple[Ground, SmallDisk], tally: Tally
) -> None:
    ground, _ = disk_of_postgres
    ground.empty_or_restart()
    with small_wal_disk(ground.checkout) as disk:
        with ground.stopped_import("merge") as stopped:
            disk.fill()
        sentence = the_sentence(stopped.ended)
        assert sentence.startswith("primary: the database gave up: "), sentence
        again = Ended.of(ground.start_import())
        assert again.code == 1, again
        assert "Traceback" not in again.complaint, again

        disk.clear()
        ground.checkout.query()
        assert ground.look().is_empty
        ground.import_legacy()
        assert ground.look().rows["ledger"] == WAL_ROWS
        assert "running" not in ground.look().runs
    tally("disk full: PostgreSQL's WAL", 1)


@contextmanager
def small_wal_disk(checkout: Checkout) -> Iterator[SmallDisk]:
    """Put the server's WAL on a small disk of its own, and back; the server is stopped before and after."""
    wal, aside = checkout.data / "pg_wal", checkout.var_dir.parent / "wal-aside"
    checkout.run("postgres", "stop")
    replace_content(aside, wal)
    with small_disk(wal, megabytes=160) as disk:
        replace_content(wal, aside)
        try:
            yield disk
        finally:
            checkout.run("postgres", "stop")
            replace_content(aside, wal)
    replace_content(wal, aside)


def replace_content(folder: Path, other: Path) -> None:
    """Put the other folder's content into the folder, owned by the folder's owner."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(other, folder, dirs_exist_ok=True)
    for path in folder.rglob("*"):
        os.chown(path, folder.stat().st_uid, folder.stat().st_gid)


def test_output_folder_full(middle_ground: Ground, undisturbed: dict[str, Any], tmp_path: Path, tally: Tally) -> None:
    middle_ground.empty()
    middle_ground.import_legacy("duplicate", "primary")
    out = tmp_path / "out"
    export = ("export_legacy", "--source=duplicate,primary", f"--output={out}")
    with small_disk(out, megabytes=16) as disk:
        disk.fill(leave_bytes=middle_ground.primary.stat().st_size // 2)
        full = Ended.of(middle_ground.start(*export))
        assert full.code == 1, full
        assert full.complaint.strip().startswith("primary: the disk is full"), full
        assert len(full.complaint.strip().splitlines()) == 1, full
        # The other source's file is whole, and stays; of this one there is nothing.
        assert {path for path in out.rglob("*") if path.is_file()} == {out / "filler", out / DUPLICATE}
        assert contents(out / DUPLICATE) == contents(middle_ground.duplicate)

        disk.clear()
        (out / DUPLICATE).unlink()
        roomy = Ended.of(middle_ground.start(*export))
        assert roomy.code == 0, roomy
        assert contents(out / PRIMARY) == contents(middle_ground.primary)
    tally("disk full: an export's", 1)


def test_folder_for_passing_files_full(
    middle_ground: Ground, undisturbed: dict[str, Any], tmp_path: Path, tally: Tally
) -> None:
    middle_ground.empty()
    with small_disk(tmp_path / "passing", megabytes=1) as disk:
        variables = {"TMPDIR": str(disk.folder)}
        # It is for dry runs and validation; an import keeps its snapshot elsewhere.
        middle_ground.import_legacy(**variables)
        dry = Ended.of(middle_ground.start("import_legacy", "--source=primary", "--dry-run", "--json", **variables))
        checked = Ended.of(middle_ground.start("validate_migration", "--json", **variables))

        assert str(disk.folder) in dry.error
        checks = {check["name"]: check for check in json.loads(checked.output)["checks"]}
        assert checked.code == 1
        assert "Traceback" not in checked.complaint
        assert "no space left on device" in checks["primary: legacy file"]["detail"], checks["primary: legacy file"]
        assert list(disk.folder.iterdir()) == []
        assert middle_ground.fingerprint() == undisturbed
    tally("disk full: TMPDIR's", 1)


def the_sentence(ended: Ended) -> str:
    """Return what the driver said of the import that failed."""
    sentence = ended.complaint.strip()
    assert ended.code == 1, ended
    assert sentence
    assert "\n" not in sentence, ended
    return sentence


def assert_completes(ground: Ground, undisturbed: dict[str, Any]) -> None:
    ground.import_legacy()
    assert ground.look().runs == ("failed", "completed")
    assert ground.fingerprint() == undisturbed
