"""The content intelligence file, column by column."""

from pathlib import Path

import pytest

from tests.imports import run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed, same
from tests.integration.legacy_import.sources.readings import JSON, KEY, RATIO, TEXT, UTC_TIME

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

RECOMMENDATIONS = MappedTable(
    "recommendations",
    "content_recommendations",
    "revenue.ContentRecommendation",
    key="recommendation_id",
    columns={
        "recommendation_id": ("", KEY),
        **same(TEXT, "recommendation_type", "content_topic", "target_audience", "reasoning"),
        **same(JSON, "expected_performance"),
        **same(RATIO, "priority_score"),
        **same(UTC_TIME, "created_at"),
    },
)


def test_every_column_lands_in_its_place(lands_whole: Checks) -> None:
    lands_whole(RECOMMENDATIONS)


def test_real_rows_land(real_rows_land: Checks) -> None:
    real_rows_land(RECOMMENDATIONS, rows=6)


def test_json_of_another_spelling_is_read_and_kept_as_it_is(legacy_dir: Path) -> None:
    spelled = '{"expected_engagement":0.10}'
    key = RECOMMENDATIONS.insert(legacy_dir, expected_performance=spelled)[RECOMMENDATIONS.key]

    run_import("recommendations", legacy_dir)

    assert landed(RECOMMENDATIONS, key)["expected_performance"] == {"expected_engagement": 0.1}
    assert kept_cells(RECOMMENDATIONS, key) == {"expected_performance": spelled}
