"""PostgreSQL killed under an import: one sentence, nothing changed, and the next run starts the server by itself."""

import os
import signal
from contextlib import suppress

import psycopg
import pytest

from synapse.foundation.embedded_postgres.processes import is_alive
from tests.checkouts import wait_until
from tests.faults.legacy_import.conftest import ARCHIVED, ROWS
from tests.faults.legacy_import.ground import Ended, Ground, ending
from tests.reliability import Tally

pytestmark = pytest.mark.faults


def assert_next_run_completes(ground: Ground, *, runs: tuple[str, ...]) -> None:
    ground.import_legacy()
    after = ground.look()
    assert after.rows["ledger"] == ROWS + ARCHIVED
    assert after.rows["posts"] + after.rows["consultation_inquiries"] == ROWS
    assert after.runs == runs


def wait_for_statement(ground: Ground, beginning: str) -> None:
    """Wait until the import has its server busy with such a statement."""
    working = f"SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query ~ '^\\s*{beginning}'"
    wait_until(lambda: bool(ground.query(working)))


@pytest.mark.parametrize("statement", ["COPY stage_1", "INSERT INTO .consultation_inquiries", "INSERT INTO ledger"])
def test_server_killed_during_a_statement_is_told_in_one_sentence(
    statement: str, large_ground: Ground, tally: Tally
) -> None:
    large_ground.empty_or_restart()
    with ending(large_ground.start_import()) as process:
        wait_for_statement(large_ground, statement)
        large_ground.kill_server()

        sentence = Ended.of(process).error

    assert sentence.startswith("primary: the database gave up: ")
    assert sentence.endswith("run it again")
    assert_next_run_completes(large_ground, runs=("failed", "completed"))
    tally("kill -9 of PostgreSQL during a statement", 1)


def test_postmaster_killed_alone_leaves_all_or_nothing(large_ground: Ground, tally: Tally) -> None:
    large_ground.empty_or_restart()
    with ending(large_ground.start_import()) as process:
        wait_for_statement(large_ground, "INSERT INTO ledger")
        postmaster = large_ground.checkout.postmaster()
        os.killpg(os.getpgid(postmaster), signal.SIGKILL)
        wait_until(lambda: not is_alive(postmaster))

        # Its backend may notice at the next wait, or never: a COMMIT needs no postmaster.
        ended = Ended.of(process)

    assert ended.code == 0 or ended.error
    assert_next_run_completes(
        large_ground, runs=("completed", "completed") if ended.code == 0 else ("failed", "completed")
    )
    tally("kill -9 of PostgreSQL during a statement", 1)


def test_server_killed_before_the_import_starts_again_by_itself(large_ground: Ground, tally: Tally) -> None:
    large_ground.empty_or_restart()
    large_ground.kill_server()
    with suppress(psycopg.OperationalError):
        large_ground.query("SELECT 1")
        pytest.fail("the server lives")

    assert_next_run_completes(large_ground, runs=("completed",))
    tally("kill -9 of PostgreSQL before an import", 1)
