"""From an event to its line: the processors that complete it, and the two forms, JSON and readable.

A line is one line whatever its fields hold: JSON is ASCII, and the readable form shows control characters as signs, so
nobody can forge a line or move the cursor by a name or a path.
"""

import json
import logging
import os
import sys
from typing import Any, Final

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from synapse.foundation.logs.context import current_log_fields
from synapse.foundation.logs.redaction import redact_value
from synapse.foundation.logs.tracebacks import error_name, redacted_error_message, traceback_text
from synapse.foundation.text.visible import visible

_MAX_TEXT: Final = 2_000
_MAX_TRACEBACK: Final = 20_000
_TIME_LENGTH: Final = len("13:55:04")
_FIRST: Final = ("timestamp", "level", "event")
_UNSAID: Final = ("timestamp", "level", "event", "logger", "process", "program", "traceback")
"""What the readable form leaves out, or shows in a place of its own."""


def add_log_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the fields of the unit of work; a field of the event itself goes before."""
    return {**current_log_fields(), **event}


def add_process_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the process's id, which differs between workers that write into one stream."""
    return {**event, "process": os.getpid()}


def add_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turn exc_info into `error_type`, `error` and `traceback`."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if error is None and given is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["error_type"], event["error"] = error_name(error), redacted_error_message(error)
        event["traceback"] = traceback_text(error)[-_MAX_TRACEBACK:]
    return event


def name_library_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Name the event of a record that a library logged as a sentence; the sentence becomes its `message`."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and event.get("_from_structlog") is False:
        event["message"] = event.pop("event", "")
        is_failed_request = record.name == "django.request" and event.get("exc_info") is not None
        event["event"] = "request.failed" if is_failed_request else "library.said"
    return event


def sanitize_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact secrets, make values plain, cut texts, and order the fields."""
    kept = {name: _truncate_text(name, redact_value(name, value)) for name, value in event.items()}
    return {name: kept[name] for name in (*_FIRST, *(name for name in kept if name not in _FIRST)) if name in kept}


def _truncate_text(name: str, value: Any) -> Any:
    if name == "traceback" or not isinstance(value, str) or len(value) <= _MAX_TEXT:
        return value
    return f"{value[:_MAX_TEXT]}…"


def render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Return the event as one line of ASCII JSON."""
    return json.dumps(event, ensure_ascii=True, default=str)


class ReadableLines:
    """Renders an event for a person's terminal: time, level, event, its fields, and the traceback below."""

    def __init__(self, *, with_traceback: bool) -> None:
        self._with_traceback = with_traceback

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        """Return the line, with the lines of its traceback where they are wanted."""
        time = str(event.get("timestamp", "")).partition("T")[2][:_TIME_LENGTH]
        fields = " ".join(f"{name}={_quote_value(value)}" for name, value in event.items() if name not in _UNSAID)
        line = _one_line(f"{time} {event.get('level', ''):8}{event.get('event', '')}  {fields}".rstrip())
        traceback = str(event.get("traceback", "")) if self._with_traceback else ""
        return "\n".join([line, *(f"    {_one_line(part)}" for part in traceback.splitlines() if part)])


def _quote_value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if not text or {" ", '"', "="} & set(text) else text


def _one_line(text: str) -> str:
    return visible(text).replace("\n", "⏎").replace("\t", " ").encode("utf-8", "backslashreplace").decode()


_COMPLETING: Final[tuple[Processor, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    add_log_context,
    add_process_id,
)


def configure_structlog() -> None:
    """Have structlog's loggers write through the standard library's, whose handlers and levels decide."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_COMPLETING,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def make_formatter(*, program: str, renderer: Processor) -> ProcessorFormatter:
    """Return the formatter of one destination: it completes each event, cleans it and renders it."""

    def _add_program(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**event, "program": program}

    return ProcessorFormatter(
        foreign_pre_chain=_COMPLETING,
        processors=[
            _add_program,
            name_library_event,
            ProcessorFormatter.remove_processors_meta,
            add_exception,
            sanitize_fields,
            renderer,
        ],
        # Django adds what it keeps to the line as it is: a second line, with cells.
        keep_exc_info=False,
        keep_stack_info=False,
    )
