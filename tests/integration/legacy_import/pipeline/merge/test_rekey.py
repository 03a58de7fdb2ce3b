"""Rows whose identity or key is not what it was, or not alone."""

import shutil
from pathlib import Path

import pytest

from legacy_import.services import export_sources
from legacy_import.sources import source_named
from legacy_import.validation.data_checks import check_additions
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import counts, execute, rows, run_import, state
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

MONTHS = "SELECT month, total_posts FROM business_pipeline ORDER BY month"


@pytest.fixture
def two_months(legacy_dir: Path) -> Path:
    insert = "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES (?, ?, ?)"
    change(legacy_dir / PRIMARY, insert, "p1", "2025-01", 1)
    change(legacy_dir / PRIMARY, insert, "p2", "2025-02", 2)
    run_import("primary", legacy_dir)
    return legacy_dir


def rename(legacy_dir: Path, **months: str) -> None:
    for key, month in months.items():
        change(legacy_dir / PRIMARY, "UPDATE business_pipeline SET month = ? WHERE pipeline_id = ?", month, key)


def test_a_renamed_row_is_the_same_row_with_its_edits(two_months: Path) -> None:
    with attribute_changes_to("sofia"):
        execute("default", "UPDATE business_pipeline SET contracts_won = 7 WHERE month = '2025-01'")
    rename(two_months, p1="2025-09")

    report = run_import("primary", two_months)

    assert counts(report)["business_pipeline"] == {"read": 2, "unchanged": 1, "updated": 1}
    found = rows("default", "SELECT month, contracts_won FROM business_pipeline ORDER BY month")
    assert found == [("2025-02", None), ("2025-09", 7)]
    assert counts(run_import("primary", two_months))["business_pipeline"] == {"read": 2, "unchanged": 2}


def test_a_chain_of_renames_lands(two_months: Path) -> None:
    rename(two_months, p1="2025-02", p2="2025-03")

    assert run_import("primary", two_months).error is None

    assert rows("default", MONTHS) == [("2025-02", 1), ("2025-03", 2)]


def test_two_rows_may_swap_their_identities(two_months: Path) -> None:
    rename(two_months, p1="2025-02", p2="2025-01")

    assert run_import("primary", two_months).error is None

    assert rows("default", MONTHS) == [("2025-01", 2), ("2025-02", 1)]


@pytest.fixture
def twins(two_months: Path) -> Path:
    """Have both months in a second file too."""
    shutil.copyfile(two_months / PRIMARY, two_months / DUPLICATE)
    run_import("duplicate", two_months)
    return two_months


def test_a_quarantined_twin_keeps_no_old_row(twins: Path) -> None:
    change(twins / DUPLICATE, "UPDATE business_pipeline SET total_posts = 'many' WHERE pipeline_id = 'p1'")
    run_import("duplicate", twins)
    rename(twins, p1="2025-06")

    run_import("primary", twins)

    assert rows("default", MONTHS) == [("2025-02", 2), ("2025-06", 1)]
    assert check_additions("default").passed


def edit(month: str, posts: int) -> None:
    with attribute_changes_to("ada"):
        execute("default", "UPDATE business_pipeline SET total_posts = %s WHERE month = %s", [posts, month])


def test_an_edit_stays_when_the_months_shift(two_months: Path) -> None:
    edit("2025-01", 99)
    rename(two_months, p1="2025-02", p2="2025-03")

    run_import("primary", two_months)

    assert rows("default", MONTHS) == [("2025-01", 99), ("2025-02", 1), ("2025-03", 2)]
    assert check_additions("default").passed
    assert counts(run_import("primary", two_months))["business_pipeline"] == {"read": 2, "unchanged": 2}
    rename(two_months, p2="2025-01")
    run_import("primary", two_months)
    assert rows("default", MONTHS) == [("2025-01", 99), ("2025-02", 1)]


def test_edits_stay_when_months_are_swapped(two_months: Path) -> None:
    edit("2025-01", 99)
    rename(two_months, p1="2025-02", p2="2025-01")

    run_import("primary", two_months)

    assert rows("default", MONTHS) == [("2025-01", 99), ("2025-02", 1)]


def test_a_twin_that_steps_in_meets_the_edit(twins: Path) -> None:
    edit("2025-01", 99)
    rename(twins, p1="2025-06")

    run_import("primary", twins)
    run_import("duplicate", twins)

    assert rows("default", MONTHS) == [("2025-01", 99), ("2025-02", 2), ("2025-06", 1)]
    assert check_additions("default").passed


def test_an_edit_stays_when_only_a_quarantined_twin_remembers_it(twins: Path) -> None:
    change(twins / DUPLICATE, "UPDATE business_pipeline SET total_posts = 'many' WHERE pipeline_id = 'p1'")
    run_import("duplicate", twins)
    edit("2025-01", 99)
    rename(twins, p1="2025-06")

    run_import("primary", twins)

    assert ("2025-01", 99) in rows("default", MONTHS)
    assert check_additions("default").passed


@pytest.mark.parametrize("months", [{"p1": "2025-02", "p2": "2025-03"}, {"p1": "2025-06"}])
def test_an_undo_takes_the_move_of_an_edited_row_back(twins: Path, months: dict[str, str]) -> None:
    edit("2025-01", 99)
    before = state("default")
    rename(twins, **months)
    run_import("primary", twins)

    undo_latest("primary")

    assert state("default") == before


def test_rows_that_share_a_key_come_back_with_it(legacy_dir: Path, tmp_path: Path) -> None:
    path = legacy_dir / "ab_testing.db"
    change(path, "CREATE TABLE kept AS SELECT * FROM test_variants")
    change(path, "DROP TABLE test_variants")
    change(path, "ALTER TABLE kept RENAME TO test_variants")
    change(path, "UPDATE test_variants SET variant_id = 'twice' WHERE rowid IN (1, 2)")

    report = run_import("ab_testing", legacy_dir)

    assert report.status == "completed"
    (file,) = export_sources([source_named("ab_testing")], tmp_path / "out")
    assert contents(file.path) == contents(path)
