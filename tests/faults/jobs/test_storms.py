"""Kills by the clock, and kills where nobody supervises: each effect once all the same, and no process left over.

What lives here: faults whose moment is chance, an outer supervisor that dies too, workers without a supervisor.
What does not: faults whose moment is a stage (test_strikes), schedules (test_ticks).
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import psutil
import pytest

from tests.faults.jobs.struck import WORKERS, Machine, temporary_machine
from tests.faults.jobs.supervised import kill
from tests.faults.jobs.trial.stages import STAGES
from tests.reliability import Tally

pytestmark = pytest.mark.faults

_SEED: Final = 6
_RUNS: Final = 40
_KILLS: Final = 12
_RETRY_SECONDS: Final = 25


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with temporary_machine() as made:
        yield made


@pytest.fixture(autouse=True)
def clean(machine: Machine) -> None:
    machine.forget()


def test_runs_in_a_storm_of_kills_end_once_each(machine: Machine, tally: Tally) -> None:
    chance, ground = random.Random(_SEED), machine.ground  # noqa: S311 - the same storm each time
    with machine.outer(JOB_WORKERS="3"):
        ground.wait_until_up(workers=3)
        runs = ground.queue("trial-stubborn", *({"seconds": 0.3, "mark": str(number)} for number in range(_RUNS)))
        killed = [_kill_any(machine, chance) for _ in range(_KILLS)]
        ground.wait_for(lambda: _ended(machine) == _RUNS, seconds=150)
        machine.assert_queue_is_empty()

    sys.stdout.write(f"killed in turn: {', '.join(killed)}\n")
    assert {row["state"] for row in ground.rows("SELECT state FROM job_run")} == {"done"}
    machine.assert_each_once(runs)
    assert ground.processes() == []
    tally("kill -9 of supervisor, cluster, worker or PostgreSQL, by the clock", len(killed))


def test_an_outer_supervisor_that_is_killed_leaves_no_process_and_the_next_one_goes_on(machine: Machine) -> None:
    ground = machine.ground
    with machine.outer(JOB_WORKERS=str(WORKERS), JOB_HEARTBEAT_SECONDS="90") as outer:
        ground.wait_until_up(workers=WORKERS)
        machine.queue_stopped_runs(*STAGES)
        kill(outer.pid)
        ground.wait_for(lambda: ground.processes() == [], seconds=10)
    with machine.outer():
        for run in machine.stops:
            ground.wait_for_state(run, "done")
        machine.assert_queue_is_empty()

    machine.assert_each_once(list(machine.stops))


def test_workers_without_a_supervisor_take_up_again_after_retry(machine: Machine, tally: Tally) -> None:
    ground, variables = machine.ground, {"JOB_WORKERS": str(WORKERS), "JOB_RETRY_SECONDS": str(_RETRY_SECONDS)}
    with machine.bare_cluster(**variables) as cluster:
        machine.queue_stopped_runs(*STAGES)
        kill(cluster.pid)
        ground.wait_for(lambda: ground.processes() == [], seconds=10)
    struck_at = time.monotonic()
    with machine.bare_cluster(**variables):
        for run in machine.stops:
            ground.wait_for_state(run, "done", seconds=_RETRY_SECONDS + 60)
        sys.stdout.write(f"without a supervisor all were done after {time.monotonic() - struck_at:.1f} s\n")

    machine.assert_each_once(list(machine.stops))
    tally("kill -9 of a cluster without a supervisor, by stage of a run", len(machine.stops))


def _ended(machine: Machine) -> int:
    with suppress(psutil.Error):
        return len(machine.ground.rows("SELECT 1 FROM job_run WHERE finished_at IS NOT NULL AND state = 'done'"))
    return 0


def _kill_any(machine: Machine, chance: random.Random) -> str:
    """Kill one part of it, after a moment; PostgreSQL seldom, for everything waits until it is back."""
    time.sleep(chance.uniform(0.5, 3))
    ground = machine.ground
    if chance.random() < 0.15:
        kill(ground.checkout.postmaster())
        ground.wait_for(ground.is_answering)
        return "PostgreSQL"
    ground.wait_for(lambda: ground.processes() != [])
    victim = chance.choice(ground.processes())
    kind = "a supervisor" if "supervise_jobs" in victim.cmdline() else "a process of the cluster"
    # It may have ended with its parent.
    with suppress(psutil.NoSuchProcess):
        victim.kill()
    return kind
