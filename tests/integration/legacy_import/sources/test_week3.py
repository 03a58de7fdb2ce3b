"""The week-three file, column by column."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.imports import run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, kept_cells, landed, same
from tests.integration.legacy_import.sources.readings import (
    DAY_AND_CLOCK,
    EMPTY_AS_NULL,
    INTEGER,
    MONEY,
    RATIO,
    TEXT,
    UTC_TIME,
    pointing_to,
)

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

POSTS = MappedTable(
    "week3",
    "week3_posts",
    "business_core.Post",
    key="post_id",
    columns={
        "post_id": ("external_post_id", TEXT),
        ("date", "posting_time"): ("posted_at", DAY_AND_CLOCK),
        "day": ("day_of_week", TEXT),
        "title": ("content", TEXT),
        "series": ("week_theme", TEXT),
        "business_dev_focus": ("business_objective", TEXT),
        **same(TEXT, "target_consultation_type"),
        **same(INTEGER, "views", "likes", "comments", "shares", "saves", "profile_views", "connection_requests"),
        "engagement_rate": ("actual_engagement_rate", RATIO),
        "consultation_inquiries": ("consultation_requests", INTEGER),
        **same(UTC_TIME, "created_at"),
    },
    constants={"platform": "linkedin", "data_source": "week3"},
)
INQUIRIES = MappedTable(
    "week3",
    "consultation_inquiries",
    "business_core.ConsultationInquiry",
    key="inquiry_id",
    columns={
        "inquiry_id": ("external_inquiry_id", TEXT),
        **same(pointing_to("posts"), "source_post_id"),
        "company_name": ("company", TEXT),
        **same(TEXT, "inquiry_type", "contact_name", "company_size", "inquiry_details", "status"),
        **same(MONEY, "estimated_value"),
        **same(EMPTY_AS_NULL, "notes"),
        **same(UTC_TIME, "created_at"),
    },
    constants={"inquiry_channel": "Unknown", "data_source": "week3"},
    kept=("inquiry_date",),
)


@pytest.mark.parametrize("mapped", [POSTS, INQUIRIES], ids=str)
def test_every_column_lands_in_its_place(lands_whole: Checks, mapped: MappedTable) -> None:
    lands_whole(mapped)


def test_an_inquiry_points_to_its_post(lands_whole: Checks) -> None:
    lands_whole(INQUIRIES, parent=POSTS)


@pytest.mark.parametrize(("mapped", "rows"), [(POSTS, 7), (INQUIRIES, 2)], ids=str)
def test_real_rows_land(real_rows_land: Checks, mapped: MappedTable, rows: int) -> None:
    real_rows_land(mapped, rows=rows)


@pytest.mark.parametrize(
    ("date", "clock", "moment"),
    [
        ("2025-01-20", "7:00 AM", datetime(2025, 1, 20, 5, 0, tzinfo=UTC)),
        ("2025-07-20", "12:30 PM", datetime(2025, 7, 20, 9, 30, tzinfo=UTC)),
        ("2025-07-20", "12:00 AM", datetime(2025, 7, 19, 21, 0, tzinfo=UTC)),
    ],
)
def test_date_and_clock_are_one_local_moment(legacy_dir: Path, date: str, clock: str, moment: datetime) -> None:
    key = POSTS.insert(legacy_dir, date=date, posting_time=clock)[POSTS.key]

    run_import("week3", legacy_dir)

    assert landed(POSTS, key)["posted_at"] == moment
    assert kept_cells(POSTS, key) == {}


def test_a_clock_of_another_spelling_comes_back(legacy_dir: Path) -> None:
    key = POSTS.insert(legacy_dir, date="2025-07-20", posting_time="07:00 pm")[POSTS.key]

    run_import("week3", legacy_dir)

    assert landed(POSTS, key)["posted_at"] == datetime(2025, 7, 20, 16, 0, tzinfo=UTC)
    assert kept_cells(POSTS, key) == {"posting_time": "07:00 pm"}
