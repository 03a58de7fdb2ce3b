"""The A/B testing file, column by column."""

from pathlib import Path

import pytest

from tests.imports import counts, run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed, same
from tests.integration.legacy_import.sources.readings import (
    BOOLEAN,
    INTEGER,
    KEY,
    LOCAL_TIME,
    RATIO,
    SHARE,
    TEXT,
    UTC_TIME,
    pointing_to,
)

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

TESTS = MappedTable(
    "ab_testing",
    "ab_tests",
    "revenue.ABTest",
    key="test_id",
    columns={
        "test_id": ("", KEY),
        **same(TEXT, "test_name", "hypothesis", "element_type", "status", "winning_variant"),
        **same(LOCAL_TIME, "start_date", "end_date"),
        **same(SHARE, "traffic_split", "confidence_threshold"),
        **same(INTEGER, "minimum_sample_size"),
        **same(RATIO, "improvement_rate", "statistical_significance"),
        **same(UTC_TIME, "created_at"),
    },
)
VARIANTS = MappedTable(
    "ab_testing",
    "test_variants",
    "revenue.ABTestVariant",
    key="variant_id",
    columns={
        "variant_id": ("", KEY),
        **same(pointing_to("ab_tests"), "test_id"),
        **same(TEXT, "variant_name", "element_type", "content", "expected_metric"),
        **same(INTEGER, "impressions", "engagement_actions", "consultation_requests", "sample_size"),
        **same(RATIO, "engagement_rate", "consultation_conversion", "confidence_level"),
        **same(BOOLEAN, "is_winner"),
        **same(UTC_TIME, "created_at"),
    },
)


@pytest.mark.parametrize("mapped", [TESTS, VARIANTS], ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_a_variant_points_to_its_test(lands_whole: Checks) -> None:
    lands_whole(VARIANTS, parent=TESTS)


@pytest.mark.parametrize(("mapped", "rows"), [(TESTS, 9), (VARIANTS, 36)], ids=str)
def test_real_rows_land(real_rows_land: Checks, mapped: MappedTable, rows: int) -> None:
    real_rows_land(mapped, rows=rows)


def test_the_winner_stays_the_legacy_key_it_is(legacy_dir: Path) -> None:
    variant = VARIANTS.insert(legacy_dir, test_id="won", is_winner=1)["variant_id"]
    TESTS.insert(legacy_dir, test_id="won", winning_variant=variant)

    run_import("ab_testing", legacy_dir)

    assert landed(TESTS, "won")["winning_variant"] == variant
    assert kept_cells(TESTS, "won") == {}


def test_assignments_are_archived(real_legacy_dir: Path) -> None:
    assert counts(run_import("ab_testing", real_legacy_dir))["test_assignments"] == {"read": 3, "archived": 3}
