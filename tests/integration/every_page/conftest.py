"""A site with a row behind every page: the demonstration's files with dirt in them, imported, and rows made here."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from legacy_import.models import Divergence, LedgerRow
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.schedules import ensure_schedules
from tests import factories
from tests.imports import execute, run_import

HOSTILE = "<script>alert('x')</script>\u202e=cmd|' /C calc'!A0"

_FACTORIES: tuple[Callable[..., Model], ...] = (
    factories.make_post,
    factories.make_inquiry,
    factories.make_pipeline_month,
    factories.make_content_analysis,
    factories.make_content_pattern,
    factories.make_prediction,
    factories.make_touchpoint,
    factories.make_opportunity,
    factories.make_ab_test,
    factories.make_variant,
    factories.make_recommendation,
    factories.make_content_piece,
    factories.make_adaptation,
    factories.make_validation,
    factories.make_job_run,
    partial(factories.make_message, went_well=True),
    partial(factories.make_message, went_well=False),
    factories.make_waiting_message,
)


@pytest.fixture
def furnished(tmp_path: Path, db: None) -> Path:
    """Fill all three databases, and return the folder of the imported files."""
    folder = tmp_path / "demo"
    call_command("demo_legacy", str(folder), dirty=0.3, seed=7, verbosity=0)
    for source in SOURCES:
        assert run_import(source.name, folder).error is None
        execute(source.database, "DISCARD TEMP")
    for alias in ALIASES:
        # A test's transaction goes on, and with it the mark of the last import, whose additions are not logged.
        execute(alias, "SELECT set_config('synapse.import_run', '', true)")
    for make in _FACTORIES:
        make()
    ensure_schedules(timezone.now())
    for alias in ALIASES:
        if not Divergence.objects.using(alias).exists():
            _diverge(alias)
        _quarantine(alias)
    return folder


@pytest.fixture
def quiet_refusals() -> Iterator[None]:
    """Keep thousands of refusals out of the log of a failure."""
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


def _quarantine(alias: str) -> None:
    """Let a row like the first one that landed wait in quarantine."""
    ledger = LedgerRow.objects.using(alias).filter(target_key__isnull=False).order_by("id")[0]
    told = {"reasons": [{"column": "created_at", "expected": "a date", "found": "soon"}], "cells": {}}
    row = {"source": ledger.source, "legacy_table": ledger.legacy_table, "key": "quarantined", "run_id": ledger.run_id}
    LedgerRow.objects.using(alias).create(pk=uuid4(), state=LedgerRow.State.QUARANTINED, **row, **told)


def _diverge(alias: str) -> None:
    """Let a source disagree with the first row the ledger of this database tells of."""
    ledger = LedgerRow.objects.using(alias).filter(target_key__isnull=False).order_by("id")[0]
    table = source_named(ledger.source).find_table(ledger.legacy_table)
    assert table is not None
    assert ledger.target_key is not None
    Divergence.objects.using(alias).create(
        pk=uuid4(),
        kind=Divergence.Kind.SOURCE,
        ledger=ledger,
        source=ledger.source,
        legacy_table=ledger.legacy_table,
        key=ledger.key,
        target_table=target_table_of(table.model).name,
        target_key=ledger.target_key,
        column="created_at",
        kept="2025-08-19",
        other="2025-08-20",
    )
