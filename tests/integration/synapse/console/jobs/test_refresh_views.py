"""Refreshing all views by the clock: each database a step, one that fails leaves the others be."""

from collections.abc import Iterator
from io import StringIO
from typing import Final

import pytest
from django.core.management import CommandError, call_command

from analytics.models import TopPerformingPattern
from revenue.models import RevenuePipelineSummary
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from synapse.kit.jobs.models import JobEffect, JobRun
from synapse.kit.jobs.performing import perform_tick
from tests.factories import make_content_pattern, make_opportunity
from tests.imports import execute, rows

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)
TICK = "2026-11-23T04:00:00+00:00"
BREAK: Final = "ALTER FUNCTION refresh_analytics_views() RENAME TO mislaid"
MEND: Final = "ALTER FUNCTION mislaid() RENAME TO refresh_analytics_views"


@pytest.fixture
def stale() -> Iterator[None]:
    """Make a row that each view lacks; empty the views before and afterwards, which a flush does not."""
    for alias in ALIASES:
        refresh_views(alias=alias)
    make_content_pattern(pattern_value="strong")
    make_opportunity(customer_segment="startups")
    yield
    for alias in ALIASES:
        call_command("flush", database=alias, verbosity=0, interactive=False, allow_cascade=False)
        refresh_views(alias=alias)


@pytest.fixture
def broken(stale: None) -> Iterator[None]:
    """Let no view of the analytics database be refreshed."""
    execute("analytics", BREAK)
    yield
    if rows("analytics", "SELECT FROM pg_proc WHERE proname = 'mislaid'"):
        execute("analytics", MEND)


def views() -> tuple[int, int]:
    return TopPerformingPattern.objects.count(), RevenuePipelineSummary.objects.count()


def the_run() -> JobRun:
    return JobRun.objects.get(job="refresh-views")


def test_all_views_are_fresh_and_a_doubled_tick_changes_nothing(stale: None) -> None:
    assert views() == (0, 0)

    perform_tick("refresh-views", TICK)
    fresh_since = ages()
    perform_tick("refresh-views", TICK)

    assert views() == (1, 1)
    assert ages() == fresh_since
    assert the_run().result == {
        "summary": "Refreshed top_performing_patterns, revenue_pipeline_summary.",
        "refreshed": {
            "synapse_business_core": [],
            "synapse_analytics_intelligence": ["top_performing_patterns"],
            "synapse_revenue_intelligence": ["revenue_pipeline_summary"],
        },
    }


def test_one_database_that_fails_leaves_the_others_fresh_and_is_taken_up_again(broken: None) -> None:
    assert "synapse_analytics_intelligence could not be refreshed: " in perform_tick("refresh-views", TICK)

    assert views() == (0, 1)
    assert [JobEffect.objects.using(alias).count() for alias in ALIASES] == [1, 0, 1]
    assert the_run().state == JobRun.State.RETRYING

    execute("analytics", MEND)
    JobRun.objects.update(due_at=None)
    revenue_since = ages()["revenue"]
    perform_tick("refresh-views", TICK)

    assert views() == (1, 1)
    assert ages()["revenue"] == revenue_since
    assert the_run().result == {
        "summary": "Refreshed top_performing_patterns.",
        "refreshed": {"synapse_analytics_intelligence": ["top_performing_patterns"]},
    }


def test_the_command_goes_on_with_the_others_too(broken: None) -> None:
    with pytest.raises(CommandError, match=r"^synapse_analytics_intelligence could not be refreshed: "):
        call_command("refresh_views", stdout=StringIO())

    assert views() == (0, 1)


def ages() -> dict[str, list[tuple[object, ...]]]:
    return {
        alias: rows(alias, "SELECT refreshed_at FROM materialized_view_ages()") for alias in ("analytics", "revenue")
    }


def test_an_error_nobody_foresaw_leaves_the_other_databases_fresh(stale: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def _fail_for_analytics(*, alias: str) -> list[str]:
        if alias == "analytics":
            raise KeyError("week_theme")
        return refresh_views(alias=alias)

    monkeypatch.setattr("synapse.console.jobs.refresh_views.refresh_views", _fail_for_analytics)

    perform_tick("refresh-views", TICK)

    assert views() == (0, 1)
    assert "synapse_analytics_intelligence could not be refreshed: unforeseen error " in the_run().error
