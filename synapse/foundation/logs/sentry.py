"""Error reports to Sentry, where SENTRY_DSN names one and sentry-sdk is installed: events that the log has, no more.

Nothing of people or rows leaves: no bodies, headers, cookies, queries, local variables or addresses, and an exception's
words as the log has them. A missing package is said in the log and stops nothing.
"""

from typing import Any, Final

import structlog

from synapse.foundation.logs.context import current_log_fields
from synapse.foundation.logs.redaction import is_secret_name, redact_secrets
from synapse.foundation.logs.tracebacks import redacted_error_message

_TAGS: Final = ("request_id", "error_id", "run_id", "import_run", "job", "source")
_KEPT_OF_REQUEST: Final = ("method", "url")

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


_state = {"reports": False}


def start_sentry(dsn: str, *, environment: str) -> bool:
    """Report unforeseen errors to that address from now on; return whether that is so, False without one."""
    if not dsn:
        return False
    try:
        import sentry_sdk  # noqa: PLC0415  # an extra that need not be installed
        from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415
    except ImportError as error:
        _logger.warning("sentry.missing", message="SENTRY_DSN is set; nothing is sent.", error=str(error))
        return False
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        # No send_default_pii either: its default is off, and naming it is deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        before_send=redact_event,
        # Its default sends every line from ERROR up, fields and all; an exception is reported where it is logged.
        integrations=[LoggingIntegration(level=None, event_level=None, sentry_logs_level=None)],
    )
    _state["reports"] = True
    return True


def report_error(error: BaseException) -> None:
    """Send the exception to Sentry, where reports are on; never raises."""
    if _state["reports"]:
        import sentry_sdk  # noqa: PLC0415  # as above

        sentry_sdk.capture_exception(error)


def redact_event(report: Any, hint: dict[str, Any]) -> Any:
    """Return the report with what may leave, and with the ids under which the log has it."""
    fields = current_log_fields()
    report["tags"] = {**report.get("tags", {}), **{name: fields[name] for name in _TAGS if name in fields}}
    request = report.get("request", {})
    report["request"] = {name: request[name].partition("?")[0] for name in _KEPT_OF_REQUEST if name in request}
    for name in ("user", "breadcrumbs", "server_name", "logentry"):
        report.pop(name, None)
    report["extra"] = {name: value for name, value in report.get("extra", {}).items() if not is_secret_name(name)}
    error = (hint.get("exc_info") or (None, None, None))[1]
    for one in report.get("exception", {}).get("values", []):
        # The innermost is the one at hand; of the others only the type is told.
        is_this = isinstance(error, BaseException) and one.get("type") == type(error).__name__
        one["value"] = redacted_error_message(error) if error and is_this else ""
        for frame in (one.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    if "message" in report:
        report["message"] = redact_secrets(str(report["message"]))
    return report
