"""Refreshing views from a transaction that holds tables: it never waits for somebody who holds a view."""

import logging
import time

import pytest
from django.db import transaction

from revenue.models import RevenueOpportunity, RevenuePipelineSummary
from synapse.foundation import materialized_views
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views_without_waiting
from tests.factories import make_opportunity
from tests.imports import execute, rows
from tests.integration.synapse.foundation.held_views import held_view

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

VIEW = "revenue_pipeline_summary"


def tables_locked() -> list[tuple[str]]:
    """Return the tables that this session keeps others from writing."""
    return rows(
        "revenue",
        "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'ShareRowExclusiveLock'",
    )


def test_a_held_view_is_waited_for_after_the_commit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(materialized_views, "_PATIENCE_SECONDS", 0.05)
    caplog.set_level(logging.WARNING)
    waited_with: list[list[tuple[str]]] = []
    refresh_later = materialized_views._refresh_after_commit

    def note_locks(alias: str) -> None:
        waited_with.append(tables_locked())
        refresh_later(alias)

    monkeypatch.setattr(materialized_views, "_refresh_after_commit", note_locks)

    with held_view("revenue", VIEW), transaction.atomic(using="revenue"):
        execute("revenue", "LOCK TABLE revenue_opportunities IN SHARE ROW EXCLUSIVE MODE")
        make_opportunity(customer_segment="startups")
        began = time.monotonic()
        refresh_views_without_waiting(alias="revenue")
        assert time.monotonic() - began < 5
        assert tables_locked() == [("revenue_opportunities",)]

    assert waited_with == [[]]
    assert "The views of revenue stay as they are until the next refresh" in caplog.text
    assert RevenueOpportunity.objects.count() == 1


def test_a_view_that_is_free_again_after_the_commit_is_fresh() -> None:
    with transaction.atomic(using="revenue"):
        make_opportunity(customer_segment="startups")
        refresh_views_without_waiting(alias="revenue")
        assert RevenuePipelineSummary.objects.count() == 1
        assert rows("revenue", "SHOW lock_timeout") == [("0",)]
