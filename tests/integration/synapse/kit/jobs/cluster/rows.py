"""Rows for the tests of the cluster: processes that are dead or alive, runs, messages, clusters."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from synapse.kit.jobs.job import Job
from synapse.kit.jobs.messages import TICK, send_message
from synapse.kit.jobs.models import JobRun, WorkerCluster

TAKEN_FOR = timedelta(seconds=Conf.RETRY)


def dead_process() -> int:
    """Return the id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def make_run(job: Job, **columns: Any) -> JobRun:
    """Make a run at work in this process, or as the columns say."""
    at_work: dict[str, Any] = {
        "state": JobRun.State.RUNNING,
        "attempts": 1,
        "started_at": timezone.now(),
        "host": socket.gethostname(),
        "process_id": os.getpid(),
    }
    return JobRun.objects.create(job=job.name, key=f"{job.name} {uuid4()}", **(at_work | columns))


def message_of(run: JobRun, job: Job) -> OrmQ:
    """Make the run's message, taken by a worker just now."""
    send_message(run, job)
    return _taken(OrmQ.objects.latest("pk"))


def tick_message(job: Job, intended: str) -> OrmQ:
    """Make the message of a schedule's tick, taken by a worker just now."""
    async_task(TICK, job.name, intended=intended)
    return _taken(OrmQ.objects.latest("pk"))


def other_message() -> OrmQ:
    """Make a message about no run, as an operator's own schedule sends it, taken by a worker just now."""
    async_task("builtins.print", "hello")
    return _taken(OrmQ.objects.latest("pk"))


def is_free(message: OrmQ) -> bool:
    """Say whether a worker may take the message now."""
    message.refresh_from_db()
    assert message.lock is not None
    return bool(message.lock < timezone.now())


def make_cluster(**columns: Any) -> WorkerCluster:
    """Make the row of a cluster whose supervisor is this process, or as the columns say."""
    now = timezone.now()
    living: dict[str, Any] = {
        "host": socket.gethostname(),
        "process_id": os.getpid(),
        "cluster_process_id": os.getpid(),
        "started_at": now,
        "seen_at": now,
        "answered_at": now,
    }
    return WorkerCluster.objects.create(**(living | columns))


def worker_entry(state: str, **entry: Any) -> dict[str, Any]:
    """Return a worker as its cluster's row keeps it."""
    return {"pid": 4711, "state": state, "since": timezone.now().isoformat(), "doing": ""} | entry


def _taken(message: OrmQ) -> OrmQ:
    message.lock = timezone.now() + TAKEN_FOR
    message.save()
    return message
