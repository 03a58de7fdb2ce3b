"""Months of the legacy files: left alone unless asked for, and taken over where the file brings one later."""

import shutil
from pathlib import Path

import pytest

from business_core.models import BusinessPipeline
from legacy_import.sources import sources_of_database
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry
from tests.imports import counts, rows, run_import
from tests.integration.business_core.services.month_rows import AUGUST, JULY, edit, figures_of, newest_change, summed
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.legacy_files import PRIMARY, change, only

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "analytics", "revenue"])

_MONTH = "INSERT INTO business_pipeline (pipeline_id, month, total_inquiries, contracts_won) VALUES (?, ?, ?, ?)"

# Told apart from the service on purpose: plain SQL, the zone by name, each column by itself.
_BY_HAND = """
    WITH p AS (
        SELECT to_char(posted_at AT TIME ZONE 'Europe/Bucharest', 'YYYY-MM') AS month, * FROM posts
    ), i AS (
        SELECT to_char(created_at AT TIME ZONE 'Europe/Bucharest', 'YYYY-MM') AS month, * FROM consultation_inquiries
    )
    SELECT month,
           (SELECT count(*) FROM p WHERE p.month = m.month),
           (SELECT coalesce(sum(impressions), 0) FROM p WHERE p.month = m.month),
           (SELECT coalesce(sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)),
                            0) FROM p WHERE p.month = m.month),
           (SELECT count(*) FROM i WHERE i.month = m.month),
           (SELECT count(*) FROM i WHERE i.month = m.month AND status = 'discovery_scheduled'),
           (SELECT count(*) FROM i WHERE i.month = m.month AND status = 'proposal_sent'),
           (SELECT count(*) FROM i WHERE i.month = m.month AND status = 'closed_won'),
           (SELECT coalesce(sum(estimated_value), 0) FROM i WHERE i.month = m.month AND status = 'closed_won'),
           (SELECT coalesce(sum(estimated_value), 0) FROM i WHERE i.month = m.month),
           (SELECT coalesce(round(avg((status = 'closed_won')::int), 4), 0) FROM i WHERE i.month = m.month)
    FROM (SELECT month FROM p UNION SELECT month FROM i) AS m WHERE month IS NOT NULL ORDER BY month
"""
_STORED = """
    SELECT month, total_posts, total_impressions, total_engagement, total_inquiries, discovery_calls, proposals_sent,
           contracts_won, revenue_generated, pipeline_value, conversion_rate
    FROM business_pipeline ORDER BY month
"""


@pytest.fixture
def primary(real_legacy_dir: Path, tmp_path: Path) -> Path:
    """Return a folder with the primary file, which has a July of its own and no posts or inquiries in it."""
    folder = only(real_legacy_dir, PRIMARY, into=tmp_path / "primary")
    shutil.rmtree(real_legacy_dir)
    change(folder / PRIMARY, _MONTH, "a", "2025-07", 12, 3)
    return folder


def test_sums_of_the_real_files_are_those_of_sql(real_legacy_dir: Path) -> None:
    for source in sources_of_database("default"):
        run_import(source.name, real_legacy_dir)

    summed()

    stored = rows("default", _STORED)
    assert stored == rows("default", _BY_HAND)
    by_month = {month: (posts, inquiries, value) for month, posts, _, _, inquiries, *_, value, _ in stored}
    assert by_month["2025-01"] == (15, 0, 0)
    assert sum(inquiries for _, inquiries, _ in by_month.values()) == 18
    assert sum(value for *_, value in by_month.values()) == 610_000
    before = newest_change()
    assert summed().changed == []
    assert newest_change() == before


def test_changed_rows_of_the_real_files_still_come_to_what_sql_says(real_legacy_dir: Path) -> None:
    for source in sources_of_database("default"):
        run_import(source.name, real_legacy_dir)
    summed()
    statuses = ["closed_won", "proposal_sent", "discovery_scheduled", "closed_lost"]
    for number, (key,) in enumerate(rows("default", "SELECT inquiry_id FROM consultation_inquiries ORDER BY 1")):
        edit_inquiry = "UPDATE consultation_inquiries SET status = %s WHERE inquiry_id = %s RETURNING 1"
        rows("default", edit_inquiry, [statuses[number % 4], key])
    rows("default", "UPDATE posts SET impressions = 1000, likes = 7, saves = NULL RETURNING 1")

    summed()

    assert rows("default", _STORED) == rows("default", _BY_HAND)


def test_a_month_of_the_file_is_left_alone(primary: Path) -> None:
    run_import("primary", primary)
    make_inquiry(created_at=JULY)

    summing = summed()

    assert summing.from_legacy == ["2025-07"]
    assert figures_of("2025-07") == {"total_inquiries": 12, "contracts_won": 3}


def test_a_month_of_the_file_is_computed_where_it_is_asked_for(primary: Path) -> None:
    run_import("primary", primary)
    make_inquiry(created_at=JULY)
    edit("2025-07", total_posts=9)

    summing = summed(include_legacy=True)

    assert (summing.from_legacy, summing.edited) == ([], {"2025-07": ["total_posts"]})
    assert figures_of("2025-07") == {"total_inquiries": 1, "total_posts": 9}
    assert summed().changed == []


def test_a_month_of_the_file_without_rows_here_is_never_emptied(primary: Path) -> None:
    run_import("primary", primary)

    assert summed(include_legacy=True).from_legacy == ["2025-07"]
    assert figures_of("2025-07") == {"total_inquiries": 12, "contracts_won": 3}


def test_a_month_of_the_file_that_was_deleted_here_stays_deleted(primary: Path) -> None:
    run_import("primary", primary)
    make_inquiry(created_at=JULY)
    with attribute_changes_to("ann"):
        BusinessPipeline.objects.filter(month="2025-07").delete()

    for _ in range(2):
        assert summed().from_legacy == ["2025-07"]
        run_import("primary", primary)

    assert not BusinessPipeline.objects.filter(month="2025-07").exists()


def test_a_month_the_file_brings_later_takes_the_computed_one_over(primary: Path) -> None:
    run_import("primary", primary)
    summed()
    change(primary / PRIMARY, _MONTH, "b", "2025-08", 40, 5)

    assert counts(run_import("primary", primary))["business_pipeline"] == {"read": 2, "unchanged": 1, "updated": 1}

    make_inquiry(created_at=AUGUST)
    assert summed().from_legacy == ["2025-07", "2025-08"]
    assert figures_of("2025-08")["total_inquiries"] == 40


def test_an_undone_import_gives_the_computed_month_back_to_the_job(primary: Path) -> None:
    run_import("primary", primary)
    summed()
    value = figures_of("2025-08")["pipeline_value"]
    change(primary / PRIMARY, _MONTH, "b", "2025-08", 40, 5)
    run_import("primary", primary)

    undo_latest("primary")

    assert figures_of("2025-08") == {"total_inquiries": 15, "pipeline_value": value}
    make_inquiry(created_at=AUGUST)
    assert summed().changed == ["2025-08"]
    assert figures_of("2025-08")["total_inquiries"] == 16
