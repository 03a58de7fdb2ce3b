"""The messages in django-q's queue that tell a worker to perform a run.

What lives here: sending one, now or for later. What does not: what a run's row says (queueing, performing).
A message is only a nudge: lost, doubled or late, the run's row decides what happens.
"""

from datetime import datetime
from typing import Final

from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from synapse.job_base.job import Job
from synapse.job_base.models import JobRun

PERFORM: Final = "synapse.job_base.performing.perform"
TICK: Final = "synapse.job_base.performing.perform_tick"

_NAME_LENGTH: Final = 100


def task_options(job: Job) -> dict[str, object]:
    """Return django-q's options for a message of the job.

    A failure is acknowledged: the run's row knows when it is to be tried again, and sends a message of its own.
    """
    return {"timeout": int(job.time_limit.total_seconds()), "ack_failure": True, "group": job.name}


def send(run: JobRun, job: Job, *, not_before: datetime | None = None) -> None:
    """Queue a message for the run, in the caller's transaction; it is delivered from not_before on, at once if None."""
    broker = _DelayedBroker(not_before)
    name = f"{run.job} {run.pk}"[:_NAME_LENGTH]
    async_task(PERFORM, str(run.pk), q_options={"task_name": name, "broker": broker, **task_options(job)})


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
