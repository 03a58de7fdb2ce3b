"""The materialized views are fresh after whatever the import's verbs write: import, sync, desk, undo."""

from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import import services
from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import ImportRequest, RowFix, sync_sources
from legacy_import.sources import source_named
from revenue.models import RevenuePipelineSummary
from synapse.foundation import materialized_views
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import view_age
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.integration.synapse.foundation.held_views import held_view
from tests.legacy_files import change

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)
VIEW = "revenue_pipeline_summary"
SOURCE = source_named("revenue")


@pytest.fixture
def imported(legacy_dir: Path, settings: Settings) -> Path:
    settings.LEGACY_DIR = legacy_dir
    assert run_import("revenue", legacy_dir).error is None
    assert_fresh(opportunities=2)
    return legacy_dir


def assert_fresh(*, opportunities: int) -> None:
    assert not view_age(VIEW, alias="revenue").is_behind
    assert sum(row.total_opportunities for row in RevenuePipelineSummary.objects.all()) == opportunities


def spoil(legacy_dir: Path) -> LedgerRow:
    """Let one opportunity's row be quarantined, which takes it back from the table, and return it."""
    change(
        legacy_dir / SOURCE.path,
        "UPDATE revenue_opportunities SET confidence_score = 'no number' WHERE rowid ="
        " (SELECT min(rowid) FROM revenue_opportunities)",
    )
    undo_latest("revenue")
    assert run_import("revenue", legacy_dir).status == "quarantined"
    return LedgerRow.objects.using("revenue").get(state="quarantined")


def test_after_a_sync(imported: Path) -> None:
    change(imported / SOURCE.path, "UPDATE revenue_opportunities SET status = 'lost'")

    sync_sources([SOURCE], ImportRequest(imported, requested_by="a test"))

    assert_fresh(opportunities=0)


def test_after_an_undo(imported: Path) -> None:
    undo_latest("revenue")

    assert_fresh(opportunities=0)


def test_after_a_fix_and_after_it_was_withdrawn(imported: Path) -> None:
    row = spoil(imported)
    assert_fresh(opportunities=1)

    fix = RowFix(row.pk, {"confidence_score": "0.5"})
    assert services.fix_quarantined_rows("revenue", [fix], reason="a typo", author="ada").settled == (row.pk,)
    assert_fresh(opportunities=2)

    services.withdraw_settlements("revenue", [Settlement.objects.using("revenue").get().pk], author="ada")
    assert_fresh(opportunities=1)


def test_an_import_lands_while_somebody_holds_a_view(legacy_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialized_views, "_PATIENCE_SECONDS", 0.05)

    with held_view("revenue", VIEW):
        assert run_import("revenue", legacy_dir).error is None
        assert view_age(VIEW, alias="revenue").is_behind


def test_an_import_fills_a_view_without_data(legacy_dir: Path) -> None:
    execute("revenue", f"REFRESH MATERIALIZED VIEW {VIEW} WITH NO DATA")

    assert run_import("revenue", legacy_dir).error is None

    assert rows("revenue", "SELECT ispopulated FROM pg_matviews") == [(True,)]
    assert RevenuePipelineSummary.objects.count() > 0
