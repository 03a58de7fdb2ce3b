"""The legacy file changes while it is read: every import is one committed state, and the last one is the file.

What lives here: a program that inserts, deletes, alters, vacuums and replaces the file meanwhile. What does not: locks
held on, and how long writers wait for large files (test_writers).
"""

import shutil
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from legacy_import.pipeline.snapshot.live_file import inspect_live_file
from legacy_import.pipeline.snapshot.online_backup import WaitLimits, _copy_under_lock
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
from tests.faults.legacy_import.ground import Ended, Ground
from tests.faults.legacy_import.test_writers import beside
from tests.legacy_files import PRIMARY, change, contents
from tests.reliability import Tally

pytestmark = pytest.mark.faults

WRITER: Final = Path(__file__).with_name("changing_file.py").read_text()
STATE: Final = """
    SELECT (SELECT count(*) FROM pair_left), (SELECT count(*) FROM pair_right),
           (SELECT coalesce(sum(number), 0) FROM pair_left), (SELECT coalesce(sum(number), 0) FROM pair_right),
           (SELECT count(*) FROM pragma_table_info('pair_left')),
           (SELECT count(*) FROM pragma_table_info('pair_right')),
           (SELECT count(*) FROM consultation_inquiries)
"""
PAUSE_SECONDS: Final = 0.005
IMPORTS: Final = 4
SNAPSHOT_SECONDS: Final = 4.0


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_every_import_of_a_changing_file_is_a_committed_state(
    mode: str, middle_ground: Ground, tmp_path: Path, tally: Tally, capsys: pytest.CaptureFixture[str]
) -> None:
    middle_ground.empty()
    with beside(WRITER, middle_ground.primary, mode, PAUSE_SECONDS, STATE) as alone:
        time.sleep(2)

    with beside(WRITER, middle_ground.primary, mode, PAUSE_SECONDS, STATE) as during:
        imported = [state(imported_file(middle_ground, tmp_path / str(turn))) for turn in range(IMPORTS)]

    assert_committed(imported, during)
    assert len(set(imported)) > 1
    assert set(during["acts"]) >= {"insert", "delete", "alter", "vacuum"}
    assert during["longest_ms"] < 100 + alone["longest_ms"], (alone["longest_ms"], during["longest_ms"])
    assert contents(imported_file(middle_ground, tmp_path / "last")) == contents(middle_ground.primary)
    with capsys.disabled():
        print(f"\n{mode}: {during['acts']}, longest {during['longest_ms']} ms, alone {alone['longest_ms']} ms")  # noqa: T201
    tally("imports of a file that changed meanwhile", IMPORTS)
    tally("commits by others during such imports", len(during["states"]))


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_every_snapshot_of_a_changing_file_is_a_committed_state(
    mode: str, middle_ground: Ground, tmp_path: Path, tally: Tally
) -> None:
    live = tmp_path / "live.db"
    shutil.copyfile(middle_ground.primary, live)
    taken = []
    with beside(WRITER, live, mode, PAUSE_SECONDS, STATE) as during:
        deadline = time.monotonic() + SNAPSHOT_SECONDS
        while time.monotonic() < deadline:
            snapshot = take_snapshot(
                live, directory=tmp_path / "kept", lock_timeout_seconds=30, now=datetime.now(tz=UTC), keep=False
            )
            taken.append(state(snapshot.path))
            snapshot.path.unlink()

    assert_committed(taken, during)
    assert len(taken) > 10
    tally("snapshots of a file that changed meanwhile", len(taken))


def test_file_replaced_while_it_is_being_locked_is_not_copied(tmp_path: Path) -> None:
    live, other, folder = tmp_path / "live.db", tmp_path / "other.db", tmp_path / "copies"
    folder.mkdir()
    for path in (live, other):
        change(path, "CREATE TABLE note (text TEXT)")
    inspected = inspect_live_file(live)

    def replace_once(event: str, _arguments: object) -> None:
        # A hook stays for good: after its one time it finds nothing to do.
        if event == "sqlite3.connect" and other.exists():
            other.replace(live)

    sys.addaudithook(replace_once)

    assert _copy_under_lock(inspected, folder=folder, patience=WaitLimits(live, 5)) is None
    assert _copy_under_lock(inspect_live_file(live), folder=folder, patience=WaitLimits(live, 5)) is not None


def imported_file(ground: Ground, folder: Path) -> Path:
    """Import the primary and rebuild it from PostgreSQL alone."""
    ground.import_legacy()
    rebuilt = Ended.of(ground.start("export_legacy", "--source=primary", f"--output={folder}"))
    assert rebuilt.code == 0, rebuilt
    return folder / PRIMARY


def state(path: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(path)) as file:
        found: tuple[int, ...] = file.execute(STATE).fetchone()
        return found


def assert_committed(found: list[tuple[int, ...]], during: dict[str, Any]) -> None:
    committed = {tuple(one) for one in during["states"]}
    assert [one for one in found if one not in committed] == []
