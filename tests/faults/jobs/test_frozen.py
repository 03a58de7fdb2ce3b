"""Processes that are stopped and do not die: noticed, killed where they must be, and harmless where they go on.

What lives here: SIGSTOP of each part of the workers, which is what a debugger, a full swap or a paused machine does to
them too. What does not: kills (test_strikes, test_storms).
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

import psutil
import pytest

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE
from tests.faults.jobs.struck import Machine, temporary_machine
from tests.faults.jobs.supervised import kill
from tests.faults.jobs.trial.stages import AFTER, BEGUN, COUNTING, INSIDE, MARKING, TAKEN
from tests.reliability import Tally

pytestmark = pytest.mark.faults

_STAGES: Final = (TAKEN, COUNTING, BEGUN, *INSIDE.values(), AFTER[BUSINESS_CORE], MARKING)
"""Of a run that another machine takes over."""
_MANY: Final = len(_STAGES) + 2
_UNNOTICED: Final = {"JOB_GRACE_SECONDS": "300"}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with temporary_machine() as made:
        yield made


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest, machine: Machine) -> None:
    """Leave nothing of the test before, but for the cluster that several share."""
    if "supervised" in request.fixturenames:
        machine.forget_runs()
    else:
        machine.forget()


def _the_command(machine: Machine) -> set[int]:
    return {machine.ground.cluster()["cluster_process_id"]}


def _the_sentinel(machine: Machine) -> set[int]:
    return {machine.sentinel_pid()}


def _every_worker(machine: Machine) -> set[int]:
    return set(machine.ground.workers())


def _the_worker_at_work(machine: Machine) -> set[int]:
    return machine.stopped_processes()


def _the_monitor(machine: Machine) -> set[int]:
    """The sentinel forks it before the pusher."""
    return {min(machine.ground.auxiliaries(machine.ground.cluster()["cluster_process_id"]))}


class Case(NamedTuple):
    """Whom to freeze, where runs stand meanwhile, and how often the whole cluster is started again."""

    victims: Callable[[Machine], set[int]]
    stages: tuple[str, ...]
    restarts: int


_INSIDE: Final = INSIDE[ANALYTICS]
CASES = {
    "SIGSTOP of the cluster": Case(_the_command, (_INSIDE,), 1),
    "SIGSTOP of the cluster's sentinel": Case(_the_sentinel, (_INSIDE,), 1),
    "SIGSTOP of every worker, one at work": Case(_every_worker, (_INSIDE,), 1),
    "SIGSTOP of every worker, all at work": Case(_every_worker, (_INSIDE, AFTER[BUSINESS_CORE]), 1),
    "SIGSTOP of a worker at work": Case(_the_worker_at_work, (_INSIDE,), 0),
    "SIGSTOP of the monitor process": Case(_the_monitor, (_INSIDE,), 1),
}


@pytest.fixture(scope="class")
def supervised(machine: Machine) -> Iterator[Machine]:
    """One supervisor for all the cases, which has to be as good as new after each."""
    machine.forget()
    with machine.outer():
        yield machine
    assert machine.ground.processes() == []


class TestProcessesOfACluster:
    @pytest.mark.parametrize("name", CASES)
    def test_a_frozen_one_is_killed_and_each_effect_happens_once(
        self, name: str, supervised: Machine, tally: Tally
    ) -> None:
        case, machine, ground = CASES[name], supervised, supervised.ground
        ground.wait_for(lambda: _is_well(machine))
        machine.stops.clear()
        machine.queue_stopped_runs(*case.stages)
        before, frozen = ground.cluster()["restarts"], case.victims(machine)
        _freeze(frozen)
        frozen_at = time.monotonic()
        (other,) = ground.queue("trial-thrice")
        ground.wait_for(lambda: not any(map(_is_there, frozen)))
        killed_after = time.monotonic() - frozen_at
        told = ground.wait_for(lambda: _is_told(machine, frozen))
        ground.wait_for_state(other, "done")
        others_after = time.monotonic() - frozen_at
        machine.let_go()
        attempts = [ground.wait_for_state(run, "done")["attempts"] for run in machine.stops]
        ground.wait_for(lambda: _is_well(machine))
        machine.assert_queue_is_empty()

        sys.stdout.write(f"{name}: killed after {killed_after:.1f} s, jobs go on after {others_after:.1f} s at most\n")
        assert told < 5
        assert others_after < 60
        row = ground.cluster()
        assert row["restarts"] - before == case.restarts
        assert "stood still" in row["trouble"]
        assert all(str(process) in row["trouble"] for process in frozen)
        assert set(attempts) == {2}
        machine.assert_each_once([*machine.stops, other])
        tally(name, len(frozen))


def test_a_stop_ends_frozen_processes_too_and_leaves_their_run_to_the_next_start(
    machine: Machine, tally: Tally
) -> None:
    ground = machine.ground
    with machine.outer(**_UNNOTICED) as outer:
        ground.wait_until_up()
        machine.queue_stopped_runs(_INSIDE)
        frozen = _the_command(machine) | _the_sentinel(machine) | _the_worker_at_work(machine)
        _freeze(frozen)
        asked_at = time.monotonic()
        outer.terminate()
        outer.wait(30)
        took = time.monotonic() - asked_at
    left, (run,) = ground.processes(), machine.stops
    cut = ground.run(run)

    sys.stdout.write(f"a stop with frozen processes took {took:.1f} s\n")
    assert left == []
    assert took < 15
    assert (cut["state"], cut["attempts"]) == ("queued", 0)
    assert machine.ground.rows("SELECT 1 FROM django_q_ormq WHERE key = 'synapse' AND lock < now()")
    tally("SIGSTOP of workers that are then asked to end", len(frozen))


def test_the_workers_of_a_frozen_supervisor_keep_their_runs_and_lose_those_that_died(
    machine: Machine, tally: Tally
) -> None:
    ground = machine.ground
    with machine.outer(JOB_WORKERS="3", **_UNNOTICED):
        first = ground.wait_until_up(workers=3)
        machine.queue_stopped_runs(_INSIDE, AFTER[BUSINESS_CORE])
        kept, lost = machine.stops
        with machine.outer(**_UNNOTICED):
            ground.wait_until_up(after=first["id"])
            _freeze({first["process_id"]})
            kill(ground.run(lost)["process_id"])
            _fall_silent(machine, first["id"])
            ground.wait_for(lambda: "fallen silent" in _notices(machine))
            ended = ground.wait_for_state(lost, "done")
            still = ground.run(kept)
            _go_on({first["process_id"]})
            machine.let_go()
            after = ground.wait_for_state(kept, "done")
            ground.wait_for(lambda: len(ground.answering()) == 2)
            ground.wait_for(lambda: not ground.rows("SELECT 1 FROM notice WHERE resolved_at IS NULL"))
            machine.assert_queue_is_empty()
            restarts = [row["restarts"] for row in ground.answering()]

    assert (ended["attempts"], still["state"], after["attempts"]) == (2, "running", 1)
    assert restarts == [0, 0]
    machine.assert_each_once([kept, lost])
    assert ground.processes() == []
    tally("SIGSTOP of the workers' supervisor beside another", 1)


def test_runs_taken_over_from_a_frozen_machine_happen_once_when_it_goes_on(machine: Machine, tally: Tally) -> None:
    ground, many = machine.ground, {**_UNNOTICED, "JOB_WORKERS": str(_MANY)}
    with machine.outer(**many):
        first = ground.wait_until_up(workers=_MANY)
        machine.queue_stopped_runs(*_STAGES)
        frozen = {process.pid for process in ground.processes()}
        _freeze(frozen)
        _cut_off(machine, first["id"])
        with machine.outer(**many):
            second = ground.wait_until_up(after=first["id"], workers=_MANY)
            ground.wait_for(lambda: all(_is_taken_over(machine, run) for run in machine.stops))
            (other,) = ground.queue("trial-thrice")
            ground.wait_for_state(other, "done")
            (alone,) = ground.answering()
            machine.let_go()
            _go_on(frozen)
            for run in machine.stops:
                ground.wait_for_state(run, "done")
            ground.wait_for(lambda: len(ground.answering()) == 2)
            machine.assert_queue_is_empty()
            restarts = [row["restarts"] for row in ground.answering()]
            attempts = [ground.run(run)["attempts"] for run in machine.stops]

    assert alone["id"] == second["id"]
    assert restarts == [0, 0]
    assert max(attempts) == 2
    machine.assert_each_once([*machine.stops, other])
    assert ground.processes() == []
    tally("SIGSTOP of a machine whose runs another takes over, by stage of a run", len(_STAGES))


def _freeze(processes: Iterable[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGSTOP)


def _go_on(processes: Iterable[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def _is_well(machine: Machine) -> bool:
    row = machine.ground.cluster()
    is_told_of = bool(machine.ground.rows("SELECT 1 FROM notice WHERE resolved_at IS NULL"))
    return bool(row and row["answered_at"]) and len(machine.ground.workers()) == 2 and not is_told_of


def _is_there(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_told(machine: Machine, frozen: Iterable[int]) -> bool:
    """Say whether a notice, maybe over by now, names the processes."""
    said = " ".join(row["text"] for row in machine.ground.rows("SELECT text FROM notice"))
    return all(word in said for word in ("stood still", *map(str, frozen)))


def _notices(machine: Machine) -> str:
    return " ".join(row["text"] for row in machine.ground.rows("SELECT text FROM notice WHERE resolved_at IS NULL"))


def _fall_silent(machine: Machine, cluster: str) -> None:
    """As if the minute had passed after which others take it for lost."""
    machine.ground.rows("UPDATE job_worker_cluster SET seen_at = seen_at - interval '2 minutes' WHERE id = %s", cluster)


def _cut_off(machine: Machine, cluster: str) -> None:
    """As if the frozen processes were another machine's, silent for minutes, and PostgreSQL had given up on its locks.

    Its other connections stay, with what is not committed on them: the worst that can happen.
    """
    _fall_silent(machine, cluster)
    machine.ground.rows("UPDATE job_worker_cluster SET host = 'elsewhere' WHERE id = %s", cluster)
    machine.ground.rows(
        "UPDATE job_run SET host = 'elsewhere', started_at = started_at - interval '2 minutes'"
        " WHERE id IN (SELECT id FROM job_run WHERE host <> '' FOR UPDATE SKIP LOCKED)"
    )
    machine.ground.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


def _is_taken_over(machine: Machine, run: str) -> bool:
    """Say whether the run stands as it must while the other machine is frozen."""
    row = machine.ground.run(run)
    stage = row["arguments"]["stop_at"]
    if stage in {COUNTING, MARKING}:
        # Its row is being written there.
        return True
    if stage in INSIDE.values():
        # Its key is being written there, and the second attempt waits for what comes of it.
        return bool((row["state"], row["attempts"]) == ("running", 2))
    return bool(row["state"] == "done")
