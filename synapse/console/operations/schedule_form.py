"""The form in which an operator changes when a job runs, and the time that the program itself would have.

Shown by schedule_admin. synapse.kit.jobs.schedules keeps schedules up to date and leaves an operator's time alone.
"""

import re
from typing import Any, Final

from croniter import croniter
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_q.models import Schedule
from unfold.widgets import UnfoldAdminTextInputWidget

from synapse.kit.jobs.cron_descriptions import describe_cron
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.messages import TICK_NAMES
from synapse.kit.jobs.registry import all_jobs

_CRON_FIELDS: Final = 5
_RANDOM_TIME: Final = re.compile(r"(?<![a-z])r(?![a-z])", re.IGNORECASE)
"""croniter's sign for any time at all; the R of FRI and MAR is none."""


class JobTimeForm(forms.ModelForm):
    """Asks for a cron expression of five fields."""

    cron = forms.CharField(
        label="Time",
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Five fields of cron: minute, hour, day of the month, month, day of the week, by the pages' clock. "
        "“30 2 * * *” is daily at 02:30, “0 6-22/4 * * *” every 4 hours from 6 to 22, “*/15 * * * *” every 15 minutes. "
        "A time changed here stays when Synapse is upgraded. To stop the job for a while, pause it on Operations.",
    )

    class Meta:
        model = Schedule
        fields = ["cron"]

    def clean_cron(self) -> str:
        """Return the expression with single spaces. Raises ValidationError where it is none."""
        fields = str(self.cleaned_data["cron"]).split()
        if len(fields) != _CRON_FIELDS:
            raise ValidationError(f"Write five fields with spaces between them; these are {len(fields)}.")
        cron = " ".join(fields)
        if _RANDOM_TIME.search(cron):
            raise ValidationError("R is a time by chance, another at each look: write a number.")
        try:
            croniter(cron, timezone.localtime()).get_next()
        except ValueError as error:
            # Also for what is well written and never comes, such as the 31st of February.
            raise ValidationError(f"“{cron}” is no time that ever comes: see the examples below.") from error
        return cron


def is_job_schedule(schedule: Any) -> bool:
    """Say whether the schedule is a registered job's, whose other columns code owns."""
    return isinstance(schedule, Schedule) and _registered_job(schedule) is not None


def describe_default_timing(schedule: Schedule) -> str:
    """Return the timing that the job's code declares, and whether the schedule follows it."""
    job = _registered_job(schedule)
    if job is None or not job.cron:
        return "none: it runs when somebody asks"
    words = f"{job.cron} ({describe_cron(job.cron)})"
    if schedule.schedule_type == Schedule.CRON and schedule.cron == job.cron:
        return f"{words}: this is what it follows"
    return f"{words}: write it above to follow it again"


def _registered_job(schedule: Schedule) -> Job | None:
    if schedule.func not in TICK_NAMES:
        return None
    return next((job for job in all_jobs() if repr((job.name,)) == schedule.args), None)
