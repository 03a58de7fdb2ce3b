"""`manage.py qcluster`: django-q's cluster of workers, whose processes end with it even where it is killed.

Without this a killed cluster leaves orphan processes behind, a sentinel and workers that still take tasks. Started by
supervise_jobs, its workers also leave marks and answer heartbeats.
"""

from typing import Any

from django.core.management import CommandError
from django_q.management.commands.qcluster import Command as ClusterCommand

from synapse.foundation.pgbouncer import pgbouncer_refusal
from synapse.foundation.processes.parent_death import end_children_with_this_process
from synapse.kit.jobs.cluster.heartbeat import connect_task_answers
from synapse.kit.jobs.cluster.worker_marks import connect_worker_marks


class Command(ClusterCommand):  # type: ignore[misc]  # django-q is untyped
    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := pgbouncer_refusal("The workers"):
            raise CommandError(refusal)
        # All three before the cluster forks: they hold for processes forked from now on.
        end_children_with_this_process()
        connect_worker_marks()
        connect_task_answers()
        super().handle(*args, **options)
