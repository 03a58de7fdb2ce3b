"""kill -9 of an undo at any moment: the import is wholly there or wholly gone, and the next undo completes."""

import json
import time
from typing import Any, Final

import pytest

from tests.checkouts import kill
from tests.faults.legacy_import.conftest import ARCHIVED, MIDDLE_ROWS
from tests.faults.legacy_import.ground import Ended, Ground
from tests.reliability import Tally

pytestmark = pytest.mark.faults

MOMENTS: Final = 8


class Whole:
    """An import of 6,000 rows, and how long its undo takes where nobody disturbs it."""

    def __init__(self, ground: Ground) -> None:
        ground.import_legacy()
        self.fingerprint = ground.fingerprint()
        began = time.monotonic()
        self.report = undo(ground)
        self.seconds = time.monotonic() - began


def undo(ground: Ground) -> dict[str, Any]:
    ended = Ended.of(ground.start("undo_import", "--source=primary", "--json"))
    assert ended.code == 0, ended
    report: dict[str, Any] = json.loads(ended.output)
    return report


@pytest.fixture(scope="module")
def whole(middle_ground: Ground) -> Whole:
    return Whole(middle_ground)


def test_an_undo_from_the_command_line_leaves_nothing(middle_ground: Ground, whole: Whole) -> None:
    (undone,) = whole.report["undone"]
    assert undone["ledger_rows"] == MIDDLE_ROWS + ARCHIVED
    assert sum(undone["removed"].values()) == MIDDLE_ROWS
    assert undone["left"] == []


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_kill_at_a_moment_leaves_the_import_or_nothing_and_the_next_undo_completes(
    moment: int, middle_ground: Ground, whole: Whole, tally: Tally
) -> None:
    if middle_ground.look().is_empty:
        middle_ground.import_legacy()
    assert middle_ground.fingerprint() == whole.fingerprint

    with middle_ground.start("undo_import", "--source=primary", "--json") as process:
        time.sleep((moment - 0.5) / MOMENTS * whole.seconds)
        kill(process.pid)
        process.communicate()

    # The server may be committing for the killed undo while it is looked at: the locks tell.
    time.sleep(1)
    if middle_ground.look().is_empty:
        assert "undone" in middle_ground.look().runs
    else:
        assert middle_ground.fingerprint() == whole.fingerprint
        assert sum(undo(middle_ground)["undone"][0]["removed"].values()) == MIDDLE_ROWS
        assert middle_ground.look().is_empty
    assert middle_ground.query("SELECT count(*) FROM import_run WHERE status = 'running'") == [(0,)]
    assert middle_ground.query("SELECT count(*) FROM divergence") == [(0,)]
    tally("kill -9 of an undo, by the clock", 1)
