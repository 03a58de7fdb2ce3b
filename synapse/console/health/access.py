"""Who may read details and metrics: a monitoring program with METRICS_TOKEN, or a person who may look at the jobs."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

_PERMISSION = "job_base.view_jobrun"


def has_metrics_token(request: HttpRequest) -> bool:
    """Say whether the request carries METRICS_TOKEN; none does where no token is set."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known: str = settings.METRICS_TOKEN
    return bool(known) and scheme.lower() == "bearer" and constant_time_compare(token.strip(), known)


def may_read_health_details(request: HttpRequest) -> bool:
    """Say whether the request may have details; the token is looked at first, because it needs no database."""
    return has_metrics_token(request) or (request.user.is_staff and request.user.has_perm(_PERMISSION))
