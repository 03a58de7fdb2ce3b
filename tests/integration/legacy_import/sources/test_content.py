"""The content analytics file, column by column: posts of any platform, and inquiries in a table named otherwise."""

from pathlib import Path

import pytest

from tests.imports import counts, run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed, same
from tests.integration.legacy_import.sources.readings import (
    DAY_AND_CLOCK,
    EMPTY_AS_NULL,
    INTEGER,
    LOWER_CASE,
    MONEY,
    RATIO,
    TEXT,
    UTC_TIME,
    pointing_to,
)

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

POSTS = MappedTable(
    "content",
    "posts",
    "business_core.Post",
    key="post_id",
    columns={
        "post_id": ("external_post_id", TEXT),
        ("date", "posting_time"): ("posted_at", DAY_AND_CLOCK),
        **same(TEXT, "day_of_week"),
        "signature_series": ("week_theme", TEXT),
        "headline": ("content", TEXT),
        **same(LOWER_CASE, "platform"),
        **same(INTEGER, "views", "likes", "comments", "shares", "saves", "profile_views", "connection_requests"),
        "engagement_rate": ("actual_engagement_rate", RATIO),
        "consultation_inquiries": ("consultation_requests", INTEGER),
        **same(UTC_TIME, "created_at"),
    },
    constants={"data_source": "content_analytics"},
    kept=(
        "content_type",
        "discovery_calls",
        "click_through_rate",
        "comment_quality_score",
        "business_relevance_score",
    ),
)
INQUIRIES = MappedTable(
    "content",
    "business_pipeline",
    "business_core.ConsultationInquiry",
    key="inquiry_id",
    columns={
        "inquiry_id": ("external_inquiry_id", TEXT),
        **same(pointing_to("posts"), "source_post_id"),
        **same(TEXT, "inquiry_type", "company_size", "industry", "status"),
        "project_value": ("estimated_value", MONEY),
        **same(EMPTY_AS_NULL, "notes"),
        **same(UTC_TIME, "created_at"),
    },
    constants={"contact_name": "Unknown", "inquiry_channel": "Unknown", "data_source": "content_analytics"},
    kept=("inquiry_date",),
)


@pytest.mark.parametrize("mapped", [POSTS, INQUIRIES], ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_an_inquiry_points_to_its_post(lands_whole: Checks) -> None:
    lands_whole(INQUIRIES, parent=POSTS)


def test_real_rows_land(real_rows_land: Checks) -> None:
    real_rows_land(POSTS, rows=1)


def test_the_platform_is_lower_cased_and_its_spelling_kept(legacy_dir: Path) -> None:
    key = POSTS.insert(legacy_dir, platform="LinkedIn")[POSTS.key]

    run_import("content", legacy_dir)

    assert landed(POSTS, key)["platform"] == "linkedin"
    assert kept_cells(POSTS, key)["platform"] == "LinkedIn"


def test_the_weekly_figures_are_archived(legacy_dir: Path) -> None:
    assert counts(run_import("content", legacy_dir))["weekly_performance"] == {"read": 1, "archived": 1}
