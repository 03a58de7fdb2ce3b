"""kill -9 of an import that updates, by the clock: the old state or the new one, nothing between."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.checkouts import kill
from tests.faults.legacy_import.conftest import ROWS
from tests.faults.legacy_import.ground import Ground, ending
from tests.legacy_files import change
from tests.reliability import Tally

pytestmark = pytest.mark.faults

EVERY: Final = 10
CHANGED: Final = (ROWS - ROWS // 6) // EVERY


@dataclass(frozen=True, slots=True)
class Version:
    """One content of the legacy file, and what PostgreSQL holds after its import."""

    file: Path
    fingerprint: dict[str, Any]


@dataclass(slots=True)
class Versions:
    """What PostgreSQL holds now, and what the next import brings."""

    now: Version
    to_come: Version
    seconds: float


@pytest.fixture(scope="module")
def versions(large_ground: Ground) -> Versions:
    old, new = large_ground.legacy_dir.parent / "old.db", large_ground.legacy_dir.parent / "new.db"
    shutil.copyfile(large_ground.primary, old)
    large_ground.import_legacy()
    first = Version(old, large_ground.fingerprint())
    changes = f"SET estimated_value = estimated_value + 1 WHERE rowid % {EVERY} = 0"
    change(large_ground.primary, f"UPDATE consultation_inquiries {changes}")
    change(large_ground.primary, f"UPDATE linkedin_posts SET likes = likes + 1 WHERE rowid % {EVERY} = 0")
    shutil.copyfile(large_ground.primary, new)
    began = time.monotonic()
    large_ground.import_legacy()
    second = Version(new, large_ground.fingerprint())
    assert second.fingerprint != first.fingerprint
    return Versions(second, first, time.monotonic() - began)


@pytest.mark.parametrize("share", [0.35, 0.55, 0.75, 0.9])
def test_kill_at_a_moment_leaves_the_old_state_or_the_new(
    share: float, large_ground: Ground, versions: Versions, tally: Tally
) -> None:
    shutil.copyfile(versions.to_come.file, large_ground.primary)
    with ending(large_ground.start_import()) as process:
        time.sleep(share * versions.seconds)
        kill(process.pid)

    assert large_ground.fingerprint() in (versions.now.fingerprint, versions.to_come.fingerprint)
    assert_next_run_brings_the_new_state(large_ground, versions)
    tally("kill -9 of the importer during an update, by the clock", 1)


def assert_next_run_brings_the_new_state(ground: Ground, versions: Versions) -> None:
    counts = ground.import_legacy()["primary"]["tables"]["consultation_inquiries"]
    killed, completed = ground.look().runs[-2:]
    assert (killed, completed) in (("interrupted", "completed"), ("completed", "completed"))
    assert counts["updated"] == (CHANGED if killed == "interrupted" else 0)
    assert ground.fingerprint() == versions.to_come.fingerprint
    versions.now, versions.to_come = versions.to_come, versions.now
