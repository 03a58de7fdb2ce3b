"""The metrics of jobs, workers, sync, validation and notices: all in the business core's database.

What lives here: reading them. What does not: writing them down (metrics).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connections
from prometheus_client.core import Metric

from synapse.console.health.facts import Facts, read_facts
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, cluster_states
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.registry import all_jobs
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.sending import undelivered_mail
from synapse.kit.panels.metric_families import Samples, counter, gauge

# Of each job the newest success: by its index, whatever the table holds.
_LAST_SUCCESS: Final = f"""
    SELECT job.name, run.finished_at, run.seconds
    FROM unnest(%s::text[]) AS job(name)
    CROSS JOIN LATERAL (
        SELECT finished_at, extract(epoch FROM finished_at - started_at) AS seconds
        FROM {JobRun._meta.db_table}
        WHERE job = job.name AND state = 'done' AND finished_at IS NOT NULL
        ORDER BY queued_at DESC LIMIT 1
    ) AS run
"""
_RUNS: Final = f"SELECT job, state, count(*) FROM {JobRun._meta.db_table} GROUP BY job, state"


def core_metrics(now: datetime) -> list[Metric]:
    """Return the families, asked of `default`."""
    facts, clusters = read_facts(now), cluster_states(now)
    return [*_job_metrics(), *_queue_metrics(facts, now), *_worker_metrics(clusters, now), *_data_metrics(facts, now)]


def _job_metrics() -> Iterator[Metric]:
    # No counter: old runs are pruned, and the number falls.
    yield gauge("job_runs", "Runs that are kept, by how they stand.", ["job", "state"], _labelled(_rows(_RUNS)))
    done = _rows(_LAST_SUCCESS, [job.name for job in all_jobs()])
    ends = (([job], finished_at.timestamp()) for job, finished_at, _ in done)
    yield gauge("job_last_success_timestamp_seconds", "When the job last succeeded.", ["job"], ends)
    durations = (([job], float(seconds or 0)) for job, _, seconds in done)
    yield gauge("job_last_success_duration_seconds", "How long that run took.", ["job"], durations)


def _queue_metrics(facts: Facts, now: datetime) -> Iterator[Metric]:
    yield gauge("queue_messages", "Messages that are due and no worker has taken.", [], [([], facts.waiting)])
    age = _seconds(facts.waiting_since, now) if facts.waiting_since else 0.0
    yield gauge("queue_oldest_message_age_seconds", "How long the oldest of them has waited.", [], [([], age)])


def _worker_metrics(clusters: Sequence[ClusterHealth], now: datetime) -> Iterator[Metric]:
    counts = {state: sum(one.state is state for one in clusters) for state in ClusterState}
    yield gauge(
        "worker_clusters",
        "Clusters of workers, by how they stand.",
        ["state"],
        (([state.value], count) for state, count in counts.items()),
    )
    standing = [(_cluster(one), one) for one in clusters if one.state is not ClusterState.STOPPED]
    up = ((labels, sum(worker.is_up for worker in one.workers)) for labels, one in standing)
    yield gauge("workers", "Worker processes that live.", _CLUSTER, up)
    answers = ((labels, one.cluster.answered_at) for labels, one in standing)
    ages = ((labels, _seconds(at, now)) for labels, at in answers if at)
    yield gauge("worker_answer_age_seconds", "Time since a worker last answered.", _CLUSTER, ages)
    seen = ((labels, _seconds(one.cluster.seen_at, now)) for labels, one in standing)
    yield gauge("worker_heartbeat_age_seconds", "Time since the supervisor last wrote that it lives.", _CLUSTER, seen)
    restarts = ((labels, one.cluster.restarts) for labels, one in standing)
    yield counter("worker_restarts", "How often the supervisor started its workers anew.", _CLUSTER, restarts)


def _data_metrics(facts: Facts, now: datetime) -> Iterator[Metric]:
    ages = (([sync.source], _seconds(sync.checked_at, now)) for sync in facts.syncs)
    yield gauge("source_sync_age_seconds", "Time since the legacy file was last looked at.", ["source"], ages)
    failed = (([sync.source], float(bool(sync.error))) for sync in facts.syncs)
    yield gauge("source_sync_failed", "Whether that look went wrong.", ["source"], failed)
    validated_at = [facts.validated_at] if facts.validated_at else []
    passed: Samples = [((), float(facts.validation_passed)) for _ in validated_at]
    yield gauge("validation_passed", "Whether the last validation passed.", [], passed)
    age: Samples = [((), _seconds(at, now)) for at in validated_at]
    yield gauge("validation_age_seconds", "Time since the last validation.", [], age)
    kinds = list(Notice.objects.using(BUSINESS_CORE).open().values_list("kind", flat=True))
    yield gauge("notices_open", "Open notices.", ["kind"], (([kind], kinds.count(kind)) for kind in Kind.values))
    stuck = undelivered_mail(now)
    yield gauge("mails_undelivered", "Mails that could not be sent.", [], [([], stuck.waiting + stuck.refused)])


_CLUSTER: Final = ("host", "process")


def _cluster(standing: ClusterHealth) -> tuple[str, str]:
    return standing.cluster.host, str(standing.cluster.process_id)


def _rows(sql: str, *arguments: Any) -> list[Any]:
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())


def _labelled(rows: list[tuple[str, str, int]]) -> Iterator[tuple[Sequence[str], float]]:
    return (([job, state], count) for job, state, count in rows)


def _seconds(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
