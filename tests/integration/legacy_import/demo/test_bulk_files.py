"""--rows and --dirty: any number of rows, and hostile cells one can count on."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from legacy_import.demo import PRIMARY_CELLS, DemoSummary, Outcome, write_demo_legacy
from tests.integration.legacy_import.demo.conftest import TODAY

PRIMARY = "linkedin_business_development.db"
DUPLICATE = "business_development/linkedin_business_development.db"


def query(path: Path, sql: str, *, raw: bool = False) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        if raw:
            connection.text_factory = bytes
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return write_demo_legacy(tmp_path_factory.mktemp("bulk") / "x", rows=24_000, dirty=0, seed=1, today=TODAY)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return write_demo_legacy(tmp_path_factory.mktemp("dirty") / "x", rows=2_400, dirty=0.2, seed=1, today=TODAY)


def test_rows_are_one_post_in_six_and_the_rest_inquiries(bulk: DemoSummary) -> None:
    assert bulk.rows["primary"] == {"linkedin_posts": 4_000, "consultation_inquiries": 20_000, "business_pipeline": 0}
    assert bulk.total_rows == 24_106


def test_every_inquiry_points_to_a_post(bulk: DemoSummary) -> None:
    path = bulk.directory / PRIMARY

    assert query(path, "SELECT count(*) FROM consultation_inquiries WHERE source_post_id IS NULL") == [(0,)]
    assert query(path, "PRAGMA foreign_key_check") == []
    assert query(path, "SELECT count(DISTINCT source_post_id) > 3000 FROM consultation_inquiries") == [(1,)]


def test_duplicate_shares_seven_posts_with_a_bulk_primary(bulk: DemoSummary) -> None:
    keys, theirs = (
        set(query(bulk.directory / path, "SELECT post_id FROM linkedin_posts")) for path in (PRIMARY, DUPLICATE)
    )

    assert len(keys & theirs) == 7


def test_rows_weigh_what_real_ones_would(bulk: DemoSummary) -> None:
    assert 400 <= (bulk.directory / PRIMARY).stat().st_size / 24_000 <= 500


def test_dates_of_a_bulk_file_run_up_to_yesterday(bulk: DemoSummary) -> None:
    path = bulk.directory / PRIMARY

    assert query(path, "SELECT max(substr(created_at, 1, 10)) FROM consultation_inquiries") == [("2026-11-19",)]
    assert query(path, "SELECT count(*) FROM consultation_inquiries WHERE last_contact >= '2026-11-20'") == [(0,)]


def test_nobody_is_contacted_before_they_write(bulk: DemoSummary) -> None:
    early = "SELECT count(*) FROM consultation_inquiries WHERE last_contact <> '' AND last_contact < created_at"

    assert query(bulk.directory / PRIMARY, early) == [(0,)]


@pytest.mark.parametrize("rows", [0, 1, 5, 6, 41, 42, 43])
def test_few_rows_are_counted_exactly(tmp_path: Path, rows: int) -> None:
    summary = write_demo_legacy(tmp_path / "few", rows=rows, dirty=0, seed=1, today=TODAY)

    assert summary.rows["primary"]["linkedin_posts"] == rows // 6
    assert sum(summary.rows["primary"].values()) == rows
    assert query(summary.directory / PRIMARY, "PRAGMA foreign_key_check") == []


def test_progress_adds_up_to_the_rows(tmp_path: Path) -> None:
    written: list[int] = []

    write_demo_legacy(tmp_path / "x", rows=24_000, dirty=0, seed=1, today=TODAY, on_progress=written.append)

    assert sum(written) == 24_000
    assert len(written) >= 3


def test_dirty_share_is_exact_and_every_kind_is_there(dirty: DemoSummary) -> None:
    assert sum(dirty.hostile.values()) == 480
    assert set(dirty.hostile) == {cell.name for cell in PRIMARY_CELLS}
    assert dirty.count_hostile_rows(Outcome.LANDS) + dirty.count_hostile_rows(Outcome.QUARANTINED) == 480
    assert all(dirty.hostile[cell.name] == 1 for cell in PRIMARY_CELLS if cell.once)


def test_hostile_cells_are_stored_byte_for_byte(dirty: DemoSummary) -> None:
    for cell in PRIMARY_CELLS:
        storage_class, value = cell.stored_form()
        found = query(
            dirty.directory / PRIMARY,
            f'SELECT "{cell.column}" FROM "{cell.table}" WHERE typeof("{cell.column}") = \'{storage_class}\'',
            raw=True,
        )
        planted = sum(dirty.hostile[twin.name] for twin in PRIMARY_CELLS if _is_twin(twin, cell))
        assert found.count((value,)) >= planted, cell.name


def _is_twin(one: Any, other: Any) -> bool:
    return (one.table, one.column, one.stored_form()) == (other.table, other.column, other.stored_form())


def test_dirty_file_is_sound_to_sqlite(dirty: DemoSummary) -> None:
    assert query(dirty.directory / PRIMARY, "PRAGMA integrity_check") == [("ok",)]


def test_everything_dirty_spoils_every_row(tmp_path: Path) -> None:
    summary = write_demo_legacy(tmp_path / "x", rows=1_200, dirty=1, seed=1, today=TODAY)

    assert sum(summary.hostile.values()) == 1_200


def test_dirty_default_file_keeps_its_row_counts(tmp_path: Path) -> None:
    summary = write_demo_legacy(tmp_path / "x", rows=None, dirty=Fraction(1, 2), seed=1, today=TODAY)

    assert sum(summary.rows["primary"].values()) == 22
    assert sum(summary.hostile.values()) == 11


def test_same_seed_gives_the_same_dirty_bytes(dirty: DemoSummary, tmp_path: Path) -> None:
    again = write_demo_legacy(tmp_path / "again", rows=2_400, dirty=0.2, seed=1, today=TODAY)

    first, second = (hashlib.sha256((summary.directory / PRIMARY).read_bytes()).digest() for summary in (dirty, again))
    assert first == second


def test_killed_run_leaves_no_folder_and_the_next_sweeps_up(tmp_path: Path) -> None:
    target = tmp_path / "legacy"
    process = subprocess.Popen([sys.executable, "manage.py", "demo_legacy", str(target), "--rows", "3000000"])
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob(".legacy.demo_legacy-partial-*/*.db")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 1
    write_demo_legacy(target, rows=None, dirty=0, seed=1, today=TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["legacy"]
