"""The operator's pages: all jobs, one job, one run; each with a live part, which the page polls for (operations.js).

What the pages say is made by page_content, job_history and run_facts; what changes anything is actions'.
"""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from synapse.console.operations.job_history import job_history
from synapse.console.operations.page_content import build_operations_page
from synapse.console.operations.permissions import may_run_jobs, require_view_jobs
from synapse.console.operations.run_facts import run_facts

_FOLDER = "synapse/console/operations"


@require_safe
def operations_page(request: HttpRequest) -> TemplateResponse:
    """Show the operator's one place."""
    return _render_page(
        request, "base", title="Operations", live=reverse("operations:live"), **_operations_context(request)
    )


@require_safe
def operations_live_part(request: HttpRequest) -> TemplateResponse:
    """Return the part of the console that changes."""
    return _render_live_part(request, **_operations_context(request))


@require_safe
def job_page(request: HttpRequest, job: str) -> TemplateResponse:
    """Show a job and its runs, newest first."""
    context = _job_context(request, job)
    live = f"{reverse('operations:job-live', args=[job])}?{request.GET.urlencode()}"
    return _render_page(request, "page_below", title=context["history"].title, live=live, **context)


@require_safe
def job_live_part(request: HttpRequest, job: str) -> TemplateResponse:
    """Return the part of a job's page that changes."""
    return _render_live_part(request, **_job_context(request, job))


@require_safe
def run_page(request: HttpRequest, run: UUID) -> TemplateResponse:
    """Show all that is known of a run."""
    context = _run_context(request, run)
    title = f"{context['facts'].line.title}, {context['facts'].line.when}"
    live = reverse("operations:run-live", args=[run])
    return _render_page(request, "page_below", title=title, live=live, job_of_run=context["facts"].job_link, **context)


@require_safe
def run_live_part(request: HttpRequest, run: UUID) -> TemplateResponse:
    """Return the part of a run's page that changes."""
    return _render_live_part(request, **_run_context(request, run))


def _operations_context(request: HttpRequest) -> dict[str, Any]:
    require_view_jobs(request)
    return {"console": build_operations_page(request, timezone.now()), "live_template": f"{_FOLDER}/console_live.html"}


def _job_context(request: HttpRequest, job: str) -> dict[str, Any]:
    require_view_jobs(request)
    history = job_history(job, state=request.GET.get("state", ""), page=request.GET.get("page", ""), now=timezone.now())
    if history is None:
        raise Http404(f"There is no job {job}, and there are no runs of one.")
    return {"history": history, "live_template": f"{_FOLDER}/job_live.html"}


def _run_context(request: HttpRequest, run: UUID) -> dict[str, Any]:
    require_view_jobs(request)
    facts = run_facts(run, timezone.now())
    if facts is None:
        raise Http404("There is no such run; runs are kept 90 days.")
    return {"facts": facts, "live_template": f"{_FOLDER}/run_live.html"}


def _render_page(request: HttpRequest, name: str, *, title: str, live: str, **context: Any) -> TemplateResponse:
    whole = {
        **admin.site.each_context(request),
        "title": title,
        "live_page": live,
        **_common_context(request),
        **context,
    }
    return TemplateResponse(request, f"{_FOLDER}/{name}.html", whole)


def _render_live_part(request: HttpRequest, *, live_template: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(request, live_template, {**_common_context(request), **context})


def _common_context(request: HttpRequest) -> dict[str, Any]:
    return {
        "clock": f"{timezone.localtime():%H:%M:%S}",
        "may_run": may_run_jobs(request),
        "may_change_schedule": request.user.has_perm("django_q.change_schedule"),
        # An idempotency key: a form that is sent twice, by a second click, queues one run.
        "once": str(uuid.uuid4()),
    }
