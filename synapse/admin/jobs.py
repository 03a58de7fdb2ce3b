"""The pages of django-q's schedules and messages, in the theme.

What lives here: how they look, and who may change what of a schedule. What does not: the jobs themselves (each app's
jobs), how they fare (synapse.job_monitor), the form of a job's time (job_time_form.py).
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from synapse.admin.job_time_form import JobTimeForm, is_of_job, own_time
from synapse.admin_base.export_pages import ExportPages
from synapse.job_base.cron_words import schedule_words

_OF_TASKS = ["id", "name", "func", "group", "started", "stopped", "success", "attempt_count"]
"""What a task was called with and answered is pickled: nothing for a spreadsheet."""

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


@admin.register(Schedule)
class ThemedScheduleAdmin(ExportPages[Any], ScheduleAdmin, ModelAdmin):
    """What runs by itself, and when next. Of a job's schedule only the time can be changed: code owns the rest."""

    list_display = ("name", "in_words", "next_run")
    list_display_links = ("name",)
    list_filter: ClassVar[tuple[str, ...]] = ()
    export_columns = ["id", "name", "func", "schedule_type", "cron", "minutes", "repeats", "next_run"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = False, **kwargs: Any) -> Any:  # noqa: FBT002
        """Return the form: of a job's schedule the one for its time."""
        if is_of_job(obj):
            kwargs["form"] = JobTimeForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a job's schedule, or all of django-q's."""
        if is_of_job(obj):
            return [(None, {"fields": ["name", "cron", "in_words", "next_run", "programs_time"]})]
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002  # Django's signature
        """Return what code owns of a job's schedule."""
        return ["name", "in_words", "next_run", "programs_time"] if is_of_job(obj) else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let who may change schedules change a job's time; who changes what a schedule calls may also add one."""
        may_change: bool = super().has_change_permission(request, obj)
        return may_change and (obj is None or is_of_job(obj) or self.has_add_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a job's schedule, which code would only make again: a job is paused instead."""
        return not is_of_job(obj) and bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: Any) -> None:
        """Save the schedule; of a job's only its time and when it is next due: a worker may be writing the rest."""
        if not is_of_job(obj):
            super().save_model(request, obj, form, change)
            return
        obj.schedule_type, obj.minutes = Schedule.CRON, None
        obj.next_run = obj.calculate_next_run()
        obj.save(update_fields=["schedule_type", "cron", "minutes", "next_run"])

    def response_change(self, request: HttpRequest, obj: Schedule) -> HttpResponse:
        """Say when the job runs from now on."""
        if is_of_job(obj):
            when = f"{timezone.localtime(obj.next_run):%Y-%m-%d %H:%M}"
            messages.info(request, f"{obj.name} runs {schedule_words(obj)} from now on, next at {when}.")
        response: HttpResponse = super().response_change(request, obj)
        return response

    @admin.display(description="When")
    def in_words(self, schedule: Schedule) -> str:
        """Return when it runs, in words."""
        return schedule_words(schedule)

    @admin.display(description="The program's own time")
    def programs_time(self, schedule: Schedule) -> str:
        """Return what the program would have, and whether it is followed."""
        return own_time(schedule)


@admin.register(Success)
class ThemedTaskAdmin(ExportPages[Any], TaskAdmin, ModelAdmin):
    """Messages that went well. To look at: a job is run again on the page Operations."""

    actions = None
    export_columns = _OF_TASKS


@admin.register(Failure)
class ThemedFailAdmin(ExportPages[Any], FailAdmin, ModelAdmin):
    """Messages that failed. To look at: a run is tried again on the page Operations."""

    actions = None
    export_columns = _OF_TASKS


@admin.register(OrmQ)
class ThemedQueueAdmin(ExportPages[Any], QueueAdmin, ModelAdmin):
    """Messages that wait for a worker."""

    export_columns = ["id", "key", "lock"]
