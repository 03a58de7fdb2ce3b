"""Messages in the queue: found by their run, and those of version 0.1 performed under the functions' former names."""

from multiprocessing import Value
from queue import SimpleQueue
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task
from django_q.worker import worker

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.messages import PERFORM, TICK, find_run_messages
from synapse.kit.jobs.models import JobRun
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)

# As version 0.1 stored them; written out, because a constant of today's code would follow its renames.
FORMER_PERFORM = "synapse.job_base.performing.perform"
FORMER_TICK = "synapse.job_base.performing.perform_tick"

INTENDED = "2026-11-23T06:00:00+02:00"


class Counter:
    """A job that counts its attempts, and its effects done."""

    def __init__(self) -> None:
        self.attempts = self.effects = 0

    def __call__(self, work: Any) -> None:
        self.attempts += 1
        with work.idempotent_step("default") as is_first:
            self.effects += is_first


def queue_message(func: str, *arguments: str, **named: str) -> OrmQ:
    async_task(func, *arguments, **named)
    return OrmQ.objects.latest("pk")


def work_off(message: OrmQ) -> Any:
    """Have django-q's own worker resolve and call what the stored message names, and return what that returned."""
    tasks, results = SimpleQueue[Any](), SimpleQueue[Any]()
    # `sync` raises where the function can't be resolved, and leaves the connections alone.
    tasks.put(SignedPackage.loads(message.payload) | {"sync": True})
    tasks.put("STOP")
    worker(tasks, results, Value("f", -1), timeout=-1)
    return results.get()["result"]


@pytest.fixture
def counter(make_job: Make) -> Counter:
    made = Counter()
    make_job(made)
    return made


@pytest.mark.parametrize("func", [PERFORM, FORMER_PERFORM])
def test_message_of_a_run_is_found_and_performed_once_under_its_present_and_its_former_name(
    func: str, counter: Counter
) -> None:
    run = JobRun.objects.create(job="count", key="count 1")
    message = queue_message(func, str(run.pk))

    assert find_run_messages(run) == [message]
    assert work_off(message) == "done"
    assert work_off(message) == "count: nothing to do, the run is done."

    run.refresh_from_db()
    assert (counter.attempts, counter.effects, run.state, run.attempts) == (1, 1, JobRun.State.DONE, 1)


@pytest.mark.parametrize("func", [TICK, FORMER_TICK])
def test_message_of_a_tick_is_found_and_performed_once_under_its_present_and_its_former_name(
    func: str, counter: Counter
) -> None:
    message = queue_message(func, "count", intended=INTENDED)

    assert work_off(message) == "done"
    assert work_off(message) == "count: nothing to do, the run is done."

    run = JobRun.objects.get()
    assert find_run_messages(run) == [message]
    assert (run.key, run.state) == (f"count {INTENDED}", JobRun.State.DONE)
    assert (counter.attempts, counter.effects) == (1, 1)


def test_tick_delivered_under_both_names_is_one_run(counter: Counter) -> None:
    work_off(queue_message(FORMER_TICK, "count", intended=INTENDED))
    work_off(queue_message(TICK, "count", intended=INTENDED))

    assert JobRun.objects.count() == 1
    assert counter.attempts == 1


@pytest.mark.usefixtures("counter")
def test_message_about_another_run_or_about_none_is_not_found() -> None:
    now = timezone.now()
    run, other = (JobRun.objects.create(job="count", key=key, queued_at=now) for key in ("count 1", "count 2"))
    queue_message(FORMER_PERFORM, str(other.pk))
    queue_message(FORMER_TICK, "count", intended=INTENDED)
    queue_message("builtins.print", str(run.pk))

    assert find_run_messages(run) == []
