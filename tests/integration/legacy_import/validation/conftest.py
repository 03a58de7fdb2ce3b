"""One imported source at a time, and its checks."""

from pathlib import Path

import pytest

from legacy_import.sources import source_named
from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator
from tests.imports import run_import
from tests.integration.legacy_import.validation.verdicts import Checks


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
