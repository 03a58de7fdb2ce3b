"""The pages of django-q's schedules and tasks, in the theme.

What lives here: how they look. What does not: the jobs themselves (each app's jobs), the worker (synapse.supervisor).
"""

from typing import Any

from django.contrib import admin
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from synapse.admin_base.export_pages import ExportPages

_OF_TASKS = ["id", "name", "func", "group", "started", "stopped", "success", "attempt_count"]
"""What a task was called with and answered is pickled: nothing for a spreadsheet."""

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


@admin.register(Schedule)
class ThemedScheduleAdmin(ExportPages[Any], ScheduleAdmin, ModelAdmin):
    """What runs by itself, and when next."""

    export_columns = ["id", "name", "func", "schedule_type", "cron", "minutes", "repeats", "next_run"]


@admin.register(Success)
class ThemedTaskAdmin(ExportPages[Any], TaskAdmin, ModelAdmin):
    """Tasks that ended well."""

    export_columns = _OF_TASKS


@admin.register(Failure)
class ThemedFailAdmin(ExportPages[Any], FailAdmin, ModelAdmin):
    """Tasks that failed."""

    export_columns = _OF_TASKS


@admin.register(OrmQ)
class ThemedQueueAdmin(ExportPages[Any], QueueAdmin, ModelAdmin):
    """Tasks that wait for a worker."""

    export_columns = ["id", "key", "lock"]
