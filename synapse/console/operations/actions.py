"""What the operator does to jobs and runs: run now, retry, put aside and take that back, pause, resume.

Each view reads the request, calls one function of synapse.kit.jobs.queueing and says how it went.
"""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from synapse.console.operations.permissions import require_run_jobs
from synapse.console.operations.run_lines import job_title
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.queueing import (
    dismiss_run,
    is_work_active,
    pause_job,
    queue_run,
    reopen_run,
    resume_job,
    retry_run,
)
from synapse.kit.jobs.registry import get_job
from synapse.kit.jobs.schedules import find_job_schedule

BACK: Final = "back"
"""Names the page, in the form, that the verb goes back to: a job's or a run's own, else the console."""
_MAX_REASON_CHARS: Final = 500


@require_POST
def run_job_now(request: HttpRequest, job: str) -> HttpResponse:
    """Queue a run of the job with the options chosen; the form's own key makes a second click none."""
    require_run_jobs(request)
    wanted = _job_or_404(job)
    given = ((option, request.POST.get(f"option-{option.name}", "")) for option in wanted.options)
    try:
        run = queue_run(
            wanted.name,
            requested_by=request.user.get_username(),
            arguments={option.name: value if option.choices else True for option, value in given if value},
            key=_idempotency_key(request, wanted),
        )
    except UnknownJobError as error:
        messages.error(request, f"{wanted.title}: {error} Nothing was queued.")
        return _redirect_back(request, job=wanted.name)
    # None: the database already has a run of this key, from the first of two clicks or from the clock.
    if run is None:
        messages.info(request, f"{wanted.title}: the same run is queued or at work already. Nothing was queued.")
    else:
        words = "{}: queued. It starts as soon as a worker is free. {}"
        messages.success(request, format_html(words, wanted.title, _run_link(run.pk, "Look at the run")))
    return _redirect_back(request, job=wanted.name)


@require_POST
def retry_given_up_run(request: HttpRequest, run: UUID) -> HttpResponse:
    """Queue a run that was given up once more."""
    require_run_jobs(request)
    found = _run_or_404(run)
    try:
        again = retry_run(found.pk, requested_by=request.user.get_username())
    except UnknownJobError as error:
        messages.error(request, f"{error} Put the run aside instead.")
        return _redirect_back(request, job=found.job, run=found.pk)
    if again is not None:
        words = "{}: queued once more. What its earlier attempts have done is not done again. {}"
        messages.success(request, format_html(words, job_title(found.job), _run_link(found.pk, "Look at the run")))
    else:
        state, could_be_queued = _state_clause(found), {JobRun.State.GIVEN_UP, JobRun.State.SETTLED}
        if found.state in could_be_queued and is_work_active(found):
            state = "a run of the same work is queued or under way already"
        messages.info(request, f"{job_title(found.job)}: not queued again; {state}.")
    return _redirect_back(request, job=found.job, run=found.pk)


@require_POST
def dismiss_given_up_run(request: HttpRequest, run: UUID) -> HttpResponse:
    """Dismiss a given-up run (put it aside): nobody is asked to look at it any more."""
    require_run_jobs(request)
    found = _run_or_404(run)
    if dismiss_run(found.pk, by=request.user.get_username()):
        words = "{}: put aside. Nobody is asked to look at it any more. {}"
        messages.success(
            request, format_html(words, job_title(found.job), _run_link(found.pk, "Take that back on its page"))
        )
    else:
        messages.info(request, f"{job_title(found.job)}: nothing was put aside; {_state_clause(found)}.")
    return _redirect_back(request, job=found.job, run=found.pk)


@require_POST
def reopen_dismissed_run(request: HttpRequest, run: UUID) -> HttpResponse:
    """Take it back that a run was put aside."""
    require_run_jobs(request)
    found = _run_or_404(run)
    if not found.by_hand and reopen_run(found.pk):
        messages.success(request, f"{job_title(found.job)}: the run needs a person again.")
    else:
        messages.info(request, f"{job_title(found.job)}: nothing was changed; {_state_clause(found)}.")
    return _redirect_back(request, job=found.job, run=found.pk)


@require_POST
def pause_schedule(request: HttpRequest, job: str) -> HttpResponse:
    """Let the job's ticks pass without a run."""
    require_run_jobs(request)
    wanted = _job_or_404(job)
    if find_job_schedule(wanted) is None:
        messages.error(request, f"{wanted.title}: it runs only when somebody asks, so there is nothing to pause.")
        return _redirect_back(request, job=wanted.name)
    reason = request.POST.get("reason", "").strip()[:_MAX_REASON_CHARS].replace("\x00", "")
    if pause_job(wanted.name, by=request.user.get_username(), reason=reason):
        messages.success(request, f"{wanted.title}: paused. By the clock it does not run until somebody resumes it.")
    else:
        messages.info(request, f"{wanted.title}: it is paused already. Nothing was changed.")
    return _redirect_back(request, job=wanted.name)


@require_POST
def resume_schedule(request: HttpRequest, job: str) -> HttpResponse:
    """Let the job run by the clock again."""
    require_run_jobs(request)
    wanted = _job_or_404(job)
    if resume_job(wanted.name):
        messages.success(request, f"{wanted.title}: resumed. It runs again when it is next due.")
    else:
        messages.info(request, f"{wanted.title}: it was not paused. Nothing was changed.")
    return _redirect_back(request, job=wanted.name)


def _job_or_404(name: str) -> Job:
    try:
        return get_job(name)
    except UnknownJobError as error:
        raise Http404(str(error)) from error


def _run_or_404(key: UUID) -> JobRun:
    found = JobRun.objects.using(BUSINESS_CORE).filter(pk=key).first()
    if found is None:
        raise Http404("There is no such run; runs are kept 90 days.")
    return found


def _idempotency_key(request: HttpRequest, job: Job) -> str:
    """Return the key of what this one form asks for, the same for each time it is sent; empty where it has none."""
    try:
        return f"{job.name} {UUID(request.POST.get('once', ''))}"
    except ValueError:
        return ""


def _state_clause(run: JobRun) -> str:
    """Return the run's state, as the database has it now, as a clause of a sentence."""
    run.refresh_from_db(using=BUSINESS_CORE)
    if run.state == JobRun.State.GIVEN_UP:
        return "the run was given up and needs a person"
    return f"the run is {JobRun.State(run.state).label}"


def _run_link(run: UUID, words: str) -> str:
    return format_html('<a href="{}" class="underline">{}</a>', reverse("operations:run", args=[run]), words)


def _redirect_back(request: HttpRequest, *, job: str, run: UUID | None = None) -> HttpResponse:
    match request.POST.get(BACK, ""):
        case "run" if run is not None:
            return redirect("operations:run", run)
        case "job":
            return redirect("operations:job", job)
    return redirect("operations:console")
