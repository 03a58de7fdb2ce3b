"""The tables of the jobs: runs, their effects' keys, pauses, what code scheduled, and the processes at work."""

from synapse.job_base.models.job_effect import JobEffect
from synapse.job_base.models.job_pause import JobPause
from synapse.job_base.models.job_run import JobRun
from synapse.job_base.models.scheduled_cron import ScheduledCron
from synapse.job_base.models.worker_cluster import WorkerCluster

__all__ = ["JobEffect", "JobPause", "JobRun", "ScheduledCron", "WorkerCluster"]
