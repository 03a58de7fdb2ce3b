"""The metrics that the business core's database answers for: jobs, workers, the apps' data, notices, mails."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connections
from prometheus_client.core import Metric

from synapse.console.health.facts import Facts, read_health_facts
from synapse.foundation.containment import contain_errors
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, read_cluster_health
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.registry import all_jobs
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.sending import undelivered_mail
from synapse.kit.panels.health import HEALTH_PROBES
from synapse.kit.panels.metric_families import counter_family, gauge_family, seconds_since

# A lateral join reads one job's newest success by the index on (job, queued_at), however many runs are kept.
_LAST_SUCCESS_SQL: Final = f"""
    SELECT job.name, run.finished_at, run.seconds
    FROM unnest(%s::text[]) AS job(name)
    CROSS JOIN LATERAL (
        SELECT finished_at, extract(epoch FROM finished_at - started_at) AS seconds
        FROM {JobRun._meta.db_table}
        WHERE job = job.name AND state = 'done' AND finished_at IS NOT NULL
        ORDER BY queued_at DESC LIMIT 1
    ) AS run
"""
_RUNS_SQL: Final = f"SELECT job, state, count(*) FROM {JobRun._meta.db_table} GROUP BY job, state"

_PER_CLUSTER: Final = ("host", "process")


def business_core_metrics(now: datetime) -> list[Metric]:
    """Return the metric families read from the business core's database."""
    facts, clusters = read_health_facts(now), read_cluster_health(now)
    queue_age = seconds_since(facts.waiting_since, now) if facts.waiting_since else 0.0
    kinds = list(Notice.objects.using(BUSINESS_CORE).open().values_list("kind", flat=True))
    stuck = undelivered_mail(now)
    states = (([job, state], count) for job, state, count in _fetch_rows(_RUNS_SQL))
    done = _fetch_rows(_LAST_SUCCESS_SQL, [job.name for job in all_jobs()])
    ends = (([job], finished_at.timestamp()) for job, finished_at, _ in done)
    durations = (([job], float(seconds or 0)) for job, _, seconds in done)
    return [
        # A gauge, no counter: old runs are pruned, and the number falls.
        gauge_family("job_runs", "Runs that are kept, by how they stand.", ["job", "state"], states),
        gauge_family("job_last_success_timestamp_seconds", "When the job last succeeded.", ["job"], ends),
        gauge_family("job_last_success_duration_seconds", "How long that run took.", ["job"], durations),
        gauge_family("queue_messages", "Messages that are due and no worker has taken.", [], [([], facts.waiting)]),
        gauge_family(
            "queue_oldest_message_age_seconds", "How long the oldest of them has waited.", [], [([], queue_age)]
        ),
        *_worker_metrics(clusters, now),
        *_probe_metrics(facts, now),
        gauge_family("notices_open", "Open notices.", ["kind"], (([kind], kinds.count(kind)) for kind in Kind.values)),
        gauge_family("mails_undelivered", "Mails that could not be sent.", [], [([], stuck.waiting + stuck.refused)]),
    ]


def _probe_metrics(facts: Facts, now: datetime) -> list[Metric]:
    """Return what the apps' probes measure; the families of one that fails are missing, and the log says why."""
    families: list[Metric] = []
    for probe in HEALTH_PROBES.in_order():
        with contain_errors(f"metrics of {probe.name}"):
            families += list(probe.metrics(facts.by_probe[probe.name], now))
    return families


def _worker_metrics(clusters: Sequence[ClusterHealth], now: datetime) -> Iterator[Metric]:
    counts = {state: sum(one.state is state for one in clusters) for state in ClusterState}
    yield gauge_family(
        "worker_clusters",
        "Clusters of workers, by how they stand.",
        ["state"],
        (([state.value], count) for state, count in counts.items()),
    )
    standing = [
        ((one.cluster.host, str(one.cluster.process_id)), one)
        for one in clusters
        if one.state is not ClusterState.STOPPED
    ]
    up = ((labels, sum(worker.is_up for worker in one.workers)) for labels, one in standing)
    yield gauge_family("workers", "Worker processes that live.", _PER_CLUSTER, up)
    answers = ((labels, one.cluster.answered_at) for labels, one in standing)
    ages = ((labels, seconds_since(at, now)) for labels, at in answers if at)
    yield gauge_family("worker_answer_age_seconds", "Time since a worker last answered.", _PER_CLUSTER, ages)
    seen = ((labels, seconds_since(one.cluster.seen_at, now)) for labels, one in standing)
    yield gauge_family(
        "worker_heartbeat_age_seconds", "Time since the supervisor last wrote that it lives.", _PER_CLUSTER, seen
    )
    restarts = ((labels, one.cluster.restarts) for labels, one in standing)
    yield counter_family(
        "worker_restarts", "How often the supervisor started its workers anew.", _PER_CLUSTER, restarts
    )


def _fetch_rows(sql: str, *arguments: Any) -> list[Any]:
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())
