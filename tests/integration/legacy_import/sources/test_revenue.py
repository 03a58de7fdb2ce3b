"""The revenue file, column by column."""

import pytest

from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, same
from tests.integration.legacy_import.sources.readings import INTEGER, JSON, KEY, MONEY, RATIO, TEXT, UTC_TIME

pytestmark = pytest.mark.django_db(databases=["default", "revenue"], transaction=True)

OPPORTUNITIES = MappedTable(
    "revenue",
    "revenue_opportunities",
    "revenue.RevenueOpportunity",
    key="opportunity_id",
    columns={
        "opportunity_id": ("", KEY),
        **same(TEXT, "lead_source", "customer_segment", "recommended_offering", "next_action", "status"),
        **same(MONEY, "revenue_potential"),
        **same(RATIO, "confidence_score"),
        **same(INTEGER, "qualification_score"),
        **same(JSON, "engagement_history"),
        **same(UTC_TIME, "created_at", "updated_at"),
    },
)


def test_every_column_lands_in_its_place(lands_whole: Checks) -> None:
    lands_whole(OPPORTUNITIES)


def test_real_rows_land(real_rows_land: Checks) -> None:
    real_rows_land(OPPORTUNITIES, rows=2)
