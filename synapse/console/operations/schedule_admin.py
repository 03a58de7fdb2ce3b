"""The admin pages of django-q's schedules and messages, in the theme.

Of a schedule only the time can be changed (schedule_form): a worker calls whatever function a schedule names, so nobody
may write one here.
"""

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from synapse.console.operations.schedule_form import JobTimeForm, describe_default_timing, is_job_schedule
from synapse.kit.admin.export_pages import ExportPages
from synapse.kit.jobs.cron_descriptions import describe_schedule

_TASK_COLUMNS = ["id", "name", "func", "group", "started", "stopped", "success", "attempt_count"]
"""What a task was called with and answered is pickled: nothing for a spreadsheet."""

_JOB_FIELDS: Final = ("name", "cron", "timing_cell", "next_run_cell", "default_timing_cell")
_OTHER_FIELDS: Final = ("name", "func", "args", "kwargs", "hook", "timing_cell", "next_run_cell", "repeats")

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


# django-q would head its page, and call it in messages, by the function: the same one for every job.
Schedule.add_to_class("__str__", lambda schedule: str(schedule.name or schedule.func))


class _ReadOnlyMessages:
    """Of django-q's messages none is added or changed by a person: what stands in one is called."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # as above
        """Nobody changes one."""
        return False


@admin.register(Schedule)
class ThemedScheduleAdmin(ExportPages[Any], ScheduleAdmin, ModelAdmin):
    """What runs by itself, and when next. Of a job's schedule only the time can be changed: code owns the rest."""

    list_display = ("name", "timing_cell", "next_run_cell")
    list_display_links = ("name",)
    list_filter: ClassVar[tuple[str, ...]] = ()
    export_columns = ["id", "name", "func", "schedule_type", "cron", "minutes", "repeats", "next_run"]
    form = JobTimeForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002  # Django's signature
        """Return the time of a job's schedule, or what another one calls."""
        return [(None, {"fields": _JOB_FIELDS if is_job_schedule(obj) else _OTHER_FIELDS})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002  # Django's signature
        """Return what code owns: of a job's schedule all but the time, of another one everything."""
        return [name for name in _JOB_FIELDS if name != "cron"] if is_job_schedule(obj) else _OTHER_FIELDS

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody adds a schedule: a worker runs whatever function of Python one names."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let who may change schedules change a job's time, and nothing of another schedule."""
        return (obj is None or is_job_schedule(obj)) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a job's schedule, which code would only make again: a job is paused instead."""
        return not is_job_schedule(obj) and bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: Any) -> None:  # noqa: ARG002  # as above
        """Save only the time and when it is next due: a worker may be writing the rest."""
        obj.schedule_type, obj.minutes = Schedule.CRON, None
        obj.next_run = obj.calculate_next_run()
        obj.save(update_fields=["schedule_type", "cron", "minutes", "next_run"])

    def response_change(self, request: HttpRequest, obj: Schedule) -> HttpResponse:
        """Say when the job runs from now on."""
        messages.info(
            request, f"{obj.name} runs {describe_schedule(obj)} from now on, next at {_format_next_run(obj)}."
        )
        response: HttpResponse = super().response_change(request, obj)
        return response

    @admin.display(description="When")
    def timing_cell(self, schedule: Schedule) -> str:
        """Return when it runs, in words."""
        return describe_schedule(schedule)

    @admin.display(description="Next run", ordering="next_run")
    def next_run_cell(self, schedule: Schedule) -> str:
        """Return when it runs next, by the pages' clock."""
        return _format_next_run(schedule)

    @admin.display(description="The program's own time")
    def default_timing_cell(self, schedule: Schedule) -> str:
        """Return what the program would have, and whether it is followed."""
        return describe_default_timing(schedule)


@admin.register(Success)
class ThemedTaskAdmin(_ReadOnlyMessages, ExportPages[Any], TaskAdmin, ModelAdmin):
    """Messages that went well. To look at: a job is run again on the page Operations."""

    actions = None
    export_columns = _TASK_COLUMNS


@admin.register(Failure)
class ThemedFailAdmin(_ReadOnlyMessages, ExportPages[Any], FailAdmin, ModelAdmin):
    """Messages that failed. To look at: a run is tried again on the page Operations."""

    actions = None
    export_columns = _TASK_COLUMNS


@admin.register(OrmQ)
class ThemedQueueAdmin(_ReadOnlyMessages, ExportPages[Any], QueueAdmin, ModelAdmin):
    """Messages that wait for a worker."""

    export_columns = ["id", "key", "lock"]


def _format_next_run(schedule: Schedule) -> str:
    return f"{timezone.localtime(schedule.next_run):%Y-%m-%d %H:%M}" if schedule.next_run else "never"
