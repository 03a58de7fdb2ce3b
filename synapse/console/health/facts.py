"""The health facts: what the business core's database holds about the queue, the views and the apps' data; one query.

Judged by business_core_parts, stale_data and business_core_metrics. One query, because the line about stale data is on
every page.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connections
from django_q.conf import Conf
from django_q.models import OrmQ

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.models import JobRun
from synapse.kit.panels.health import HEALTH_PROBES

_REFRESH_VIEWS: Final = "refresh-views"
"""The name of the job synapse.console.jobs.refresh_views."""

_SQL: Final = f"""
    SELECT json_build_object(
        'refreshed_at', (SELECT max(finished_at) FROM {JobRun._meta.db_table}
                         WHERE job = %(refresh)s AND state = 'done'),
        'refresh_asked_at', (SELECT min(queued_at) FROM {JobRun._meta.db_table} WHERE job = %(refresh)s),
        'waiting', (SELECT count(*) FROM {OrmQ._meta.db_table} WHERE key = %(queue)s AND lock <= %(now)s),
        'waiting_since', (SELECT min(lock) FROM {OrmQ._meta.db_table} WHERE key = %(queue)s AND lock <= %(now)s),
        'probes', json_build_array(PROBES)
    )
"""
# django-q keeps in `lock` the moment from which on a message may be taken: one whose moment is past is waiting.


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database holds.

    `refreshed_at` is the job's last refresh of the views, `refresh_asked_at` when it was first asked for one. `waiting`
    messages are due and no worker has taken them, the oldest since `waiting_since`. `by_probe` is what each probe's SQL
    gave, by the probe's name.
    """

    refreshed_at: datetime | None = None
    refresh_asked_at: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    by_probe: dict[str, Any] = field(default_factory=dict)


def read_health_facts(now: datetime) -> Facts:
    """Return the facts as of now."""
    probes = HEALTH_PROBES.in_order()
    parameters: dict[str, Any] = {"now": now, "refresh": _REFRESH_VIEWS, "queue": Conf.PREFIX}
    for probe in probes:
        parameters |= probe.facts_parameters
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_SQL.replace("PROBES", ", ".join(probe.facts_sql for probe in probes)), parameters)
        (found,) = cursor.fetchone()
    return Facts(
        refreshed_at=_parse_moment(found["refreshed_at"]),
        refresh_asked_at=_parse_moment(found["refresh_asked_at"]),
        waiting=found["waiting"],
        waiting_since=_parse_moment(found["waiting_since"]),
        by_probe={probe.name: of_probe for probe, of_probe in zip(probes, found["probes"], strict=True)},
    )


def _parse_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
