"""What the ledger knows of the traffic of imported variants: assigned posts, and when impressions landed."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from legacy_import.models import ImportRun, LedgerRow
from revenue.ab_testing.judged import JudgedTest, load_judged_test, load_judged_tests
from revenue.models import ABTest
from revenue.statistics.sample_ratio import RatioOutcome, RatioUnit
from tests.factories import MOMENT
from tests.imports import run_import

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_NOW = MOMENT + timedelta(days=9)


def _judged(key: str) -> JudgedTest:
    owner = LedgerRow.objects.using("revenue").get(legacy_table="ab_tests", key=key)
    return load_judged_test(ABTest.objects.get(pk=owner.target_key or ""), now=_NOW)


def _write(legacy_dir: Path, sql: str, rows: list[tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(legacy_dir / "ab_testing.db")) as file, file:
        file.executemany(sql, rows)


def _assign(legacy_dir: Path, key: str, *posts: int) -> None:
    rows: list[tuple[object, ...]] = [
        (f"a{variant}-{post}-{copy}", key, f"{key}_variant_{variant}", f"post {variant} {post}")
        for variant, count in enumerate(posts, start=1)
        for post in range(count)
        for copy in range(2)
    ]
    columns = "(assignment_id, test_id, variant_id, post_id)"
    _write(legacy_dir, f"INSERT INTO test_assignments {columns} VALUES (?, ?, ?, ?)", rows)


def _show(legacy_dir: Path, key: str, *impressions: int) -> None:
    rows: list[tuple[object, ...]] = [
        (count, f"{key}_variant_{place}") for place, count in enumerate(impressions, start=1)
    ]
    _write(legacy_dir, "UPDATE test_variants SET impressions = ? WHERE variant_id = ?", rows)


@pytest.fixture
def key(legacy_dir: Path) -> str:
    """Return the legacy key of the demonstration's newest test of hooks, which is not completed."""
    with closing(sqlite3.connect(legacy_dir / "ab_testing.db")) as file:
        return str(file.execute("SELECT max(test_id) FROM ab_tests WHERE element_type = 'hook'").fetchone()[0])


def test_each_assigned_post_is_counted_once(legacy_dir: Path, key: str) -> None:
    _write(legacy_dir, "DELETE FROM test_assignments WHERE test_id = ?", [(key,)])
    _assign(legacy_dir, key, 9, 8, 7, 6)
    _show(legacy_dir, key, 9000, 400, 300, 1200)
    assert run_import("ab_testing", legacy_dir).error is None

    judged = _judged(key)

    ratio = judged.verdict.findings.ratio
    assert judged.posts == (9, 8, 7, 6)
    assert (ratio.unit, ratio.outcome) == (RatioUnit.POSTS, RatioOutcome.PASSES)


def test_unevenly_assigned_posts_are_a_mismatch_whatever_the_impressions(legacy_dir: Path, key: str) -> None:
    _assign(legacy_dir, key, 30, 5, 5, 5)
    _show(legacy_dir, key, 1000, 1000, 1000, 1000)
    assert run_import("ab_testing", legacy_dir).error is None

    told = _judged(key).outcome

    assert told.headline == "Fix the traffic"
    assert " posts where " in told.reason


def test_a_single_known_post_does_not_stand_for_the_impressions_of_others(legacy_dir: Path, key: str) -> None:
    _show(legacy_dir, key, 4272, 4324, 4317, 4290)
    assert run_import("ab_testing", legacy_dir).error is None

    ratio = _judged(key).verdict.findings.ratio

    assert ratio.unit is RatioUnit.IMPRESSIONS
    assert ratio.p == pytest.approx(0.94, abs=0.005)


def test_impressions_that_an_import_inserted_count_from_that_import(legacy_dir: Path) -> None:
    assert run_import("ab_testing", legacy_dir).error is None
    keys = LedgerRow.objects.using("revenue").filter(legacy_table="ab_tests", key__startswith="cta")
    second = sorted(keys.values_list("key", flat=True))[1]
    ImportRun.objects.using("revenue").update(started_at=MOMENT - timedelta(days=1))
    test = _judged(second).test
    ABTest.objects.filter(pk=test.pk).update(start_date=MOMENT - timedelta(days=30), minimum_sample_size=1_000_000)

    told = _judged(second).outcome

    assert told.headline == "Stalled (no impressions for 10 days)"
    assert told.reason == "The last impressions came with the import of 18 Aug 2025, or before it."


def test_all_tests_are_judged_in_a_fixed_number_of_queries(legacy_dir: Path) -> None:
    assert run_import("ab_testing", legacy_dir).error is None
    counted = []
    for tests in (ABTest.objects.all()[:2], ABTest.objects.all()):
        rows = list(tests)
        with CaptureQueriesContext(connections["revenue"]) as captured:
            assert all(judged.outcome.headline for judged in load_judged_tests(rows, now=_NOW))
        counted.append(len(captured))

    assert counted[-1] <= 6


def test_the_nine_real_tests_are_no_mismatch(real_legacy_dir: Path) -> None:
    assert run_import("ab_testing", real_legacy_dir).error is None
    tests = load_judged_tests(ABTest.objects.all(), now=_NOW)

    assert len(tests) == 9
    for counts in ((0, 0, 0, 0), (4272, 4324, 4317, 4290)):
        for judged in tests:
            for variant, count in zip(judged.variants, counts, strict=True):
                variant.impressions = count
                variant.save(update_fields=["impressions"])
        again = load_judged_tests(ABTest.objects.all(), now=_NOW)
        assert {judged.verdict.findings.ratio.outcome for judged in again} == {
            RatioOutcome.PASSES if any(counts) else RatioOutcome.TOO_FEW
        }
        assert not any(judged.outcome.kind.is_traffic_fault for judged in again)
