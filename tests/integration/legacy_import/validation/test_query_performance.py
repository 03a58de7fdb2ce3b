"""Named queries against their targets: p95 of repeated runs, the plan of any that misses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import Func, TextField, Value

from business_core.models import ConsultationInquiry, Post
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.queries import QUERIES, NamedQuery
from legacy_import.validation.query_performance import Timing, check_query_performance, time_query
from tests.factories import make_post

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


class Sleep(Func):
    function = "pg_sleep"
    output_field = TextField()


def slow_query(seconds: float) -> NamedQuery:
    return NamedQuery("posts, sleepily", 50.0, lambda: Post.objects.annotate(slept=Sleep(Value(seconds))))


def test_every_database_has_its_queries_and_the_specifications_targets() -> None:
    targets = {alias: {query.target_milliseconds for query in queries} for alias, queries in QUERIES.items()}
    names = [query.name for queries in QUERIES.values() for query in queries]

    assert targets == {"default": {50.0}, "analytics": {100.0}, "revenue": {100.0}}
    assert len(names) == len(set(names)) == 23


def test_all_named_queries_run_on_empty_tables() -> None:
    found = MigrationValidator(Path("nowhere")).validate_query_performance()

    assert [(check.database, len(check.lines)) for check in found] == [("default", 8), ("analytics", 8), ("revenue", 7)]
    assert all(line["runs"] == 20 for check in found for line in check.lines)


def test_a_slow_query_fails_by_name_with_its_plan() -> None:
    make_post()
    quick = NamedQuery("quick", 50.0, ConsultationInquiry.objects.all)

    check = check_query_performance("default", [quick, slow_query(0.06)], budget_seconds=1)

    assert not check.passed
    told = re.fullmatch(r"too slow: posts, sleepily: ([\d.]+) ms of 50 ms \(p95\)", check.detail)
    assert told is not None
    assert float(told[1]) >= 60
    assert "plan" not in check.lines[0]
    assert "Seq Scan on posts" in check.lines[1]["plan"]
    assert "Buffers" in check.lines[1]["plan"]
    assert check.lines[1]["runs"] < 20


def test_the_percentile_is_the_nineteenth_of_twenty() -> None:
    one_slow = timed([0.001] * 19 + [9.0])
    two_slow = timed(([0.001] * 18 + [9.0] * 2) * 2)

    assert one_slow.p95_milliseconds == pytest.approx(1)
    assert two_slow.p95_milliseconds == pytest.approx(9000)


def test_a_hiccup_is_measured_again() -> None:
    timing = timed([0.2] * 20 + [0.01] * 20)

    assert timing.met_target
    assert timing.plan == ""


def timed(durations: list[float]) -> Timing:
    """Time a query by a clock that shows these durations, all within the budget."""
    readings = _readings(durations)
    query = NamedQuery("quick", 50.0, ConsultationInquiry.objects.all)
    return time_query(query, budget_seconds=1e9, clock=lambda: next(readings))


def _readings(durations: list[float]) -> Iterator[float]:
    """Yield what a round asks for: its beginning, and for each run whether there is time, its beginning and its end."""
    now = 0.0
    for position, duration in enumerate(durations):
        if position % 20 == 0:
            yield now
        if position % 20 >= 5:
            yield now
        yield now
        now += duration
        yield now
