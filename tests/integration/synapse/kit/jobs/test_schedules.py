"""Schedules: made by code, moved by operators, kept up to date by the next version's code."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import Schedule

from synapse.kit.jobs.models import ScheduledCron
from synapse.kit.jobs.performing import perform_tick
from synapse.kit.jobs.schedules import ensure_schedules, find_job_schedule
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 07:00 in Bucharest


def test_schedule_is_made_once_by_the_clock_of_the_pages(make_job: Make) -> None:
    make_job(cron="0 6-22/4 * * *", time_limit=timedelta(minutes=10))
    make_job(name="on demand")

    ensure_schedules(NOW)
    ensure_schedules(NOW)

    schedule = Schedule.objects.get()
    assert schedule.next_run == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert schedule.func == f"{perform_tick.__module__}.{perform_tick.__name__}"
    assert (schedule.args, schedule.intended_date_kwarg) == ("('count',)", "intended")
    assert "'timeout': 600" in schedule.kwargs


def test_operators_time_survives_a_new_version(make_job: Make) -> None:
    job = make_job(cron="0 6 * * *")
    ensure_schedules(NOW)
    theirs = NOW + timedelta(hours=9)
    Schedule.objects.update(cron="0 16 * * *", next_run=theirs)

    object.__setattr__(job, "cron", "0 7 * * *")
    object.__setattr__(job, "title", "Count better")
    ensure_schedules(NOW)

    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.next_run, schedule.name) == ("0 16 * * *", theirs, "Count better")


def test_time_no_operator_changed_follows_the_new_version(make_job: Make) -> None:
    job = make_job(cron="0 6 * * *")
    ensure_schedules(NOW)

    object.__setattr__(job, "cron", "0 9 * * *")
    ensure_schedules(NOW)

    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.next_run) == ("0 9 * * *", datetime(2026, 11, 23, 7, 0, tzinfo=UTC))


def test_end_an_operator_set_stays(make_job: Make) -> None:
    make_job(cron="0 6 * * *")
    ensure_schedules(NOW)
    Schedule.objects.update(repeats=0)

    ensure_schedules(NOW)

    assert Schedule.objects.get().repeats == 0


def test_schedule_of_a_function_the_job_replaces_is_taken_over_with_its_time(make_job: Make) -> None:
    Schedule.objects.create(func="old.jobs.count", schedule_type=Schedule.DAILY, next_run=NOW)
    job = make_job(cron="0 6 * * *", formerly=("old.jobs.count",))

    ensure_schedules(NOW)

    schedule = Schedule.objects.get()
    assert schedule == find_job_schedule(job)
    assert (schedule.schedule_type, schedule.next_run) == (Schedule.DAILY, NOW)


class TestScheduleOfVersion01:
    """Its schedules name the tick's function by the name it had then."""

    @pytest.fixture(autouse=True)
    def former(self) -> Schedule:
        """Make the schedule that version 0.1 made for the job `count`, due daily at six."""
        ScheduledCron.objects.create(job="count", cron="0 6 * * *")
        Schedule.objects.bulk_create(
            [
                Schedule(
                    name="Count something",
                    func="synapse.job_base.performing.perform_tick",
                    args="('count',)",
                    kwargs="{'q_options': {'timeout': 300, 'ack_failure': False, 'group': 'count'}}",
                    intended_date_kwarg="intended",
                    schedule_type=Schedule.CRON,
                    cron="0 6 * * *",
                    next_run=NOW + timedelta(hours=23),
                    repeats=-1,
                )
            ]
        )
        return Schedule.objects.get()

    def test_it_is_taken_over_and_calls_the_present_function(self, make_job: Make, former: Schedule) -> None:
        job = make_job(cron="0 6 * * *")
        assert find_job_schedule(job) == former

        ensure_schedules(NOW)
        ensure_schedules(NOW)

        schedule = Schedule.objects.get()
        assert (schedule, find_job_schedule(job)) == (former, former)
        assert schedule.func == "synapse.kit.jobs.performing.perform_tick"
        assert (schedule.cron, schedule.next_run) == ("0 6 * * *", former.next_run)

    def test_it_keeps_its_operators_time_and_end(self, make_job: Make, former: Schedule) -> None:
        theirs = NOW + timedelta(hours=9)
        Schedule.objects.update(cron="0 16 * * *", next_run=theirs, repeats=0)
        make_job(cron="0 7 * * *")

        ensure_schedules(NOW)

        schedule = Schedule.objects.get()
        assert schedule == former
        assert (schedule.cron, schedule.next_run, schedule.repeats) == ("0 16 * * *", theirs, 0)
        assert schedule.func == "synapse.kit.jobs.performing.perform_tick"

    def test_time_no_operator_changed_follows_the_job(self, make_job: Make) -> None:
        make_job(cron="0 9 * * *")

        ensure_schedules(NOW)

        schedule = Schedule.objects.get()
        assert (schedule.cron, schedule.next_run) == ("0 9 * * *", datetime(2026, 11, 23, 7, 0, tzinfo=UTC))

    def test_schedule_of_another_job_is_left_alone(self, make_job: Make, former: Schedule) -> None:
        make_job(name="other", cron="0 6 * * *")

        ensure_schedules(NOW)

        assert Schedule.objects.count() == 2
        former.refresh_from_db()
        assert former.func == "synapse.job_base.performing.perform_tick"
