"""One imported source at a time, and its checks."""

from dataclasses import replace
from pathlib import Path

import pytest

from legacy_import.sources import source_named
from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator
from legacy_import.validation.queries import QUERIES
from tests.imports import run_import
from tests.integration.legacy_import.validation.verdicts import Checks


@pytest.fixture(autouse=True)
def patient_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the named queries a minute, so that no verdict here depends on what else the machine does."""
    patient = {
        alias: tuple(replace(query, target_milliseconds=60_000) for query in queries)
        for alias, queries in QUERIES.items()
    }
    monkeypatch.setattr("legacy_import.validation.migration_validator.QUERIES", patient)


@pytest.fixture
def checks(legacy_dir: Path) -> Checks:
    """Import the sources the first time they are named, and return their checks of the data by name."""
    imported: set[str] = set()

    def of(*names: str, folder: Path = legacy_dir) -> dict[str, Check]:
        for name in names:
            if name not in imported:
                assert run_import(name, folder).error is None
                imported.add(name)
        validator = MigrationValidator(folder, sources=[source_named(name) for name in names])
        return {check.name: check for check in validator.validate_data()}

    return of
