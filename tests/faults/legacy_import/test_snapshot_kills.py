"""kill -9 of an import before each thing it does to the files of its snapshots' folder.

What lives here: what is left of a snapshot, and who clears it away. What does not: kills at a stage or by the clock.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest

from legacy_import.pipeline.snapshot.snapshot import SNAPSHOT_NAME
from tests.faults.legacy_import.ground import Ended, Ground
from tests.reliability import Tally

pytestmark = pytest.mark.faults

MOST_ACTS: Final = 60
DRIVER: Final = Path(__file__).with_name("stopping_files.py").read_text()


@pytest.fixture(scope="module")
def undisturbed(small_ground: Ground) -> dict[str, Any]:
    small_ground.import_legacy()
    return small_ground.fingerprint()


@pytest.mark.parametrize("kept", ["none is kept yet", "of the same content"])
def test_kill_before_any_act_leaves_nothing_that_stays(
    kept: str, small_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    again = kept == "of the same content"
    acts = int(killed_at(small_ground, 0, again=again).output)
    assert 8 < acts < MOST_ACTS

    for nth in range(1, acts + 1):
        assert killed_at(small_ground, nth, again=again).code == -9
        assert small_ground.look().is_empty
        small_ground.import_legacy()
        assert_folder_is_sound(small_ground.snapshots)
        assert small_ground.fingerprint() == undisturbed
    tally("kill -9 of the importer, by act on the snapshots' files", acts)


def killed_at(ground: Ground, nth: int, *, again: bool) -> Ended:
    """Import from an empty database and kill that before its nth act; again: the file's snapshot is there already."""
    ground.empty()
    if not again:
        for path in ground.snapshots.glob("*.*"):
            path.unlink()
    folders = {"LEGACY_DIR": str(ground.legacy_dir), "BACKUP_DIR": str(ground.snapshots.parent)}
    return Ended.of(ground.checkout.start("-c", DRIVER, str(ground.snapshots), str(nth), **folders))


def assert_folder_is_sound(folder: Path) -> None:
    """One snapshot that its manifest vouches for, and nothing else."""
    (manifest,) = folder.glob("*.json")
    assert SNAPSHOT_NAME.fullmatch(manifest.stem)
    snapshot = manifest.with_suffix(".db")
    assert hashlib.sha256(snapshot.read_bytes()).hexdigest() == json.loads(manifest.read_text())["sha256"]
    assert {path.name for path in folder.iterdir()} == {".lock", manifest.name, snapshot.name}
