"""A checkout with supervised workers: real processes, to be killed by their ids, and a look into what they wrote.

What lives here: starting supervisors, queueing trial jobs, finding processes, reading rows. What does not: any test.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import psutil
import psycopg
from psycopg.rows import dict_row

from tests.checkouts import OWN, Checkout, temporary_checkout

SETTINGS: Final = "tests.faults.jobs.trial.settings"
FAST: Final = {"JOB_HEARTBEAT_SECONDS": "4", "JOB_GRACE_SECONDS": "4", "JOB_STOP_SECONDS": "5"}
"""A supervisor with little patience, so that a test need not have much."""

TABLE: Final = """CREATE TABLE trial_effect (
    job_key text NOT NULL, process_id integer NOT NULL, happened_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""
_PRELUDE: Final = """
import json, os, sys, django
django.setup()
from synapse.kit.jobs.queueing import queue_run
"""
_QUEUE: Final = (
    _PRELUDE
    + """
name, asked = sys.argv[1], json.loads(sys.argv[2])
print(json.dumps([str(queue_run(name, requested_by="a test", arguments=arguments).pk) for arguments in asked]))
"""
)
_ADDRESS: Final = """
import json, django
django.setup()
from django.db import connection
connection.ensure_connection()
asked = connection.settings_dict
print(json.dumps({"host": asked["HOST"], "port": asked["PORT"], "user": asked["USER"], "password": asked["PASSWORD"],
                  "dbname": asked["NAME"]}))
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """A migrated checkout whose workers know the trial jobs."""

    checkout: Checkout
    address: dict[str, Any]

    @contextmanager
    def supervisor(self, **variables: str) -> Iterator["subprocess.Popen[str]"]:
        """Run `supervise_jobs`; whatever of it is left at the end is killed, and what it said shown."""
        process = self.start(**variables)
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            sys.stderr.write("".join(process.communicate()))

    def start(self, **variables: str) -> "subprocess.Popen[str]":
        """Start `supervise_jobs`, and leave its end to the caller."""
        return self.checkout.start("supervise_jobs", DJANGO_SETTINGS_MODULE=SETTINGS, **{**FAST, **variables})

    def queue(self, job: str, *asked: dict[str, Any]) -> list[str]:
        """Queue a run of the job with each of the arguments; return their ids."""
        completed = self.checkout.run("-c", _QUEUE, job, json.dumps(asked or [{}]), DJANGO_SETTINGS_MODULE=SETTINGS)
        assert completed.returncode == 0, completed.stderr
        found: list[str] = json.loads(completed.stdout)
        return found

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a query on the business core."""
        with psycopg.connect(**self.address, row_factory=dict_row, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def cluster(self) -> dict[str, Any]:
        """Return the row of the newest cluster; empty where there is none."""
        found = self.rows("SELECT * FROM job_worker_cluster ORDER BY started_at DESC LIMIT 1")
        return found[0] if found else {}

    def run(self, run_id: str) -> dict[str, Any]:
        """Return a run's row."""
        return self.rows("SELECT * FROM job_run WHERE id = %s", run_id)[0]

    def workers(self) -> list[int]:
        """Return the process ids of the newest cluster's living workers."""
        return [worker["pid"] for worker in self.cluster().get("workers", []) if worker["state"] != "killed"]

    def answering(self) -> list[dict[str, Any]]:
        """Return the rows of the clusters that were seen and have answered within the last ten seconds."""
        return self.rows(
            "SELECT * FROM job_worker_cluster WHERE stopped_at IS NULL"
            " AND least(seen_at, answered_at) > now() - interval '10 seconds'"
        )

    def is_answering(self) -> bool:
        """Say whether PostgreSQL answers; one that was killed may come back at another port."""
        try:
            self.rows("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def auxiliaries(self, leader: int) -> list[int]:
        """Return the processes of a cluster that are no workers: its monitor, and its pusher."""
        (sentinel,) = psutil.Process(leader).children()
        return [process.pid for process in sentinel.children() if process.pid not in self.workers()]

    def wait_until_up(self, *, after: object = None, workers: int = 2) -> dict[str, Any]:
        """Wait until the newest cluster, not the one of the row `after`, has answered with all workers; return it."""
        self.wait_for(
            lambda: bool(
                (row := self.cluster())
                and row["id"] != after
                and row["answered_at"]
                and row["stopped_at"] is None
                and len(self.workers()) == workers
            )
        )
        return self.cluster()

    def wait_for_state(self, run_id: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the run stands so; return it."""
        self.wait_for(lambda: self.run(run_id)["state"] in states, seconds=seconds)
        return self.run(run_id)

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = 60) -> float:
        """Wait for the condition; return how many seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"not within {seconds} s; the cluster: {self.cluster()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def processes(self) -> list[psutil.Process]:
        """Return the supervisors, clusters, workers and all they have started of this checkout that still run."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.environ().get("SYNAPSE_VAR_DIR") == str(self.checkout.var_dir)
                and process.status() != psutil.STATUS_ZOMBIE
                and {"supervise_jobs", "qcluster"} & set(process.cmdline()) != set()
            )
        except (psutil.Error, OSError):
            return False


def kill(process_id: int) -> None:
    """Kill a process without a chance to tell anybody."""
    os.kill(process_id, signal.SIGKILL)


@contextmanager
def temporary_ground() -> Iterator[Ground]:
    """Make a migrated checkout without any schedule, so that nothing but the test's own jobs runs."""
    with temporary_checkout(OWN) as checkout:
        checkout.migrate()
        answered = checkout.run("-c", _ADDRESS, DJANGO_SETTINGS_MODULE=SETTINGS)
        assert answered.returncode == 0, answered.stderr
        ground = Ground(checkout, json.loads(answered.stdout))
        ground.rows(TABLE)
        ground.rows("DELETE FROM django_q_schedule")
        yield ground
