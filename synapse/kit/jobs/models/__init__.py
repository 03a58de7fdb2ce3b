"""The tables of the jobs: runs, idempotency keys of effects, pauses, what code scheduled, supervisors."""

from synapse.kit.jobs.models.job_effect import JobEffect
from synapse.kit.jobs.models.job_pause import JobPause
from synapse.kit.jobs.models.job_run import JobRun
from synapse.kit.jobs.models.scheduled_cron import ScheduledCron
from synapse.kit.jobs.models.worker_cluster import WorkerCluster

__all__ = ["JobEffect", "JobPause", "JobRun", "ScheduledCron", "WorkerCluster"]
