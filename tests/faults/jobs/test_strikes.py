"""Every part of the workers killed while runs stand at every stage: each effect once, nothing left over.

What lives here: a strike while one run waits at each stage of its way, in every process it passes. What does not: kills
by the clock (test_storms), ticks (test_ticks), and what the supervisor says of it all (test_supervisor).
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.faults.jobs.struck import WORKERS, Machine, temporary_machine
from tests.faults.jobs.supervised import kill
from tests.faults.jobs.trial.stages import ENDED, FETCHED, RECORDING, STAGES, TAKEN
from tests.reliability import Tally

pytestmark = pytest.mark.faults

# The pusher waits at one of the stages, so that no beat gets through: nobody may take that for death before the strike.
_PATIENT = {"JOB_WORKERS": str(WORKERS), "JOB_HEARTBEAT_SECONDS": "90"}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with temporary_machine() as made:
        yield made


@pytest.fixture(autouse=True)
def clean(machine: Machine) -> None:
    machine.forget()


def _the_stopped_ones(machine: Machine) -> None:
    for process in machine.stopped_processes():
        kill(process)


def _the_command(machine: Machine) -> None:
    kill(machine.ground.cluster()["cluster_process_id"])


def _the_sentinel(machine: Machine) -> None:
    kill(machine.sentinel_pid())


def _the_supervisor(machine: Machine) -> None:
    kill(machine.supervisor_pid())


def _postgresql(machine: Machine) -> None:
    kill(machine.ground.checkout.postmaster())
    machine.let_go()
    machine.ground.wait_for(machine.ground.is_answering)


def _everything(machine: Machine) -> None:
    """As a machine that loses its power, but for the parent that starts the supervisor again."""
    kill(machine.ground.checkout.postmaster())
    for process in machine.ground.processes():
        with suppress(ProcessLookupError):
            process.kill()
    machine.ground.wait_for(machine.ground.is_answering)


def _a_stop(machine: Machine) -> None:
    """No kill: the supervisor is asked to end, and cuts the runs off after its grace."""
    os.kill(machine.supervisor_pid(), signal.SIGTERM)


VICTIMS = {
    "kill -9 of each worker process, the pusher and the monitor": _the_stopped_ones,
    "kill -9 of the cluster": _the_command,
    "kill -9 of the cluster's sentinel": _the_sentinel,
    "kill -9 of the workers' supervisor": _the_supervisor,
    "kill -9 of PostgreSQL under jobs": _postgresql,
    "kill -9 of PostgreSQL, supervisor and workers at once": _everything,
    "SIGTERM to the workers' supervisor": _a_stop,
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_runs_at_every_stage_end_once_whatever_is_killed(victim: str, machine: Machine, tally: Tally) -> None:
    strike: Callable[[Machine], None] = VICTIMS[victim]
    ground = machine.ground
    with machine.outer(**_PATIENT):
        ground.wait_until_up(workers=WORKERS)
        machine.queue_stopped_runs(*STAGES)
        struck = machine.stopped_processes()
        strike(machine)
        struck_at = time.monotonic()
        (other,) = ground.queue("trial-thrice")
        ground.wait_for_state(other, "done")
        others_after = time.monotonic() - struck_at
        for run in machine.stops:
            ground.wait_for_state(run, "done")
        took = time.monotonic() - struck_at
        machine.assert_queue_is_empty()
        attempts = {run: ground.run(run)["attempts"] for run in machine.stops}

    sys.stdout.write(
        f"{victim}: other jobs go on after {others_after:.1f} s, the struck ones ended after {took:.1f} s\n"
    )
    assert len(struck) == len(STAGES)
    assert max(attempts.values()) <= 2
    assert others_after < 60
    machine.assert_each_once([*machine.stops, other])
    assert ground.processes() == []
    tally(f"{victim}, by stage of a run", len(STAGES))


def test_the_death_of_one_process_costs_the_cluster_neither_a_worker_nor_a_message(
    machine: Machine, tally: Tally
) -> None:
    ground, ended = machine.ground, []
    stages = (FETCHED, TAKEN, ENDED, RECORDING)
    with machine.outer(JOB_HEARTBEAT_SECONDS="15"):
        ground.wait_until_up()
        for stage in stages:
            ended += [machine.stop_and_kill_one(stage), *ground.queue("trial-thrice", {"mark": stage})]
            for run in ended:
                ground.wait_for_state(run, "done")
            machine.assert_queue_is_empty()
            ground.wait_for(lambda: len(ground.workers()) == 2)

    machine.assert_each_once(ended)
    tally("kill -9 of one process of the workers, by stage of a run", len(stages))


def test_a_job_that_fails_twice_leaves_its_effect_once(machine: Machine) -> None:
    with machine.outer():
        machine.ground.wait_until_up()
        (run,) = machine.ground.queue("trial-failing")
        ended = machine.ground.wait_for_state(run, "done", "given_up")

    assert (ended["state"], ended["attempts"]) == ("done", 3)
    machine.assert_each_once([run])
