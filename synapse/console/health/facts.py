"""What is written down about the state of the data: one query of the business core's database.

What lives here: reading it. What does not: judging it (core_parts, stale_lines).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connections
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from legacy_import.jobs import SYNC_LEGACY
from legacy_import.models import SourceSync, ValidationRun
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.messages import TICK_NAMES
from synapse.kit.jobs.models import JobPause, JobRun

_REFRESH_VIEWS: Final = "refresh-views"
"""The job's name; it is of a room beside this one (synapse.console.jobs)."""

_SQL: Final = f"""
    SELECT json_build_object(
        'syncs', (SELECT json_agg(json_build_array(source, checked_at, in_step_at, error) ORDER BY source)
                  FROM {SourceSync._meta.db_table}),
        'validation', (SELECT json_build_array(begun_at, passed) FROM {ValidationRun._meta.db_table}
                       ORDER BY begun_at DESC LIMIT 1),
        'passed_at', (SELECT begun_at FROM {ValidationRun._meta.db_table} WHERE passed
                      ORDER BY begun_at DESC LIMIT 1),
        'refreshed_at', (SELECT max(finished_at) FROM {JobRun._meta.db_table}
                         WHERE job = %(refresh)s AND state = 'done'),
        'refresh_asked_at', (SELECT min(queued_at) FROM {JobRun._meta.db_table} WHERE job = %(refresh)s),
        'sync_cron', (SELECT coalesce(cron, '') FROM {Schedule._meta.db_table}
                      WHERE func = ANY(%(ticks)s) AND args = %(sync_arguments)s AND repeats <> 0 ORDER BY id LIMIT 1),
        'paused', (SELECT json_agg(job) FROM {JobPause._meta.db_table}),
        'waiting', (SELECT count(*) FROM {OrmQ._meta.db_table} WHERE key = %(queue)s AND lock <= %(now)s),
        'waiting_since', (SELECT min(lock) FROM {OrmQ._meta.db_table} WHERE key = %(queue)s AND lock <= %(now)s)
    )
"""


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """What SourceSync says of one source."""

    source: str
    checked_at: datetime
    in_step_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is written down.

    `validated_at` and `validation_passed` tell of the last validation, `passed_at` of the last one that passed.
    `refreshed_at` is the job's last refresh of the views, `refresh_asked_at` when it was first asked for one.
    `sync_cron` is None where nobody has the legacy changes pulled in by the clock. `waiting` messages are due and no
    worker has taken them, the oldest since `waiting_since`.
    """

    syncs: tuple[SyncFacts, ...] = ()
    validated_at: datetime | None = None
    validation_passed: bool = True
    passed_at: datetime | None = None
    refreshed_at: datetime | None = None
    refresh_asked_at: datetime | None = None
    sync_cron: str | None = None
    paused: frozenset[str] = field(default_factory=frozenset)
    waiting: int = 0
    waiting_since: datetime | None = None


def read_facts(now: datetime) -> Facts:
    """Return what is written down, as of now."""
    with connections[BUSINESS_CORE].cursor() as cursor:
        arguments = {"now": now, "ticks": list(TICK_NAMES), "refresh": _REFRESH_VIEWS, "queue": Conf.PREFIX}
        cursor.execute(_SQL, {**arguments, "sync_arguments": repr((SYNC_LEGACY.name,))})
        (found,) = cursor.fetchone()
    return _facts(found)


def _facts(found: Mapping[str, Any]) -> Facts:
    validated_at, passed = found["validation"] or (None, True)
    return Facts(
        syncs=tuple(_sync(*one) for one in found["syncs"] or ()),
        validated_at=_moment(validated_at),
        validation_passed=passed,
        passed_at=_moment(found["passed_at"]),
        refreshed_at=_moment(found["refreshed_at"]),
        refresh_asked_at=_moment(found["refresh_asked_at"]),
        sync_cron=found["sync_cron"],
        paused=frozenset(found["paused"] or ()),
        waiting=found["waiting"],
        waiting_since=_moment(found["waiting_since"]),
    )


def _sync(source: str, checked_at: str, in_step_at: str | None, error: str) -> SyncFacts:
    return SyncFacts(source, datetime.fromisoformat(checked_at), _moment(in_step_at), error)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
