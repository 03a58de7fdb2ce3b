"""`manage.py qcluster`: django-q's worker, whose processes end with it even where it is killed.

Without this a killed cluster leaves its sentinel and workers behind, still taking tasks.
"""

from typing import Any

from django_q.management.commands.qcluster import Command as ClusterCommand

from synapse.parent_death import end_children_with_this_process


class Command(ClusterCommand):  # type: ignore[misc]  # django-q is untyped
    def handle(self, *args: Any, **options: Any) -> None:
        end_children_with_this_process()
        super().handle(*args, **options)
