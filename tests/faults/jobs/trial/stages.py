"""The points of a run's way at which a test may stop it, to kill something just then.

What lives here: the points, and the waiting at one. What does not: the job that passes them (jobs), and who kills
(tests/faults/jobs/struck.py). A run says in its arguments where it is to be stopped, and is stopped there once; the
process that waits says so in a file, and goes on when it finds another.
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models.signals import post_save
from django_q.models import OrmQ
from django_q.signals import post_execute_in_worker, pre_execute

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.cluster.broker import ClusterBroker
from synapse.kit.jobs.messages import PERFORM
from synapse.kit.jobs.models import JobRun

FETCHED: Final = "the message is locked and no worker has it"
"""In the cluster's pusher process, which then hands none on."""
TAKEN: Final = "a worker has the message"
COUNTING: Final = "the attempt is counted and not committed"
BEGUN: Final = "the attempt is counted"
INSIDE: Final = {alias: f"the effect in {alias} is not committed" for alias in ALIASES}
AFTER: Final = {alias: f"the effect in {alias} is committed" for alias in ALIASES}
MARKING: Final = "the good end is not committed"
MARKED: Final = "the good end is committed"
ENDED: Final = "the worker is through with it and has not said so"
IN_WORKERS: Final = (TAKEN, COUNTING, BEGUN, *INSIDE.values(), *AFTER.values(), MARKING, MARKED, ENDED)
RECORDING: Final = "the message is about to leave the queue"
"""In the cluster's monitor process, which then records nothing."""
STAGES: Final = (*IN_WORKERS, RECORDING, FETCHED)

_PATIENCE_SECONDS: Final = 600.0


def reach(stage: str, asked: Mapping[str, Any]) -> None:
    """Wait here, where the run asked for it and was not stopped before; `asked` are its arguments."""
    if asked.get("stop_at") != stage:
        return
    folder = settings.VAR_DIR / "stops" / str(asked["mark"])
    with suppress(FileExistsError):
        folder.mkdir(parents=True)
        (folder / "new").write_text(str(os.getpid()))
        (folder / "new").rename(folder / "waits")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (folder / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.05)


class StoppingBroker(ClusterBroker):
    """The broker, whose two users beside the workers can be stopped too."""

    def dequeue(self) -> Any:
        """Stop the pusher once it has locked a message."""
        taken = super().dequeue()
        for number, _ in taken or ():
            reach(FETCHED, _asked_by(number))
        return taken

    def acknowledge(self, task_id: int) -> Any:
        """Stop the monitor before it takes a message out of the queue."""
        reach(RECORDING, _asked_by(task_id))
        return super().acknowledge(task_id)


def set_stops() -> None:
    """Have the workers stop at the points that a job itself does not pass."""
    pre_execute.connect(_task_begins, dispatch_uid="trial stages")
    post_execute_in_worker.connect(_task_ended, dispatch_uid="trial stages")
    post_save.connect(_run_saved, sender=JobRun, dispatch_uid="trial stages")


def _task_begins(*, task: Mapping[str, Any], **_: object) -> None:
    reach(TAKEN, _asked_in(task))


def _task_ended(*, task: Mapping[str, Any], **_: object) -> None:
    reach(ENDED, _asked_in(task))


def _run_saved(*, instance: JobRun, **_: object) -> None:
    if instance.state == JobRun.State.RUNNING:
        reach(COUNTING, instance.arguments)
    if instance.state == JobRun.State.DONE:
        reach(MARKING, instance.arguments)
        transaction.on_commit(partial(reach, MARKED, instance.arguments), using=BUSINESS_CORE)


def _asked_by(number: int) -> Mapping[str, Any]:
    message = OrmQ.objects.filter(pk=number).first()
    return {} if message is None else _asked_in(message.task)


def _asked_in(task: Mapping[str, Any]) -> Mapping[str, Any]:
    if task.get("func") != PERFORM:
        return {}
    # While PostgreSQL is away nobody is stopped; an exception here would end the worker.
    with suppress(DatabaseError, InterfaceError):
        run = JobRun.objects.using(BUSINESS_CORE).filter(pk=task["args"][0]).first()
        return {} if run is None else run.arguments
    return {}
