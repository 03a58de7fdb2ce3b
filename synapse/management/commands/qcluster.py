"""`manage.py qcluster`: django-q's worker, whose processes end with it even where it is killed.

Without this a killed cluster leaves its sentinel and workers behind, still taking tasks. Started by supervise_jobs, its
workers also tell their supervisor that they live.
"""

from typing import Any

from django.core.management import CommandError
from django_q.management.commands.qcluster import Command as ClusterCommand

from synapse.foundation.pgbouncer import pgbouncer_refusal
from synapse.foundation.processes.parent_death import end_children_with_this_process
from synapse.kit.jobs.cluster.heartbeat import answer_with_every_task
from synapse.kit.jobs.cluster.worker_marks import mark_workers


class Command(ClusterCommand):  # type: ignore[misc]  # django-q is untyped
    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := pgbouncer_refusal("The workers"):
            raise CommandError(refusal)
        end_children_with_this_process()
        mark_workers()
        answer_with_every_task()
        super().handle(*args, **options)
