"""Supervised workers as a machine runs them, stopped at chosen points and struck; effects counted everywhere.

What lives here: the outer supervisor (what `manage.py start` or systemd is), runs stopped at stages, victims, counts.
What does not: any test; the rows and processes of one checkout (supervised), the points themselves (trial.stages).
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any, Final
from uuid import uuid4

import psutil
import psycopg

from synapse.foundation.databases import ALIASES, DATABASE_NAMES
from tests.faults.jobs.supervised import FAST, SETTINGS, TABLE, Ground, kill, temporary_ground
from tests.faults.jobs.trial.stages import FETCHED, IN_WORKERS, RECORDING

WORKERS: Final = len(IN_WORKERS) + 2
"""One for each stage, one for what else there is to do, one for luck."""

_OUTER: Final = """
import sys
from contextlib import suppress
from pathlib import Path
import django
django.setup()
from synapse.foundation.processes.supervisor import Program, StopRequestedError, Supervisor, raise_on_stop_signals
command = (sys.executable, "-B", "manage.py", "supervise_jobs")
program = Program("workers' supervisor", command, stop_seconds=20)
here = Path.cwd()
with suppress(StopRequestedError), raise_on_stop_signals(), Supervisor([program], folder=here, say=print) as outer:
    outer.run()
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A migrated checkout, and how many of its runs were stopped where."""

    ground: Ground
    stops: dict[str, Path] = field(default_factory=dict)
    """By run."""

    @contextmanager
    def outer(self, **variables: str) -> Iterator["Popen[str]"]:
        """Run the supervisor under one that starts it again; at the end all of it stops, and nothing is left over."""
        chosen = {**FAST, "JOB_STOP_SECONDS": "3", "DJANGO_SETTINGS_MODULE": SETTINGS, **variables}
        process = self.ground.checkout.start("-c", _OUTER, **chosen)
        try:
            yield process
        finally:
            _end(process)

    @contextmanager
    def bare_cluster(self, **variables: str) -> Iterator["Popen[str]"]:
        """Run the workers without anybody who looks after them."""
        process = self.ground.checkout.start("qcluster", **{"DJANGO_SETTINGS_MODULE": SETTINGS, **variables})
        try:
            yield process
        finally:
            _end(process)

    def queue_stopped_runs(self, *stages: str) -> None:
        """Have a run wait at each of the stages, the one after the other where it takes the cluster's own processes."""
        groups = [[stage for stage in stages if stage in IN_WORKERS], [RECORDING], [FETCHED]]
        for group in groups:
            if group and set(group) <= set(stages):
                self._queue_stopped(*group)

    def _queue_stopped(self, *stages: str) -> None:
        marks = [f"{number}-{uuid4()}" for number, _ in enumerate(stages)]
        asked = [{"mark": mark, "stop_at": stage} for mark, stage in zip(marks, stages, strict=True)]
        folders = [self.ground.checkout.var_dir / "stops" / mark for mark in marks]
        self.stops.update(zip(self.ground.queue("trial-thrice", *asked), folders, strict=True))
        waiting = dict(zip(stages, folders, strict=True))
        self.ground.wait_for(lambda: all((folder / "waits").exists() for folder in waiting.values()), seconds=120)

    def stop_and_kill_one(self, stage: str) -> str:
        """Have a run wait at the stage and kill the process that waits; return the run."""
        self.stops.clear()
        self.queue_stopped_runs(stage)
        for process in self.stopped_processes():
            kill(process)
        (run,) = self.stops
        return run

    def stopped_processes(self) -> set[int]:
        """Return the processes that wait at a stage."""
        return {int((folder / "waits").read_text()) for folder in self.stops.values()}

    def let_go(self) -> None:
        """Let the ones that are still there go on."""
        for folder in self.stops.values():
            (folder / "go").touch()

    def supervisor_pid(self) -> int:
        """Return the process id of the newest supervisor."""
        pid: int = self.ground.cluster()["process_id"]
        return pid

    def sentinel_pid(self) -> int:
        """Return the process id of the cluster's sentinel, the parent of its workers."""
        (sentinel,) = psutil.Process(self.ground.cluster()["cluster_process_id"]).children()
        return int(sentinel.pid)

    def effects(self) -> dict[str, Counter[str]]:
        """Return how often each key's effect happened, by database."""
        return {alias: self._effects_in(alias) for alias in ALIASES}

    def _effects_in(self, alias: str) -> Counter[str]:
        with psycopg.connect(**self.address(alias), autocommit=True) as connection:
            rows = connection.execute("SELECT job_key, count(*) FROM trial_effect GROUP BY job_key").fetchall()
        return Counter(dict(rows))

    def address(self, alias: str) -> dict[str, Any]:
        """Return how to connect to one of the databases."""
        return {**self.ground.address, "dbname": DATABASE_NAMES[alias]}

    def assert_each_once(self, runs: list[str]) -> None:
        """Compare what happened in each database with the runs: each run's effect once, and nobody else's."""
        once = Counter({self.ground.run(run)["key"]: 1 for run in runs})
        assert self.effects() == dict.fromkeys(ALIASES, once)

    def assert_queue_is_empty(self, *, seconds: float = 75) -> None:
        """Wait until no message is left; one that looks again at a run at work does so after half a minute."""
        self.ground.wait_for(
            lambda: not self.ground.rows("SELECT 1 FROM django_q_ormq WHERE key = 'synapse'"), seconds=seconds
        )

    def forget(self) -> None:
        """Leave no run, message or effect of the test before, and no cluster."""
        self.ground.rows("TRUNCATE job_worker_cluster, django_q_ormq, notice CASCADE")
        self.ground.rows("DELETE FROM django_q_schedule")
        self.forget_runs()

    def forget_runs(self) -> None:
        """Leave no run and no effect of the test before; a cluster that is idle may go on meanwhile."""
        self.stops.clear()
        self.ground.rows("TRUNCATE job_run, job_effect CASCADE")
        for alias in ALIASES:
            with psycopg.connect(**self.address(alias), autocommit=True) as connection:
                connection.execute("TRUNCATE trial_effect, job_effect")


@contextmanager
def temporary_machine() -> Iterator[Machine]:
    """Make a migrated checkout whose three databases count the trial jobs' effects."""
    with temporary_ground() as ground:
        machine = Machine(ground)
        for alias in ALIASES:
            with psycopg.connect(**machine.address(alias), autocommit=True) as connection:
                connection.execute(TABLE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").encode())
        yield machine


def _end(process: "Popen[str]") -> None:
    process.terminate()
    with suppress(TimeoutExpired):
        process.wait(30)
    with suppress(ProcessLookupError):
        kill(process.pid)
    # Where the test failed, pytest shows what was said.
    sys.stderr.write("".join(process.communicate()))
