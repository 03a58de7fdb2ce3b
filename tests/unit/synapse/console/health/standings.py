"""Clusters and facts that no database holds, for tests of judging."""

from datetime import UTC, datetime, timedelta

from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState
from synapse.kit.jobs.models import WorkerCluster

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def cluster(state: ClusterState, *, answered_at: datetime | None = None) -> ClusterHealth:
    row = WorkerCluster(host="a host", process_id=7, started_at=ago(hours=5), answered_at=answered_at)
    return ClusterHealth(row, state, f"It is {state.value}.", ())
