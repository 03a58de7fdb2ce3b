"""The views for monitoring programs: `/health/live` (liveness), `/health/ready` (readiness) and `/metrics`."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from synapse.console.health.access import has_metrics_token, may_read_health_details
from synapse.console.health.metrics import CONTENT_TYPE, metrics_text
from synapse.console.health.readiness import Readiness, readiness_cache
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.panels.health import Part, Status

_TEXT = "text/plain; charset=utf-8"


@never_cache
@require_safe
def answer_liveness(_request: HttpRequest) -> HttpResponse:
    """Answer that this process serves requests.

    No database is asked: that one is down is no reason to restart the web server.
    """
    return HttpResponse("ok\n", content_type=_TEXT)


@never_cache
@require_safe
def answer_readiness(request: HttpRequest) -> HttpResponse:
    """Answer how every part stands: 503 where one fails, else 200; `?only=database` asks for some parts.

    Open to everybody, without sentences; as text where text is asked for, else as JSON.
    """
    found = readiness_cache.current_readiness(timezone.now())
    only = set(request.GET.getlist("only"))
    if only:
        found = found.narrowed_to(only)
        if not found.parts:
            return HttpResponse("There is no such part.\n", content_type=_TEXT, status=404)
    details = has_metrics_token(request) or _is_signed_in_reader(request)
    status = 503 if found.overall_status is Status.FAILING else 200
    if request.get_preferred_type(["application/json", "text/plain"]) == "text/plain":
        return HttpResponse(_readiness_text(found, details=details), content_type=_TEXT, status=status)
    parts = [
        {
            "name": part.name,
            "status": part.status.lower_name,
            "age_seconds": _age_seconds(part),
            **({"detail": part.sentence} if details else {}),
        }
        for part in found.parts
    ]
    return JsonResponse({"status": found.overall_status.lower_name, "parts": parts}, status=status)


@never_cache
@require_safe
def answer_metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics, to who may read them."""
    if may_read_health_details(request):
        return HttpResponse(metrics_text(timezone.now()), content_type=CONTENT_TYPE)
    if request.user.is_authenticated:
        return HttpResponse("You may not look at the jobs.\n", content_type=_TEXT, status=403)
    unknown = HttpResponse("Send METRICS_TOKEN as a bearer token, or sign in.\n", content_type=_TEXT, status=401)
    unknown.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return unknown


def _is_signed_in_reader(request: HttpRequest) -> bool:
    """Say whether a signed-in person with the permission asks; False while the sessions' database does not answer."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    of_sessions = readiness_cache.current_readiness(timezone.now()).narrowed_to({f"database {BUSINESS_CORE}"})
    try:
        return of_sessions.overall_status is Status.OK and may_read_health_details(request)
    except DatabaseError:
        return False


def _readiness_text(found: Readiness, *, details: bool) -> str:
    lines = [f"{found.overall_status.lower_name}"]
    for part in found.parts:
        age = _age_seconds(part)
        line = f"{part.name}: {part.status.lower_name}" + (f", {age} s" if age is not None else "")
        lines.append(f"{line}. {' '.join(part.sentence.split())}" if details else line)
    return "\n".join(lines) + "\n"


def _age_seconds(part: Part) -> int | None:
    return None if part.age is None else int(part.age.total_seconds())
