"""The primary source's file and backup folder."""

from pathlib import Path

import pytest

from tests.integration.legacy_import.backups.folders import Ground


@pytest.fixture
def ground(legacy_dir: Path, backup_dir: Path) -> Ground:
    return Ground(legacy_dir, backup_dir)
