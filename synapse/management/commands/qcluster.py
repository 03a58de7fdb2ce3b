"""`manage.py qcluster`: django-q's worker, whose processes end with it even where it is killed.

Without this a killed cluster leaves its sentinel and workers behind, still taking tasks. Started by supervise_jobs, its
workers also tell their supervisor that they live.
"""

from typing import Any

from django.core.management import CommandError
from django_q.management.commands.qcluster import Command as ClusterCommand

from synapse.job_base.cluster.beat import answer_with_every_task
from synapse.job_base.cluster.marks import mark_workers
from synapse.parent_death import end_children_with_this_process
from synapse.pgbouncer import pgbouncer_refusal


class Command(ClusterCommand):  # type: ignore[misc]  # django-q is untyped
    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := pgbouncer_refusal("The workers"):
            raise CommandError(refusal)
        end_children_with_this_process()
        mark_workers()
        answer_with_every_task()
        super().handle(*args, **options)
