"""Every kind of hostile cell: it lands where its meaning is beyond doubt, else its row is quarantined with a reason."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from legacy_import.demo import HOSTILE_CELLS, PRIMARY_CELLS, HostileCell, Outcome, write_demo_legacy, write_hostile_cell
from legacy_import.demo.files import FILES
from legacy_import.models import LedgerRow
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from tests.imports import rows, run_import
from tests.legacy_files import PRIMARY, change, contents, shape

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

OTHERS = [cell for cell in HOSTILE_CELLS if cell not in PRIMARY_CELLS]


@pytest.fixture
def dirty_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "dirty"
    write_demo_legacy(folder, rows=3000, dirty=0.1, seed=1, today=date(2025, 8, 26))
    return folder


def test_every_hostile_row_of_the_primary_comes_to_its_outcome(tmp_path: Path) -> None:
    folder = tmp_path / "dirty"
    summary = write_demo_legacy(folder, rows=3000, dirty=0.1, seed=1, today=date(2025, 8, 26))
    assert all(summary.hostile.get(cell.name) for cell in PRIMARY_CELLS)

    report = run_import("primary", folder)

    quarantined = summary.count_hostile_rows(Outcome.QUARANTINED)
    assert report.status == "quarantined"
    assert sum(counts.quarantined for counts in report.tables.values()) == quarantined
    assert sum(counts.inserted for counts in report.tables.values()) == 3000 - quarantined


def test_each_reason_names_a_column_that_was_spoiled(dirty_dir: Path) -> None:
    run_import("primary", dirty_dir)

    spoiled = {(cell.table, cell.column) for cell in PRIMARY_CELLS if cell.outcome is Outcome.QUARANTINED}
    blamed = set()
    for row in LedgerRow.objects.using("default").filter(state="quarantined"):
        assert row.reasons
        blamed |= {(row.legacy_table, reason["column"]) for reason in row.reasons}
        assert all(reason["expected"] for reason in row.reasons)
    assert blamed == spoiled


def test_a_dirty_file_comes_back_cell_by_cell(dirty_dir: Path, tmp_path: Path) -> None:
    run_import("primary", dirty_dir)

    (file,) = export_sources([source_named("primary")], tmp_path / "out")

    assert contents(file.path) == contents(dirty_dir / PRIMARY)
    assert shape(file.path) == shape(dirty_dir / PRIMARY)


def test_quarantined_rows_are_reported_again_and_nothing_is_rewritten(dirty_dir: Path) -> None:
    first = run_import("primary", dirty_dir)
    before = rows("default", "SELECT ctid::text, xmin::text FROM ledger ORDER BY 1")

    again = run_import("primary", dirty_dir)

    assert again.status == "quarantined"
    assert [c.quarantined for c in again.tables.values()] == [c.quarantined for c in first.tables.values()]
    assert rows("default", "SELECT ctid::text, xmin::text FROM ledger ORDER BY 1") == before


def test_a_mended_row_leaves_the_quarantine(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET created_at = 'yesterday' WHERE rowid = 3")
    assert run_import("primary", legacy_dir).tables["consultation_inquiries"].quarantined == 1
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET created_at = '2025-08-01T10:00:00' WHERE rowid = 3")

    report = run_import("primary", legacy_dir)

    assert report.status == "completed"
    assert report.tables["consultation_inquiries"].inserted == 1
    assert not LedgerRow.objects.using("default").filter(state="quarantined").exists()


def test_a_landed_row_that_turns_bad_keeps_its_last_good_values_here(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    before = rows("default", "SELECT to_jsonb(i) FROM consultation_inquiries AS i ORDER BY inquiry_id")
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET created_at = 'yesterday' WHERE rowid = 3")

    report = run_import("primary", legacy_dir)

    assert report.tables["consultation_inquiries"].quarantined == 1
    assert rows("default", "SELECT to_jsonb(i) FROM consultation_inquiries AS i ORDER BY inquiry_id") == before
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


@pytest.mark.parametrize("source", sorted({cell.source for cell in OTHERS}))
def test_hostile_cells_of_the_other_sources_come_to_their_outcome(
    source: str, legacy_dir: Path, tmp_path: Path
) -> None:
    path = legacy_dir / next(file.path for file in FILES if file.source == source)
    cells = [cell for cell in OTHERS if cell.source == source]
    planted = _plant_each_in_its_own_row(path, cells)

    report = run_import(source, legacy_dir)

    alias = source_named(source).database
    states = dict(LedgerRow.objects.using(alias).filter(source=source, owns=True).values_list("key", "state")) | dict(
        LedgerRow.objects.using(alias).filter(source=source, state="quarantined").values_list("key", "state")
    )
    expected = {key: "live" if cell.outcome is Outcome.LANDS else "quarantined" for key, cell in planted.items()}
    assert report.error is None
    assert {key: states[key] for key in planted} == expected
    (file,) = export_sources([source_named(source)], tmp_path / "out")
    assert contents(file.path) == contents(path)


def _plant_each_in_its_own_row(path: Path, cells: list[HostileCell]) -> dict[str, HostileCell]:
    """Add a row for each cell by doubling the table's first row; return the cells by their row's key."""
    planted = {}
    with closing(sqlite3.connect(path)) as file, file:
        for number, cell in enumerate(cells, start=1):
            columns = [row[1] for row in file.execute(f'PRAGMA table_info("{cell.table}")')]
            key = f"hostile-{number}"
            values = ["?", *(f'"{name}"' for name in columns[1:])]
            file.execute(
                f'INSERT INTO "{cell.table}" SELECT {", ".join(values)} FROM "{cell.table}" ORDER BY rowid LIMIT 1',
                (key,),
            )
            rowid = file.execute("SELECT last_insert_rowid()").fetchone()[0]
            if "variant_name" in columns:
                file.execute(f'UPDATE "{cell.table}" SET variant_name = ? WHERE rowid = ?', (key, rowid))
            write_hostile_cell(file, cell, rowid=rowid)
            planted[key] = cell
    return planted
