"""Every kind of hostile cell that is refused can be fixed, and its file still comes back cell for cell."""

from datetime import date
from pathlib import Path

import pytest

from legacy_import.demo import HOSTILE_CELLS, PRIMARY_CELLS, Outcome, write_demo_legacy
from legacy_import.demo.files import FILES
from legacy_import.services import export_sources, fix_quarantined_rows
from legacy_import.sources import source_named
from tests.imports import execute, run_import, state, versions
from tests.integration.legacy_import.desk.desk import plant_each_in_its_own_row, proper_fix, quarantined
from tests.legacy_files import PRIMARY, contents

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

OTHERS = [cell for cell in HOSTILE_CELLS if cell not in PRIMARY_CELLS and cell.outcome is Outcome.QUARANTINED]


def test_every_refused_cell_of_the_primary_can_be_fixed(tmp_path: Path) -> None:
    folder = tmp_path / "dirty"
    summary = write_demo_legacy(folder, rows=1000, dirty=0.3, seed=1, today=date(2025, 8, 26))
    assert all(summary.hostile.get(cell.name) for cell in PRIMARY_CELLS)
    run_import("primary", folder)
    refused = quarantined("default", "primary")
    assert len(refused) == summary.count_hostile_rows(Outcome.QUARANTINED)

    done = fix_quarantined_rows("default", [proper_fix(row) for row in refused], reason="a test", author="sofia")

    assert done.refused == ()
    assert len(done.settled) == len(refused)
    assert_nothing_more_to_do("primary", folder, tmp_path)


@pytest.mark.parametrize("source", sorted({cell.source for cell in OTHERS}))
def test_every_refused_cell_of_the_other_sources_can_be_fixed(source: str, legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / next(file.path for file in FILES if file.source == source)
    cells = [cell for cell in OTHERS if cell.source == source]
    plant_each_in_its_own_row(path, cells)
    run_import(source, legacy_dir)
    alias = source_named(source).database
    refused = quarantined(alias, source)
    assert len(refused) == len(cells)

    done = fix_quarantined_rows(alias, [proper_fix(row) for row in refused], reason="a test", author="sofia")

    assert done.refused == ()
    assert_nothing_more_to_do(source, legacy_dir, tmp_path)


def assert_nothing_more_to_do(source: str, legacy_dir: Path, tmp_path: Path) -> None:
    """The file comes back as it is, a later import changes nothing, and so does one from nothing but settlements."""
    alias = source_named(source).database
    (file,) = export_sources([source_named(source)], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / source_named(source).path)
    before, told = versions(alias), state(alias)
    report = run_import(source, legacy_dir)
    assert report.status == "completed"
    assert {counts.read - counts.unchanged for counts in report.tables.values()} == {0}
    assert versions(alias) == before
    assert state(alias) == told


def test_settlements_alone_bring_an_emptied_database_back_to_the_same_rows(tmp_path: Path) -> None:
    folder = tmp_path / "dirty"
    write_demo_legacy(folder, rows=1000, dirty=0.3, seed=1, today=date(2025, 8, 26))
    run_import("primary", folder)
    fix_quarantined_rows(
        "default", [proper_fix(row) for row in quarantined("default", "primary")], reason="a test", author="sofia"
    )
    before = state("default")
    execute("default", "TRUNCATE posts, consultation_inquiries, ledger, divergence, legacy_file, change_log CASCADE")

    assert run_import("primary", folder).status == "completed"

    assert state("default") == before
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(folder / PRIMARY)
