"""Validating one source alone: all that MigrationValidator asks of it, less what takes every file or the clock."""

from pathlib import Path

from legacy_import.mapping import Source
from legacy_import.pipeline.progress import Progress
from legacy_import.validation.check import Check
from legacy_import.validation.data_checks import check_cells, check_pipeline
from legacy_import.validation.legacy_files import LegacyFiles
from legacy_import.validation.pipeline_value import inquiry_tables
from legacy_import.validation.record_counts import check_record_counts


def failures(source: Source, folder: Path) -> list[str]:
    """Return what validation finds wrong with a source, empty where all agrees; that inquiries wait is no fault."""
    return [check.detail for check in _checks(source, folder) if not check.passed and not _only_waits(check)]


def _only_waits(check: Check) -> bool:
    lost = sum(int(check.figures.get(f"inquiries_{place}", 0)) for place in ("unmapped", "missing"))
    explained = all(difference.explanation != "unexplained" for difference in check.differences)
    differs = "that nobody signed" in check.detail or "not every inquiry can be reached" in check.detail
    return bool(check.figures.get("inquiries_waiting")) and not lost and explained and not differs


def _checks(source: Source, folder: Path) -> list[Check]:
    with LegacyFiles(folder) as files:
        with files.open_beside_database(source) as reading:
            checks = [check_record_counts(reading)]
        with files.open_beside_database(source) as reading:
            checks += check_cells(reading, Progress())
        if inquiry_tables(source):
            with files.open_beside_database(source) as reading:
                checks.append(check_pipeline(reading)[0])
    return checks
