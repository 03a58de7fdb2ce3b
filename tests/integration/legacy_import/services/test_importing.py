"""All 13 real files together: every row accounted for, the specification's figures, and the way back."""

import json
import shutil
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Sum
from django.db.models.functions import Abs, Extract

from analytics.models import AttributionTracking, ContentPattern, TopPerformingPattern
from business_core.models import ConsultationInquiry, Post
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import ImportRequest, export_sources, import_sources
from legacy_import.sources import SOURCES
from revenue.models import (
    ABTest,
    ABTestVariant,
    ContentPiece,
    ContentRecommendation,
    PlatformAdaptation,
    RevenueOpportunity,
    RevenuePipelineSummary,
)
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from tests.imports import rows, versions
from tests.legacy_files import contents, shape
from tests.reliability import Tally

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def import_all(legacy_dir: Path) -> list[SourceReport]:
    return import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))


def totals(reports: list[SourceReport]) -> dict[str, int]:
    """Return the figures above zero over all sources."""
    assert [report.error for report in reports if report.error] == []
    total: Counter[str] = Counter()
    for report in reports:
        for figures in report.as_json()["tables"].values():
            total.update(figures)
    return {name: figure for name, figure in total.items() if figure}


def called(*arguments: str, **options: Any) -> tuple[int, Any]:
    """Return a command's exit code and the object it printed."""
    output = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command(*arguments, stdout=output, json=True, **options)
    assert isinstance(end.value.code, int)
    return end.value.code, json.loads(output.getvalue())


def test_every_row_of_every_table_is_accounted_for(real_legacy_dir: Path) -> None:
    reports = import_all(real_legacy_dir)

    assert totals(reports) == {"read": 128, "inserted": 115, "merged": 7, "archived": 6}
    assert sum(len(report.tables) for report in reports) == 43
    ledger = Counter(state for alias in ALIASES for (state,) in rows(alias, "SELECT state FROM ledger"))
    assert ledger == {"live": 115, "merged": 7, "archived": 6}


def test_the_tables_hold_the_specified_figures(real_legacy_dir: Path) -> None:
    import_all(real_legacy_dir)

    assert ConsultationInquiry.objects.aggregate(n=Count("pk"), worth=Sum("estimated_value")) == {
        "n": 18,
        "worth": Decimal(610_000),
    }
    counts = {
        model.__name__: model._default_manager.count()
        for model in (
            Post,
            ContentPattern,
            AttributionTracking,
            ABTest,
            ABTestVariant,
            RevenueOpportunity,
            ContentRecommendation,
            ContentPiece,
            PlatformAdaptation,
        )
    }
    assert counts == {
        "Post": 15,
        "ContentPattern": 5,
        "AttributionTracking": 16,
        "ABTest": 9,
        "ABTestVariant": 36,
        "RevenueOpportunity": 2,
        "ContentRecommendation": 6,
        "ContentPiece": 2,
        "PlatformAdaptation": 6,
    }


def test_the_views_are_fresh_after_the_import(real_legacy_dir: Path) -> None:
    # Emptying the tables after a test leaves materialized views as they were.
    for alias in ALIASES:
        refresh_views(alias=alias)
    assert not TopPerformingPattern.objects.exists()

    import_all(real_legacy_dir)

    assert TopPerformingPattern.objects.count() == 2
    worth = RevenuePipelineSummary.objects.aggregate(worth=Sum("total_pipeline_value"))["worth"]
    assert worth == Decimal(93_500)


def test_every_test_started_when_its_row_was_written(real_legacy_dir: Path) -> None:
    """One clock was local and the other UTC: read wrongly, they are three hours apart."""
    import_all(real_legacy_dir)

    apart = ABTest.objects.annotate(seconds=Abs(Extract(F("start_date") - F("created_at"), "epoch")))
    assert apart.filter(seconds__lte=1).count() == 9


def test_every_variant_and_adaptation_found_its_parent(real_legacy_dir: Path) -> None:
    import_all(real_legacy_dir)

    assert not ABTestVariant.objects.filter(test=None).exists()
    assert not PlatformAdaptation.objects.filter(content=None).exists()
    assert set(ABTest.objects.annotate(n=Count("variants")).values_list("n", flat=True)) == {4}


def test_importing_again_finds_all_unchanged_and_rewrites_no_row(real_legacy_dir: Path) -> None:
    import_all(real_legacy_dir)
    before = {alias: versions(alias) for alias in ALIASES}

    again = import_all(real_legacy_dir)

    assert totals(again) == {"read": 128, "unchanged": 128}
    assert {alias: versions(alias) for alias in ALIASES} == before


def test_all_files_come_back_cell_by_cell_without_originals_and_backups(
    real_legacy_dir: Path, backup_dir: Path, tmp_path: Path, tally: Tally
) -> None:
    import_all(real_legacy_dir)
    # Opening a WAL file to look into it writes beside it, so the look is at a copy.
    shutil.copytree(real_legacy_dir, tmp_path / "aside")
    shutil.rmtree(real_legacy_dir)
    shutil.rmtree(backup_dir)

    rebuilt = list(export_sources(SOURCES, tmp_path / "out"))

    assert sum(sum(file.rows.values()) for file in rebuilt) == 128
    for source in SOURCES:
        assert contents(tmp_path / "out" / source.path) == contents(tmp_path / "aside" / source.path), source.name
        assert shape(tmp_path / "out" / source.path) == shape(tmp_path / "aside" / source.path), source.name
    tally("rows of the real files rebuilt cell by cell", 128)


def test_the_command_reports_what_was_done_as_one_object(real_legacy_dir: Path) -> None:
    code, report = called("import_legacy", all=True, legacy_dir=real_legacy_dir)

    assert (code, report["status"]) == (0, "completed")
    assert list(report["sources"]) == [source.name for source in SOURCES]
    assert report["sources"]["primary"]["tables"]["linkedin_posts"] == {
        "read": 7,
        "inserted": 7,
        "updated": 0,
        "unchanged": 0,
        "merged": 0,
        "archived": 0,
        "quarantined": 0,
    }


def test_the_migration_is_valid(real_legacy_dir: Path) -> None:
    import_all(real_legacy_dir)

    code, report = called("validate_migration", legacy_dir=real_legacy_dir)

    assert [check for check in report["checks"] if not check["passed"]] == []
    assert (code, report["passed"]) == (0, True)
    assert {check["name"].split(":")[0] for check in report["checks"]} >= {source.name for source in SOURCES}
