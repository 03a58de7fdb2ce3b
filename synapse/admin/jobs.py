"""The pages of django-q's schedules and tasks, in the theme.

What lives here: how they look. What does not: the jobs themselves (each app's jobs), the worker (synapse.supervisor).
"""

from django.contrib import admin
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


@admin.register(Schedule)
class ThemedScheduleAdmin(ScheduleAdmin, ModelAdmin):
    """What runs by itself, and when next."""


@admin.register(Success)
class ThemedTaskAdmin(TaskAdmin, ModelAdmin):
    """Tasks that ended well."""


@admin.register(Failure)
class ThemedFailAdmin(FailAdmin, ModelAdmin):
    """Tasks that failed."""


@admin.register(OrmQ)
class ThemedQueueAdmin(QueueAdmin, ModelAdmin):
    """Tasks that wait for a worker."""
