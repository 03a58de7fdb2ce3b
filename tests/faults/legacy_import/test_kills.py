"""kill -9 of an import by the clock: the source is wholly in or wholly out, and the next run completes it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.checkouts import kill
from tests.faults.legacy_import.conftest import ARCHIVED, ROWS
from tests.faults.legacy_import.ground import Found, Ground
from tests.reliability import Tally

pytestmark = pytest.mark.faults

POSTS: Final = ROWS // 6
WHOLE: Final = {
    "posts": POSTS,
    "consultation_inquiries": ROWS - POSTS,
    "business_pipeline": 0,
    "ledger": ROWS + ARCHIVED,
    "legacy_file": 1,
}
READ: Final = {"linkedin_posts": POSTS, "consultation_inquiries": ROWS - POSTS, "business_pipeline": 0}
MOMENTS: Final = 20

Say = Callable[[str], None]


@dataclass(slots=True)
class Whole:
    """An import from empty that nobody disturbed: how long it took, and what it left."""

    seconds: float
    fingerprint: dict[str, Any]


@pytest.fixture(scope="module")
def whole(large_ground: Ground) -> Whole:
    large_ground.import_legacy()
    large_ground.empty()
    began = time.monotonic()
    large_ground.import_legacy()
    return Whole(time.monotonic() - began, large_ground.fingerprint())


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def _say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end=" ")  # noqa: T201 - what was found is part of the result

    return _say


@pytest.fixture(autouse=True)
def _emptied(whole: Whole, large_ground: Ground) -> None:
    large_ground.empty()


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_kill_at_a_moment_leaves_all_or_nothing_and_the_next_run_completes(
    moment: int, large_ground: Ground, whole: Whole, say: Say, tally: Tally
) -> None:
    seconds = kill_import_at(large_ground, whole, share=(moment - 0.5) / MOMENTS)

    found = large_ground.look()
    say(f"moment {moment}, {seconds:.2f} of {whole.seconds:.2f} s: {found}")
    assert found.is_empty or found.rows == WHOLE
    assert found.runs in ([(), ("running",)] if found.is_empty else [("completed",)])
    assert_next_run_completes(large_ground, found, whole)
    tally("kill -9 of the importer during a first load, by the clock", 1)


def kill_import_at(ground: Ground, whole: Whole, *, share: float) -> float:
    """Kill an import after this share of its duration and return the moment; one that is done before is no case."""
    while True:
        began = time.monotonic()
        process = ground.start_import()
        time.sleep(share * whole.seconds)
        if process.poll() is None:
            kill(process.pid)
            process.communicate()
            return time.monotonic() - began
        # The machine has less to do than when the duration was measured.
        whole.seconds *= 0.9
        process.communicate()
        ground.empty()


def assert_next_run_completes(ground: Ground, found: Found, whole: Whole) -> None:
    """Import again at once; nothing is lost, doubled or left lying about."""
    tables = ground.import_legacy()["primary"]["tables"]

    # The server may have been committing for the killed run when it was looked at.
    outcome = "inserted" if found.is_empty and tables["linkedin_posts"]["inserted"] else "unchanged"
    for table, read in READ.items():
        assert {name: count for name, count in tables[table].items() if count} == (
            {"read": read, outcome: read} if read else {}
        )
    after = ground.look()
    assert after.rows == WHOLE
    assert after.runs[:-1] in ((), ("interrupted",), ("completed",))
    assert after.runs[:-1] != ("completed",) or outcome == "unchanged"
    assert after.runs[-1] == "completed"
    assert ground.fingerprint() == whole.fingerprint
    assert list(ground.snapshots.glob(".partial-*")) == []
