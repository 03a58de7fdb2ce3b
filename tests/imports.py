"""Running imports in tests, and looking at what they left."""

from pathlib import Path
from typing import Any

from django.db import connections

from legacy_import.pipeline.report import SourceReport
from legacy_import.services import ImportRequest, import_source
from legacy_import.sources import source_named

RUN_COLUMNS = {"run_id", "detected_at", "change_mark", "change_snapshot", "brought"}
"""Which run wrote a row and when, and whether that run inserted its target: in another order it is another run."""
TIMES_OF_THE_IMPORT = {"posts": {"created_at"}, "consultation_inquiries": {"updated_at"}}
"""Columns that no source fills: they hold the time of the first import."""


def run_import(name: str, legacy_dir: Path, *, dry_run: bool = False) -> SourceReport:
    """Import one source as the test suite."""
    return import_source(source_named(name), ImportRequest(legacy_dir, requested_by="a test", dry_run=dry_run))


def counts(report: SourceReport) -> dict[str, dict[str, int]]:
    """Return the figures above zero of each legacy table that had rows."""
    assert report.error is None, report.error
    tables = report.as_json()["tables"]
    return {name: {k: v for k, v in figures.items() if v} for name, figures in tables.items() if figures["read"]}


def rows(alias: str, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Return what a query gives."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def execute(alias: str, sql: str, parameters: list[Any] | None = None) -> None:
    """Run a statement, as a person with a SQL prompt would."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)


def versions(alias: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the place and the writing transaction of every row the import keeps: equal means nothing was rewritten."""
    tables = (*business_tables(alias), "ledger", "legacy_file", "divergence")
    return {table: rows(alias, f'SELECT ctid::text, xmin::text FROM "{table}" ORDER BY ctid') for table in tables}


def state(alias: str) -> dict[str, list[str]]:
    """Return all that the import keeps as sorted JSON, less run ids and the times of imports."""
    kept = {}
    for table in (*business_tables(alias), "ledger", "legacy_file", "divergence"):
        left_out = sorted(RUN_COLUMNS | TIMES_OF_THE_IMPORT.get(table, set()))
        found = rows(alias, f'SELECT (to_jsonb(t) - %s::text[])::text FROM "{table}" AS t', [left_out])
        kept[table] = sorted(text for (text,) in found)
    return kept


def business_tables(alias: str) -> tuple[str, ...]:
    """Return the database's business tables."""
    return {
        "default": ("posts", "consultation_inquiries", "business_pipeline"),
        "analytics": (
            "content_analysis",
            "content_patterns",
            "performance_predictions",
            "attribution_tracking",
        ),
        "revenue": (
            "revenue_opportunities",
            "ab_tests",
            "test_variants",
            "content_recommendations",
            "content_pieces",
            "platform_adaptations",
        ),
    }[alias]
