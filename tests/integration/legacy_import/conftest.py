"""Legacy folders to import, and a place for snapshots that ends with the test."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.demo import write_demo_legacy
from tests.imports import run_import


@pytest.fixture(autouse=True)
def backup_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "backups"
    return tmp_path / "backups"


@pytest.fixture
def legacy_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    write_demo_legacy(folder, rows=None, dirty=0.0, seed=1, today=date(2025, 8, 26))
    return folder


@pytest.fixture
def imported_primary(settings: Settings, legacy_dir: Path) -> Path:
    """Import the primary source from the legacy folder of the settings, and return the folder."""
    settings.LEGACY_DIR = legacy_dir
    assert run_import("primary", legacy_dir).error is None
    return legacy_dir
