"""The schedules of jobs: a django-q schedule per job with a cron, made and kept up to date by code.

Called by `migrate_all`, idempotent. A schedule's page is synapse.console.operations.schedule_admin; a tick, what a due
schedule queues, is performed by performing.perform_tick.
"""

import ast
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from croniter import croniter
from django.db import connections, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule

from synapse.kit.jobs.job import Job
from synapse.kit.jobs.messages import TICK, TICK_NAMES, task_options
from synapse.kit.jobs.models import ScheduledCron
from synapse.kit.jobs.registry import all_jobs

INTENDED: Final = "intended"
"""The argument in which django-q passes a tick the time it was due: with the job's name, its idempotency key."""


def ensure_schedules(now: datetime) -> None:
    """Upsert the schedule of every job with a cron: insert missing ones, update what code owns of the others.

    Code owns which function is called, with which arguments and limits. An operator's time, pause or end stays; a time
    that code wrote (ScheduledCron) follows the job's cron.
    """
    with transaction.atomic(using=Conf.ORM):
        with connections[Conf.ORM].cursor() as cursor:
            # An advisory lock: two that migrate at once would both find the schedules missing.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse schedules', 0))")
        for job in all_jobs():
            if job.cron:
                _ensure_schedule(job, now)


def find_job_schedule(job: Job) -> Schedule | None:
    """Return the job's schedule, None where it runs on demand only."""
    return (
        Schedule.objects.using(Conf.ORM).filter(func__in=TICK_NAMES, args=_tick_arguments(job)).order_by("pk").first()
    )


def unreadable_schedules(now: datetime) -> list[Schedule]:
    """Return the due schedules on which django-q's scheduler fails: it then starts none of the others either."""
    due = Schedule.objects.using(Conf.ORM).exclude(repeats=0).filter(next_run__lt=now)
    return [schedule for schedule in due.order_by("pk") if not _is_schedule_readable(schedule)]


def _is_schedule_readable(schedule: Schedule) -> bool:
    """Say whether the schedule can be read as the scheduler does (django_q.scheduler)."""
    try:
        ast.literal_eval(schedule.args or "()")
        _parse_schedule_kwargs(schedule.kwargs or "{}").get("q_options", {}).get("group")
        if schedule.schedule_type != Schedule.ONCE:
            schedule.calculate_next_run()
    except Exception:  # noqa: BLE001  # whatever the scheduler would fail on
        return False
    return True


def _parse_schedule_kwargs(text: str) -> Any:
    # In django-q's order: a dict, else the inside of a call ("a=1, b=2"), else nothing.
    with suppress(SyntaxError, ValueError):
        return ast.literal_eval(text)
    with suppress(SyntaxError, ValueError):
        call: Any = ast.parse(f"f({text})").body[0]
        return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.value.keywords}
    return {}


def _ensure_schedule(job: Job, now: datetime) -> None:
    written = ScheduledCron.objects.using(Conf.ORM).filter(job=job.name).first()
    # `formerly`: the schedule of a function that this job replaces is taken over, with the time it has.
    schedule = find_job_schedule(job) or (
        Schedule.objects.using(Conf.ORM).filter(func__in=job.formerly).order_by("pk").first()
    )
    if schedule is None:
        # Not a save(), here as below: django-q's replaces a new schedule's next_run by a time of its own.
        Schedule.objects.using(Conf.ORM).bulk_create(
            [Schedule(**_code_owned_columns(job), **_cron_columns(job, now), repeats=-1)]
        )
    else:
        is_ours = written is not None and schedule.schedule_type == Schedule.CRON and schedule.cron == written.cron
        changes = _code_owned_columns(job) | (_cron_columns(job, now) if is_ours and schedule.cron != job.cron else {})
        # Only these columns: a worker or an operator may be writing the others at this moment.
        Schedule.objects.using(Conf.ORM).filter(pk=schedule.pk).update(**changes)
    ScheduledCron.objects.using(Conf.ORM).update_or_create(job=job.name, defaults={"cron": job.cron})


def _code_owned_columns(job: Job) -> dict[str, Any]:
    return {
        "name": job.title,
        "func": TICK,
        "args": _tick_arguments(job),
        "kwargs": repr({"q_options": task_options(job)}),
        "intended_date_kwarg": INTENDED,
    }


def _cron_columns(job: Job, now: datetime) -> dict[str, Any]:
    return {
        "schedule_type": Schedule.CRON,
        "cron": job.cron,
        "next_run": croniter(job.cron, timezone.localtime(now)).get_next(datetime),
    }


def _tick_arguments(job: Job) -> str:
    return repr((job.name,))
