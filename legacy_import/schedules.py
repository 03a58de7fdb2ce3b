"""What runs by the clock without anybody asking: made by code, changed by operators.

What lives here: the schedules a fresh database gets. What does not: the jobs (jobs), and running them (qcluster).
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import connections, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule

from legacy_import.jobs import BACKUP_TASK

_BACKUP_CLOCK: Final = time(2, 30)
"""By the pages' clock: nobody works then, and the nightly import has time to come after it."""


def ensure_schedules(now: datetime) -> None:
    """Make the schedules that are missing; one that is there stays as an operator left it, its time or its end too."""
    _ensure(
        BACKUP_TASK,
        {
            "name": "back up the databases, daily",
            "schedule_type": Schedule.DAILY,
            "next_run": _next(_BACKUP_CLOCK, now),
            "repeats": -1,
        },
    )


def _ensure(task: str, columns: Mapping[str, Any]) -> None:
    with transaction.atomic(using=Conf.ORM):
        with connections[Conf.ORM].cursor() as cursor:
            # Two that migrate at once would both find it missing.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse schedules', 0))")
        schedules = Schedule.objects.using(Conf.ORM)
        if not schedules.filter(func=task).exists():
            schedules.create(func=task, **columns)


def _next(clock: time, now: datetime) -> datetime:
    """Return when the clock of the pages next shows that time."""
    local = timezone.localtime(now)
    today = datetime.combine(local.date(), clock, local.tzinfo)
    return today if today > now else datetime.combine(local.date() + timedelta(days=1), clock, local.tzinfo)
