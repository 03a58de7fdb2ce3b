"""Schedules on two clusters, with every message doubled and schedulers that race and die: each tick one run, once.

What lives here: ticks. What does not: runs that somebody asked for (test_strikes, test_storms).
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.jobs.struck import Machine, temporary_machine
from tests.faults.jobs.supervised import SETTINGS, kill
from tests.reliability import Tally

if TYPE_CHECKING:
    from subprocess import Popen

pytestmark = pytest.mark.faults

_TICKS: Final = 10
_COPIES: Final = 3

# What a cluster's sentinel does every half minute, several times a second.
_SCHEDULER: Final = """
import time
import django
django.setup()
from django_q.brokers import get_broker
from django_q.scheduler import scheduler
while True:
    scheduler(broker=get_broker())
    time.sleep(0.05)
"""
_SCHEDULE: Final = """
import django
django.setup()
from django_q.models import Schedule
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.registry import get_job
from synapse.kit.jobs.schedules import INTENDED
from synapse.kit.jobs.messages import TICK, task_options
from django.utils import timezone
from datetime import timedelta
job = get_job("trial-thrice")
Schedule.objects.create(func=TICK, args=repr((job.name,)), kwargs=repr({"q_options": task_options(job)}),
                        intended_date_kwarg=INTENDED, schedule_type=Schedule.YEARLY, repeats=-1,
                        next_run=timezone.now() + timedelta(hours=1))
"""
# Delivered thrice from the start, as after a worker that died before its message was taken out of the queue.
_TRIPLED: Final = f"""
CREATE OR REPLACE FUNCTION triple() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.key = 'synapse' AND pg_trigger_depth() = 1 THEN
        INSERT INTO django_q_ormq (key, payload, lock)
        SELECT NEW.key, NEW.payload, NEW.lock FROM generate_series(2, {_COPIES});
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER triple AFTER INSERT ON django_q_ormq FOR EACH ROW EXECUTE FUNCTION triple()
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with temporary_machine() as made:
        yield made


@pytest.fixture(autouse=True)
def schedule(machine: Machine) -> None:
    """A schedule whose next tick is far away, unless a test makes it due."""
    machine.forget()
    completed = machine.ground.checkout.run("-c", _SCHEDULE, DJANGO_SETTINGS_MODULE=SETTINGS)
    assert completed.returncode == 0, completed.stderr


@contextmanager
def _schedulers(machine: Machine, count: int) -> Iterator[list["Popen[str]"]]:
    with ExitStack() as stack:
        running = [
            machine.ground.checkout.start("-c", _SCHEDULER, DJANGO_SETTINGS_MODULE=SETTINGS) for _ in range(count)
        ]
        for process in running:
            stack.callback(process.communicate)
            stack.callback(process.kill)
        yield running


def _make_due(machine: Machine, at: datetime) -> None:
    machine.ground.rows("UPDATE django_q_schedule SET next_run = %s", at)


def _ticks(count: int) -> list[datetime]:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return [first + timedelta(minutes=number) for number in range(count)]


def _assert_one_run_each(machine: Machine, ticks: list[datetime]) -> None:
    runs = machine.ground.rows("SELECT id, key, state FROM job_run")
    assert sorted(run["key"] for run in runs) == sorted(f"trial-thrice {tick.isoformat()}" for tick in ticks)
    assert {run["state"] for run in runs} == {"done"}
    machine.assert_each_once([str(run["id"]) for run in runs])


def test_ticks_delivered_thrice_to_two_clusters_are_one_run_each(machine: Machine, tally: Tally) -> None:
    ground, ticks = machine.ground, _ticks(_TICKS)
    ground.rows(_TRIPLED)
    with machine.outer(), machine.outer(), _schedulers(machine, 2):
        ground.wait_for(lambda: len(ground.answering()) == 2)
        for number, tick in enumerate(ticks, start=1):
            _make_due(machine, tick)
            _wait_until_taken(machine, tick)
            _wait_until_done(machine, number)
        machine.assert_queue_is_empty()
        both = {row["process_id"] for row in ground.rows("SELECT process_id FROM trial_effect")}
    ground.rows("DROP TRIGGER triple ON django_q_ormq")

    assert len(both) > 1
    _assert_one_run_each(machine, ticks)
    assert ground.processes() == []
    tally("ticks of a schedule delivered thrice to two clusters, one run each", len(ticks))


def test_a_tick_whose_scheduler_is_killed_within_its_transaction_is_neither_lost_nor_doubled(
    machine: Machine, tally: Tally
) -> None:
    ground, ticks = machine.ground, _ticks(4)
    with machine.outer():
        ground.wait_until_up()
        for number, tick in enumerate(ticks, start=1):
            _make_due(machine, tick)
            _kill_a_scheduler_at_work(machine)
            with _schedulers(machine, 2):
                _wait_until_done(machine, number)
        machine.assert_queue_is_empty()

    _assert_one_run_each(machine, ticks)
    tally("kill -9 of a scheduler within its transaction", len(ticks))


def test_killing_one_of_two_clusters_doubles_no_tick(machine: Machine, tally: Tally) -> None:
    ground, ticks = machine.ground, _ticks(6)
    with machine.outer(), machine.outer(), _schedulers(machine, 2):
        ground.wait_for(lambda: len(ground.answering()) == 2)
        for number, tick in enumerate(ticks, start=1):
            _make_due(machine, tick)
            _wait_until_taken(machine, tick)
            if number % 2:
                _kill_a_cluster(machine)
            _wait_until_done(machine, number)
        machine.assert_queue_is_empty()

    _assert_one_run_each(machine, ticks)
    tally("kill -9 of one of two clusters during a tick", len(ticks) // 2)


def _wait_until_taken(machine: Machine, tick: datetime) -> None:
    due = "SELECT 1 FROM django_q_schedule WHERE next_run = %s"
    machine.ground.wait_for(lambda: not machine.ground.rows(due, tick))


def _wait_until_done(machine: Machine, count: int) -> None:
    machine.ground.wait_for(lambda: len(machine.ground.rows("SELECT 1 FROM job_run WHERE state = 'done'")) == count)


def _kill_a_cluster(machine: Machine) -> None:
    rows = machine.ground.rows(
        "SELECT cluster_process_id FROM job_worker_cluster WHERE stopped_at IS NULL AND cluster_process_id IS NOT NULL"
    )
    kill(rows[0]["cluster_process_id"])


def _kill_a_scheduler_at_work(machine: Machine) -> None:
    """Kill one that has taken the tick and not committed: a trigger holds it where it writes the message."""
    ground = machine.ground
    ground.rows(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;"
        "CREATE TRIGGER hold AFTER INSERT ON django_q_ormq FOR EACH ROW WHEN (NEW.key = 'synapse')"
        " EXECUTE FUNCTION hold()"
    )
    with _schedulers(machine, 1) as (scheduler,):
        ground.wait_for(lambda: bool(ground.rows(_HELD)))
        kill(scheduler.pid)
    # A server's process notices only once it has something to say.
    ground.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    time.sleep(0.2)
    ground.rows("DROP TRIGGER hold ON django_q_ormq; DROP FUNCTION hold()")


_HELD: Final = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
