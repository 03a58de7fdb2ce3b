"""Who may look at the jobs, and who may run them; synapse.console.people.roles says which role has which permission."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

VIEW: Final = "job_base.view_jobrun"
RUN: Final = "job_base.run_job"


def may_run_jobs(request: HttpRequest) -> bool:
    """Say whether the person may run, retry, put aside, pause and resume jobs."""
    return request.user.has_perm(RUN)


def require_view_jobs(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the person may look at the jobs."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


def require_run_jobs(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the person may run jobs."""
    if not may_run_jobs(request):
        raise PermissionDenied
