"""Where the live files and their snapshots lie in these tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from legacy_import.pipeline.snapshot.snapshot import Snapshot, take_snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import NOW


@pytest.fixture
def live_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "legacy"
    folder.mkdir()
    return folder


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "primary"


@pytest.fixture
def take(snapshots: Path) -> Callable[..., Snapshot]:
    def _take(live: Path, **changes: Any) -> Snapshot:
        arguments = {"directory": snapshots, "lock_timeout_seconds": 30.0, "now": NOW, **changes}
        return take_snapshot(live, **arguments)

    return _take
