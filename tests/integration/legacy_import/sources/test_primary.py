"""The primary LinkedIn file, column by column."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.imports import run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.linkedin import linkedin_tables
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

TABLES = linkedin_tables("primary", data_source="linkedin_primary")
POSTS, INQUIRIES, _ = TABLES


@pytest.mark.parametrize("mapped", TABLES, ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_an_inquiry_points_to_its_post(lands_whole: Checks) -> None:
    lands_whole(INQUIRIES, parent=POSTS)


@pytest.mark.parametrize(("mapped", "rows"), [(POSTS, 7), (INQUIRIES, 15)], ids=str)
def test_real_rows_land(real_rows_land: Checks, mapped: MappedTable, rows: int) -> None:
    real_rows_land(mapped, rows=rows)


@pytest.mark.parametrize(("mapped", "column"), [(INQUIRIES, "last_contact"), (INQUIRIES, "notes")], ids=str)
def test_an_empty_text_lands_as_null(legacy_dir: Path, mapped: MappedTable, column: str) -> None:
    key = mapped.insert(legacy_dir, **{column: ""})[mapped.key]

    run_import("primary", legacy_dir)

    assert landed(mapped, key)[column] is None
    assert column not in kept_cells(mapped, key)


def test_cents_in_whole_money_land(legacy_dir: Path) -> None:
    key = INQUIRIES.insert(legacy_dir, estimated_value=25000.55)[INQUIRIES.key]

    run_import("primary", legacy_dir)

    assert landed(INQUIRIES, key)["estimated_value"] == Decimal("25000.55")
    assert "estimated_value" not in kept_cells(INQUIRIES, key)
