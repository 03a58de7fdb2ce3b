"""The second LinkedIn file, column by column, and what it may not say where the primary speaks."""

from pathlib import Path

import pytest

from tests.imports import run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.linkedin import linkedin_tables
from tests.integration.legacy_import.sources.mapped_table import MappedTable, landed, ledger_row

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

TABLES = linkedin_tables("duplicate", data_source="linkedin_duplicate")
POSTS, INQUIRIES, PIPELINE = TABLES
_, _, PRIMARY_PIPELINE = linkedin_tables("primary", data_source="linkedin_primary")


@pytest.mark.parametrize("mapped", TABLES, ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_an_inquiry_points_to_its_post(lands_whole: Checks) -> None:
    lands_whole(INQUIRIES, parent=POSTS)


@pytest.mark.parametrize(("mapped", "rows"), [(POSTS, 7), (INQUIRIES, 1)], ids=str)
def test_real_rows_land(real_rows_land: Checks, mapped: MappedTable, rows: int) -> None:
    real_rows_land(mapped, rows=rows)


@pytest.mark.parametrize("order", [("primary", "duplicate"), ("duplicate", "primary")])
def test_a_month_is_one_row_whatever_its_keys_and_the_primary_owns_it(legacy_dir: Path, order: tuple[str, ...]) -> None:
    PRIMARY_PIPELINE.insert(legacy_dir, pipeline_id="p-1", month="2025-08", total_posts=11)
    PIPELINE.insert(legacy_dir, pipeline_id="d-7", month="2025-08", total_posts=22)

    for name in order:
        run_import(name, legacy_dir)

    assert PIPELINE.target._default_manager.count() == 1
    assert landed(PRIMARY_PIPELINE, "p-1")["total_posts"] == 11
    assert ledger_row(PIPELINE, "d-7").state == "merged"
