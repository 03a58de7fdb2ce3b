"""kill -9 of a call of the quarantine desk: every row of it is settled or none, and asking again settles all."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any, Final

import psycopg
import pytest

from tests.checkouts import kill, wait_until
from tests.faults.legacy_import.ground import DATABASE, Ended, Ground
from tests.legacy_files import change
from tests.reliability import Tally

pytestmark = pytest.mark.faults

SPOILED: Final = 500
MOMENTS: Final = 10
DRIVER: Final = Path(__file__).with_name("settling_rows.py").read_text()
# A lock of another session makes the call stand still where it first needs the table, in the order of its steps.
POINTS: Final = {
    "import_run": "SHARE",
    "consultation_inquiries": "ROW EXCLUSIVE",
    "settlement": "SHARE",
    "before_image": "SHARE",
    "divergence": "SHARE",
}

State = dict[str, Any]


@pytest.fixture(scope="module")
def spoiled(middle_ground: Ground) -> Ground:
    change(middle_ground.primary, f"UPDATE consultation_inquiries SET created_at = 'now' WHERE rowid <= {SPOILED}")
    return middle_ground


@pytest.fixture
def quarantine(spoiled: Ground) -> Ground:
    spoiled.empty()
    spoiled.query("TRUNCATE settlement, before_image")
    outcome = Ended.of(spoiled.start_import())
    assert outcome.code == 3, outcome
    return spoiled


def look(ground: Ground) -> State:
    """Return everything a call may change, each as a checksum or a count."""
    (counts,) = ground.query(
        "SELECT (SELECT count(*) FROM settlement), (SELECT count(*) FROM import_run WHERE kind = 'replay'),"
        " (SELECT count(*) FROM ledger WHERE state = 'quarantined'), (SELECT count(*) FROM before_image)"
    )
    return {**ground.fingerprint(), "settlements, runs, quarantined, images": counts}


def start(ground: Ground) -> Popen[str]:
    process = ground.start("-c", DRIVER)
    assert process.stdout
    assert process.stdout.readline() == "begins\n"
    return process


@contextmanager
def holding(ground: Ground, table: str, mode: str) -> Iterator[None]:
    with psycopg.connect(f"{ground._address()} dbname={DATABASE}") as connection:
        connection.execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
        yield
        connection.rollback()


def settle_all(ground: Ground) -> None:
    process = start(ground)
    output, complaint = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, f"{SPOILED}\n"), complaint
    assert ground.import_legacy()["primary"]["status"] == "completed"


@pytest.mark.parametrize("table", POINTS)
def test_kill_at_a_step_leaves_every_row_unsettled_and_the_next_call_settles_all(
    table: str, quarantine: Ground, tally: Tally
) -> None:
    before = look(quarantine)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with holding(quarantine, table, POINTS[table]):
        process = start(quarantine)
        wait_until(lambda: quarantine.query(waiting) == [(1,)])
        kill(process.pid)
        process.communicate()
    gone = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'synapse default'"
    wait_until(lambda: quarantine.query(gone) == [(0,)])

    assert look(quarantine) == before
    settle_all(quarantine)
    tally("kill -9 of a call of the quarantine desk, by step", 1)


def test_kill_at_a_moment_leaves_all_rows_settled_or_none(quarantine: Ground, tally: Tally) -> None:
    unsettled, found = look(quarantine), []
    began = time.monotonic()
    settle_all(quarantine)
    whole = (time.monotonic() - began) / 2
    settled = look(quarantine)["ledger"]
    for moment in range(MOMENTS):
        quarantine.empty()
        quarantine.query("TRUNCATE settlement, before_image")
        Ended.of(quarantine.start_import())
        process = start(quarantine)
        time.sleep(whole * moment / MOMENTS)
        kill(process.pid)
        process.communicate()
        wait_until(lambda: quarantine.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)])
        found.append(look(quarantine))
    for state in found:
        assert state == unsettled or (state["ledger"] == settled and state != unsettled)
    tally("kill -9 of a call of the quarantine desk, by moment", MOMENTS)
