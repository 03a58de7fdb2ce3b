"""The default files: the specification's figures and the real files' habits."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from legacy_import.demo import DemoSummary, write_demo_legacy
from legacy_import.demo.files import FILES, LegacyFile
from tests.integration.legacy_import.demo.conftest import TODAY

BUCHAREST = ZoneInfo("Europe/Bucharest")

FIGURES = {
    "primary": {"linkedin_posts": 7, "consultation_inquiries": 15, "business_pipeline": 0},
    "duplicate": {"linkedin_posts": 7, "consultation_inquiries": 1, "business_pipeline": 0},
    "week3": {"week3_posts": 7, "consultation_inquiries": 2},
    "content": {"posts": 1, "weekly_performance": 1, "business_pipeline": 0},
    "attribution": {
        "attribution_tracking": 16,
        "conversion_paths": 1,
        "cross_platform_performance": 0,
        "platform_interactions": 0,
    },
    "revenue": {
        "revenue_opportunities": 2,
        "product_performance": 0,
        "enhanced_attribution": 0,
        "lead_scoring_factors": 0,
    },
    "ab_testing": {"ab_tests": 9, "test_variants": 36, "test_assignments": 3},
    "recommendations": {"content_insights": 0, "audience_intelligence": 0, "content_recommendations": 6},
    "content_management": {
        "content_pieces": 2,
        "platform_adaptations": 6,
        "cross_platform_metrics": 0,
        "content_strategies": 1,
    },
    "twitter": {"twitter_posts": 0, "twitter_threads": 0},
} | {
    source: {
        "content_patterns": patterns,
        "performance_predictions": 0,
        "content_analysis": 0,
        "performance_metrics_agg": 0,
    }
    for source, patterns in (("performance", 5), ("performance_optimized", 0), ("performance_cross_platform", 0))
}


def path_of(demo: DemoSummary, source: str) -> Path:
    return demo.directory / next(file.path for file in FILES if file.source == source)


def query(demo: DemoSummary, source: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path_of(demo, source)}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def test_summary_has_the_specifications_figures(demo: DemoSummary) -> None:
    assert demo.rows == FIGURES
    assert demo.total_rows == 128


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.source)
def test_file_holds_what_the_summary_says(demo: DemoSummary, file: LegacyFile) -> None:
    counts = {
        table: query(demo, file.source, f'SELECT count(*) FROM "{table}"')[0][0] for table in demo.rows[file.source]
    }

    assert counts == FIGURES[file.source]


def test_folder_holds_thirteen_files_and_nothing_beside_them(demo: DemoSummary) -> None:
    found = {str(path.relative_to(demo.directory)) for path in demo.directory.rglob("*") if path.is_file()}

    assert found == {file.path for file in FILES}
    assert len(found) == 13


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.source)
def test_file_is_sound_and_in_its_journal_mode(demo: DemoSummary, file: LegacyFile) -> None:
    header = path_of(demo, file.source).read_bytes()[18:20]

    assert header == (b"\x02\x02" if file.wal else b"\x01\x01")
    assert query(demo, file.source, "PRAGMA integrity_check") == [("ok",)]
    assert query(demo, file.source, "PRAGMA foreign_key_check") == []


def test_wal_mode_is_of_the_three_performance_files() -> None:
    assert {file.source for file in FILES if file.wal} == {
        "performance",
        "performance_optimized",
        "performance_cross_platform",
    }


@pytest.mark.parametrize(
    ("source", "sql", "total"),
    [
        ("primary", "SELECT sum(estimated_value) FROM consultation_inquiries", 555_000),
        ("duplicate", "SELECT sum(estimated_value) FROM consultation_inquiries", 25_000),
        ("week3", "SELECT sum(estimated_value) FROM consultation_inquiries", 30_000.0),
        ("revenue", "SELECT sum(revenue_potential) FROM revenue_opportunities", 93_500.0),
        (
            "performance",
            "SELECT count(*) FROM content_patterns WHERE round(confidence_score, 4) >= 0.85 AND sample_size >= 10",
            2,
        ),
    ],
)
def test_file_comes_to_the_specifications_sum(demo: DemoSummary, source: str, sql: str, total: float) -> None:
    assert query(demo, source, sql) == [(total,)]


def test_duplicate_repeats_the_posts_but_for_two_columns(demo: DemoSummary) -> None:
    names = [name for (name,) in query(demo, "primary", "SELECT name FROM pragma_table_info('linkedin_posts')")]
    primary, duplicate = (
        query(demo, source, "SELECT * FROM linkedin_posts ORDER BY rowid") for source in ("primary", "duplicate")
    )
    pairs = [zip(names, ours, theirs, strict=True) for ours, theirs in zip(primary, duplicate, strict=True)]

    assert {name for pair in pairs for name, ours, theirs in pair if ours != theirs} == {
        "consultation_requests",
        "updated_at",
    }
    assert all(theirs[-1] > ours[-1] for ours, theirs in zip(primary, duplicate, strict=True))


def test_duplicates_inquiry_is_not_in_the_primary(demo: DemoSummary) -> None:
    keys, theirs = (
        set(query(demo, source, "SELECT inquiry_id FROM consultation_inquiries")) for source in ("primary", "duplicate")
    )

    assert not keys & theirs


def test_primarys_inquiries_are_four_people_on_four_days(demo: DemoSummary) -> None:
    people = query(demo, "primary", "SELECT DISTINCT contact_name, inquiry_text FROM consultation_inquiries")
    days = query(demo, "primary", "SELECT DISTINCT substr(created_at, 1, 10) FROM consultation_inquiries")

    assert (len(people), len(days)) == (4, 4)


def test_newest_inquiry_is_of_the_last_days_and_none_of_the_future(demo: DemoSummary) -> None:
    ((newest,),) = query(demo, "primary", "SELECT max(created_at) FROM consultation_inquiries")

    assert timedelta(0) < TODAY - date.fromisoformat(newest[:10]) <= timedelta(days=3)
    assert query(demo, "primary", f"SELECT 1 FROM consultation_inquiries WHERE last_contact > '{TODAY}'") == []


def test_inquiries_are_in_several_states(demo: DemoSummary) -> None:
    states = {status for (status,) in query(demo, "primary", "SELECT status FROM consultation_inquiries")}

    assert states >= {"new", "contacted", "qualified", "proposal_sent", "closed_won", "closed_lost"}


def test_empty_text_stands_for_null_where_the_legacy_code_writes_it(demo: DemoSummary) -> None:
    kinds = "SELECT DISTINCT typeof(last_contact), typeof(notes) FROM consultation_inquiries"
    empty = "SELECT count(*) FROM consultation_inquiries WHERE last_contact = '' AND notes = '' AND status = 'new'"

    assert query(demo, "primary", kinds) == [("text", "text")]
    assert query(demo, "primary", empty)[0][0] > 0


def test_rowids_start_where_the_legacy_code_left_them(demo: DemoSummary) -> None:
    assert query(demo, "primary", "SELECT min(rowid), max(rowid) FROM linkedin_posts") == [(15, 21)]
    assert query(demo, "week3", "SELECT min(rowid), max(rowid) FROM week3_posts") == [(8, 14)]
    assert query(demo, "attribution", "SELECT rowid FROM conversion_paths") == [(8,)]


def test_tests_start_when_they_were_created_in_the_other_clock(demo: DemoSummary) -> None:
    for start, created in query(demo, "ab_testing", "SELECT start_date, created_at FROM ab_tests"):
        started = datetime.fromisoformat(start).replace(tzinfo=BUCHAREST, microsecond=0)
        assert started == datetime.fromisoformat(created).replace(tzinfo=UTC)


def test_planned_dates_have_no_fraction_and_written_ones_have(demo: DemoSummary) -> None:
    assert all(
        len(at) == 19 and at[10] == "T" for (at,) in query(demo, "primary", "SELECT posted_at FROM linkedin_posts")
    )
    written = query(demo, "primary", "SELECT created_at FROM consultation_inquiries")
    assert all(len(at) == 26 and at[10] == "T" for (at,) in written)


def test_floats_carry_noise(demo: DemoSummary) -> None:
    scores = query(demo, "performance", "SELECT confidence_score FROM content_patterns ORDER BY rowid")

    assert scores == [(0.7,), (0.75,), (0.7999999999999999,), (0.85,), (0.8999999999999999,)]


def test_rates_of_variants_are_what_integer_division_leaves(demo: DemoSummary) -> None:
    assert query(demo, "ab_testing", "SELECT DISTINCT consultation_conversion FROM test_variants") == [(0.0,)]
    assert query(demo, "ab_testing", "SELECT max(consultation_requests) > 0 FROM test_variants") == [(1,)]


def test_winning_variant_is_the_key_of_a_winner(demo: DemoSummary) -> None:
    winners = "SELECT winning_variant FROM ab_tests WHERE winning_variant IS NOT NULL"
    marked = "SELECT variant_id FROM test_variants WHERE is_winner"

    assert query(demo, "ab_testing", winners) == query(demo, "ab_testing", marked) != []


@pytest.mark.parametrize(
    ("source", "table", "column"),
    [
        ("ab_testing", "test_variants", "content"),
        ("attribution", "attribution_tracking", "metadata"),
        ("attribution", "conversion_paths", "touchpoints"),
        ("attribution", "conversion_paths", "attribution_weights"),
        ("revenue", "revenue_opportunities", "engagement_history"),
        ("recommendations", "content_recommendations", "expected_performance"),
        ("content_management", "content_strategies", "timing_strategy"),
        ("week3", "consultation_inquiries", "inquiry_details"),
    ],
)
def test_json_columns_hold_json(demo: DemoSummary, source: str, table: str, column: str) -> None:
    cells = query(demo, source, f'SELECT "{column}" FROM "{table}"')

    assert [json.loads(cell) for (cell,) in cells]


def _digests(folder: Path) -> dict[str, str]:
    return {file.path: hashlib.sha256((folder / file.path).read_bytes()).hexdigest() for file in FILES}


def test_same_seed_gives_the_same_bytes(demo: DemoSummary, tmp_path: Path) -> None:
    again = write_demo_legacy(tmp_path / "again", rows=None, dirty=0, seed=1, today=TODAY)

    assert _digests(again.directory) == _digests(demo.directory)


def test_another_seed_or_day_gives_other_contents(demo: DemoSummary, tmp_path: Path) -> None:
    other = write_demo_legacy(tmp_path / "seed", rows=None, dirty=0, seed=2, today=TODAY)
    later = write_demo_legacy(tmp_path / "day", rows=None, dirty=0, seed=1, today=TODAY + timedelta(days=1))

    assert _digests(other.directory)[FILES[0].path] != _digests(demo.directory)[FILES[0].path]
    assert _digests(later.directory)[FILES[0].path] != _digests(demo.directory)[FILES[0].path]
    assert query(other, "primary", "SELECT sum(estimated_value) FROM consultation_inquiries") == [(555_000,)]
