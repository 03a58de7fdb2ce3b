"""The messages in django-q's queue that tell a worker to perform a run.

What lives here: sending one, now or for later, and finding those there are. What does not: what a run's row says
(queueing, performing).
A message is only a nudge: lost, doubled or late, the run's row decides what happens.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from synapse.kit.jobs.job import Job
from synapse.kit.jobs.models import JobRun

PERFORM: Final = "synapse.kit.jobs.performing.perform"
TICK: Final = "synapse.kit.jobs.performing.perform_tick"
PERFORM_NAMES: Final = (PERFORM, "synapse.job_base.performing.perform")
TICK_NAMES: Final = (TICK, "synapse.job_base.performing.perform_tick")
"""With the names that version 0.1 stored in messages and schedules (synapse.job_base)."""

_NAME_LENGTH: Final = 100


def task_options(job: Job) -> dict[str, object]:
    """Return django-q's options for a message of the job, a tick's above all: what nobody could record comes again.

    A failed attempt is recorded, and no failure for django-q: the run's row knows when it is to be tried again.
    """
    return {"timeout": int(job.time_limit.total_seconds()), "ack_failure": False, "group": job.name}


def send_message(run: JobRun, job: Job, *, not_before: datetime | None = None) -> None:
    """Queue a message for the run, in the caller's transaction; it is delivered from not_before on, at once if None."""
    broker = _DelayedBroker(not_before)
    name = f"{run.job} {run.pk}"[:_NAME_LENGTH]
    # Its run is there already, so that one which got lost is missed, and sent again (cluster.freeing).
    options = {**task_options(job), "task_name": name, "broker": broker, "ack_failure": True}
    async_task(PERFORM, str(run.pk), q_options=options)


def send_message_unless_waiting(run: JobRun, job: Job, *, not_before: datetime) -> None:
    """Queue a message for the run as of then, unless one can be taken by then anyway; a worker's own is none such."""
    if not any(message.lock <= not_before for message in messages_of(run)):
        send_message(run, job, not_before=not_before)


def messages_of(run: JobRun) -> list[OrmQ]:
    """Return the messages about the run, waiting or taken, the oldest first."""
    messages = OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME).order_by("pk")
    return [row for row in messages if run_lookup(row.task) in ({"pk": run.pk}, {"key": run.key})]


def run_lookup(task: dict[str, Any]) -> dict[str, Any] | None:
    """Return how to find the run that a message is about; None where it is about none."""
    arguments, named = list(task.get("args") or ()), dict(task.get("kwargs") or {})
    if task.get("func") in PERFORM_NAMES and arguments:
        return {"pk": UUID(str(arguments[0]))}
    if task.get("func") in TICK_NAMES:
        tick = dict(zip(("name", "intended"), arguments, strict=False)) | named
        return {"key": f"{tick.get('name')} {tick.get('intended')}"}
    return None


class _DelayedBroker(ORM):  # type: ignore[misc]  # django-q is untyped
    """The ORM broker, whose messages may wait: one is taken only once its lock is past."""

    def __init__(self, not_before: datetime | None) -> None:
        super().__init__()
        self._not_before = not_before

    def enqueue(self, task: str) -> int:
        number: int = super().enqueue(task)
        if self._not_before is not None:
            OrmQ.objects.using(Conf.ORM).filter(pk=number).update(lock=self._not_before)
        return number
