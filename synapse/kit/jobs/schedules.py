"""When jobs run by themselves: a django-q schedule per job with a cron, made and kept up to date by code.

What lives here: making and mending schedules, and finding those that stop all others.
What does not: a schedule's page (synapse.console.operations.schedule_admin), what a tick does (performing).
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
"""The argument in which django-q hands a tick the time it was meant for: the tick's identity."""


def ensure_schedules(now: datetime) -> None:
    """Make the schedules that are missing, and bring those up to date that no operator has changed.

    An operator's time, pause or end stays; what code owns (which function, with which limits) is written anew.
    """
    with transaction.atomic(using=Conf.ORM):
        with connections[Conf.ORM].cursor() as cursor:
            # Two that migrate at once would both find them missing.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse schedules', 0))")
        for job in all_jobs():
            if job.cron:
                _ensure_schedule(job, now)


def schedule_of(job: Job) -> Schedule | None:
    """Return the job's schedule, None where it runs on demand only."""
    return (
        Schedule.objects.using(Conf.ORM).filter(func__in=TICK_NAMES, args=_tick_arguments(job)).order_by("pk").first()
    )


def unreadable_schedules(now: datetime) -> list[Schedule]:
    """Return the due schedules that django-q's scheduler stumbles over: it then starts no other one either."""
    due = Schedule.objects.using(Conf.ORM).exclude(repeats=0).filter(next_run__lt=now)
    return [schedule for schedule in due.order_by("pk") if not _is_schedule_readable(schedule)]


def _is_schedule_readable(schedule: Schedule) -> bool:
    """Read it as the scheduler does (django_q.scheduler)."""
    try:
        ast.literal_eval(schedule.args or "()")
        _parse_keywords(schedule.kwargs or "{}").get("q_options", {}).get("group")
        if schedule.schedule_type != Schedule.ONCE:
            schedule.calculate_next_run()
    except Exception:  # noqa: BLE001  # what it stumbles over, whatever that is
        return False
    return True


def _parse_keywords(text: str) -> Any:
    with suppress(SyntaxError, ValueError):
        return ast.literal_eval(text)
    with suppress(SyntaxError, ValueError):
        call: Any = ast.parse(f"f({text})").body[0]
        return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.value.keywords}
    return {}


def _ensure_schedule(job: Job, now: datetime) -> None:
    written = ScheduledCron.objects.using(Conf.ORM).filter(job=job.name).first()
    schedule = schedule_of(job) or _taken_over(job)
    if schedule is None:
        # Not a save(), here as below: django-q's puts a time of its own in the place of a new schedule's.
        Schedule.objects.using(Conf.ORM).bulk_create(
            [Schedule(**_code_owned_columns(job), **_cron_columns(job, now), repeats=-1)]
        )
    else:
        is_ours = written is not None and schedule.schedule_type == Schedule.CRON and schedule.cron == written.cron
        changes = _code_owned_columns(job) | (_cron_columns(job, now) if is_ours and schedule.cron != job.cron else {})
        # A schedule's other columns may be changing under a worker's or an operator's hands.
        Schedule.objects.using(Conf.ORM).filter(pk=schedule.pk).update(**changes)
    ScheduledCron.objects.using(Conf.ORM).update_or_create(job=job.name, defaults={"cron": job.cron})


def _taken_over(job: Job) -> Schedule | None:
    """Return the schedule of a function that this job does the work of now, with the time it has."""
    return Schedule.objects.using(Conf.ORM).filter(func__in=job.formerly).order_by("pk").first()


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
