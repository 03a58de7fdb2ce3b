"""The content management file, column by column."""

from pathlib import Path

import pytest

from tests.imports import counts, run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, same
from tests.integration.legacy_import.sources.readings import KEY, LOCAL_TIME, TEXT, UTC_TIME, pointing_to

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

PIECES = MappedTable(
    "content_management",
    "content_pieces",
    "revenue.ContentPiece",
    key="content_id",
    columns={
        "content_id": ("", KEY),
        **same(TEXT, "original_content", "business_objective", "target_audience"),
        **same(UTC_TIME, "created_at", "updated_at"),
    },
)
ADAPTATIONS = MappedTable(
    "content_management",
    "platform_adaptations",
    "revenue.PlatformAdaptation",
    key="adaptation_id",
    columns={
        "adaptation_id": ("", KEY),
        **same(pointing_to("content_pieces"), "content_id"),
        **same(TEXT, "platform", "adapted_content", "post_id", "status"),
        **same(LOCAL_TIME, "scheduled_time"),
        **same(UTC_TIME, "created_at"),
    },
)


@pytest.mark.parametrize("mapped", [PIECES, ADAPTATIONS], ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_an_adaptation_points_to_its_piece(lands_whole: Checks) -> None:
    lands_whole(ADAPTATIONS, parent=PIECES)


@pytest.mark.parametrize(("mapped", "rows"), [(PIECES, 2), (ADAPTATIONS, 6)], ids=str)
def test_real_rows_land(real_rows_land: Checks, mapped: MappedTable, rows: int) -> None:
    real_rows_land(mapped, rows=rows)


def test_strategies_are_archived(real_legacy_dir: Path) -> None:
    figures = counts(run_import("content_management", real_legacy_dir))
    assert figures["content_strategies"] == {"read": 1, "archived": 1}
