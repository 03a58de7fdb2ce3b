"""The monitor's pages: the console, one job, one run; each with its living part, which the page asks for by itself.

What lives here: requests and their context. What does not: what the pages say (console.py, job_lines.py, run_facts.py),
what changes anything (verbs.py).
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

from synapse.console.operations.console import console
from synapse.console.operations.job_history import job_history
from synapse.console.operations.permissions import may_run, require_view
from synapse.console.operations.run_facts import run_facts

_FOLDER = "synapse/console/operations"


@require_safe
def console_page(request: HttpRequest) -> TemplateResponse:
    """Show the operator's one place."""
    return _page(request, "base", title="Operations", live=reverse("operations:live"), **_console(request))


@require_safe
def live_part(request: HttpRequest) -> TemplateResponse:
    """Return the part of the console that changes."""
    return _part(request, **_console(request))


@require_safe
def job_page(request: HttpRequest, job: str) -> TemplateResponse:
    """Show a job and its runs, newest first."""
    context = _job(request, job)
    live = f"{reverse('operations:job-live', args=[job])}?{request.GET.urlencode()}"
    return _page(request, "page_below", title=context["history"].title, live=live, **context)


@require_safe
def job_live_part(request: HttpRequest, job: str) -> TemplateResponse:
    """Return the part of a job's page that changes."""
    return _part(request, **_job(request, job))


@require_safe
def run_page(request: HttpRequest, run: UUID) -> TemplateResponse:
    """Show all that is known of a run."""
    context = _run(request, run)
    title = f"{context['facts'].line.title}, {context['facts'].line.when}"
    live = reverse("operations:run-live", args=[run])
    return _page(request, "page_below", title=title, live=live, job_of_run=context["facts"].job_link, **context)


@require_safe
def run_live_part(request: HttpRequest, run: UUID) -> TemplateResponse:
    """Return the part of a run's page that changes."""
    return _part(request, **_run(request, run))


def _console(request: HttpRequest) -> dict[str, Any]:
    require_view(request)
    return {"console": console(request, timezone.now()), "live_template": f"{_FOLDER}/console_live.html"}


def _job(request: HttpRequest, job: str) -> dict[str, Any]:
    require_view(request)
    history = job_history(job, state=request.GET.get("state", ""), page=request.GET.get("page", ""), now=timezone.now())
    if history is None:
        raise Http404(f"There is no job {job}, and there are no runs of one.")
    return {"history": history, "live_template": f"{_FOLDER}/job_live.html"}


def _run(request: HttpRequest, run: UUID) -> dict[str, Any]:
    require_view(request)
    facts = run_facts(run, timezone.now())
    if facts is None:
        raise Http404("There is no such run; runs are kept 90 days.")
    return {"facts": facts, "live_template": f"{_FOLDER}/run_live.html"}


def _page(request: HttpRequest, name: str, *, title: str, live: str, **context: Any) -> TemplateResponse:
    whole = {**admin.site.each_context(request), "title": title, "live_page": live, **_common(request), **context}
    return TemplateResponse(request, f"{_FOLDER}/{name}.html", whole)


def _part(request: HttpRequest, *, live_template: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(request, live_template, {**_common(request), **context})


def _common(request: HttpRequest) -> dict[str, Any]:
    return {
        "clock": f"{timezone.localtime():%H:%M:%S}",
        "may_run": may_run(request),
        "may_change_schedule": request.user.has_perm("django_q.change_schedule"),
        # Each showing asks for one run at most: a form sent twice is the same asking.
        "once": str(uuid.uuid4()),
    }
