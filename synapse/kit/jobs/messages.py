"""The messages in django-q's queue that tell a worker to perform a run: sent, now or for later, and found again.

Delivery is at least once, and a message carries no state: lost, doubled or late, the run's row decides what happens.
The queue is a table of the business core, so a message is sent in the transaction that writes its run's row (an
outbox). A message is leased by its `lock`: one that is in the future hides it, until then (visibility timeout).
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

# Stored in messages and schedules: a function under these names must exist for ever, or what is queued is lost.
PERFORM: Final = "synapse.kit.jobs.performing.perform"
TICK: Final = "synapse.kit.jobs.performing.perform_tick"
PERFORM_NAMES: Final = (PERFORM, "synapse.job_base.performing.perform")
TICK_NAMES: Final = (TICK, "synapse.job_base.performing.perform_tick")
"""Both with the names that version 0.1 stored, which synapse.job_base keeps for one release."""

_NAME_LENGTH: Final = 100


def task_options(job: Job) -> dict[str, object]:
    """Return django-q's options for a message of the job, as a tick's message needs them.

    A task that raises is not acknowledged and so delivered again: it raises only where its attempt could not be
    recorded. A recorded failure is no failure for django-q: the run's row says when it is tried again.
    """
    return {"timeout": int(job.time_limit.total_seconds()), "ack_failure": False, "group": job.name}


def send_message(run: JobRun, job: Job, *, not_before: datetime | None = None) -> None:
    """Queue a message for the run, in the caller's transaction; it is delivered from not_before on, at once if None."""
    broker = _DelayedBroker(not_before)
    name = f"{run.job} {run.pk}"[:_NAME_LENGTH]
    # Acknowledged in any case: the run's row is there, and a run without a message is found and gets one
    # (cluster.requeueing). A tick's message is the only trace of its tick.
    options = {**task_options(job), "task_name": name, "broker": broker, "ack_failure": True}
    async_task(PERFORM, str(run.pk), q_options=options)


def send_message_unless_waiting(run: JobRun, job: Job, *, not_before: datetime) -> None:
    """Queue a message for the run from then on, unless another can be taken by then anyway."""
    # The message that this worker is at is leased for longer, and so not counted.
    if not any(message.lock <= not_before for message in find_run_messages(run)):
        send_message(run, job, not_before=not_before)


def find_run_messages(run: JobRun) -> list[OrmQ]:
    """Return the messages about the run, waiting or taken, the oldest first.

    Reads the whole queue: what a message is about is in its signed payload.
    """
    messages = OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME).order_by("pk")
    return [row for row in messages if run_lookup(row.task) in ({"pk": run.pk}, {"key": run.key})]


def run_lookup(task: dict[str, Any]) -> dict[str, Any] | None:
    """Return the filter that finds the run a message is about, by `pk` or by `key`; None where it is about none."""
    arguments, named = list(task.get("args") or ()), dict(task.get("kwargs") or {})
    if task.get("func") in PERFORM_NAMES and arguments:
        return {"pk": UUID(str(arguments[0]))}
    if task.get("func") in TICK_NAMES:
        # A tick names its job and its time, which are the key of its run; the run's row may not exist yet.
        tick = dict(zip(("name", "intended"), arguments, strict=False)) | named
        return {"key": f"{tick.get('name')} {tick.get('intended')}"}
    return None


class _DelayedBroker(ORM):  # type: ignore[misc]  # django-q is untyped
    """The ORM broker with delayed messages: one is taken only once its lock is in the past."""

    def __init__(self, not_before: datetime | None) -> None:
        super().__init__()
        self._not_before = not_before

    def enqueue(self, task: str) -> int:
        number: int = super().enqueue(task)
        if self._not_before is not None:
            OrmQ.objects.using(Conf.ORM).filter(pk=number).update(lock=self._not_before)
        return number
