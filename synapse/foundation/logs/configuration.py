"""Which lines are written, in which form and where to: from the environment, for every program of Synapse alike.

`LOGGING_CONFIG` of the settings names configure_logs, which Django calls; gunicorn's master, which has no settings,
asks LogOptions itself (gunicorn_logger.py).
"""

import logging
import logging.config
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured

from synapse.foundation.logs.destinations import LineFileHandler, StderrHandler
from synapse.foundation.logs.lines import ReadableLines, configure_structlog, make_formatter, render_json
from synapse.foundation.logs.unforeseen import log_unforeseen_error

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS: Final = ("json", "text")
_NO_FILE: Final = "none"
_SERVERS: Final = ("web", "runserver", "supervise_jobs", "qcluster")
"""The programs that run for days: what they do is read in their log, not on a terminal."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What the environment asks for. `level` is empty where nobody chose one; `file` is None for none."""

    program: str
    level: str
    form: str
    file: Path | None
    lock_file: Path | None

    @property
    def is_server(self) -> bool:
        """Say whether the program runs for days."""
        return self.program in _SERVERS

    @property
    def stderr_level(self) -> str:
        """The level of standard error: a local command says itself what went wrong, and its log is the file."""
        if self.level or self.form == "json" or self.is_server:
            return self.level or "INFO"
        return "WARNING" if self.file is None else "CRITICAL"


def read_log_options(env: environ.Env, *, production: bool, var_dir: Path, program: str) -> LogOptions:
    """Return what the environment asks for. Raises ImproperlyConfigured for a level or a form there is none of."""
    level = env.str("SYNAPSE_LOG_LEVEL", default="").upper()
    form = env.str("SYNAPSE_LOG_FORMAT", default="json" if production else "text").lower()
    if level and level not in LEVELS:
        raise ImproperlyConfigured(f"SYNAPSE_LOG_LEVEL is one of {', '.join(LEVELS)}, not {level!r:.80}.")
    if form not in FORMATS:
        raise ImproperlyConfigured(f"SYNAPSE_LOG_FORMAT is one of {', '.join(FORMATS)}, not {form!r:.80}.")
    is_ours = program != "python"
    file = env.str("SYNAPSE_LOG_FILE", default="" if production or not is_ours else str(var_dir / "log/synapse.jsonl"))
    return LogOptions(
        program=program,
        level=level,
        form=form,
        file=Path(file) if file and file != _NO_FILE else None,
        lock_file=var_dir / "log.lock" if is_ours else None,
    )


def program_name(arguments: Sequence[str]) -> str:
    """Return this program's name: "web" for gunicorn, a command of manage.py by its own, "python" for any other."""
    if "synapse.wsgi" in sys.modules or "gunicorn" in Path(arguments[0]).parent.name + Path(arguments[0]).name:
        return "web"
    if Path(arguments[0]).name == "manage.py":
        return arguments[1] if len(arguments) > 1 else "help"
    return "python"


def logging_settings(options: LogOptions) -> dict[str, Any]:
    """Return the options as Django's LOGGING setting holds them."""
    return asdict(options)


def configure_logs(settings: Mapping[str, Any]) -> None:
    """Configure the standard library's logging and structlog; `settings` come from logging_settings."""
    options = LogOptions(**settings)
    configure_structlog()
    logging.config.dictConfig(_dict_config(options))
    if options.form == "json":
        logging.captureWarnings(capture=True)
    if options.is_server:
        threading.excepthook = _log_thread_failure


def stderr_handler(options: LogOptions) -> logging.Handler:
    """Return the handler of standard error, with its level and its form."""
    handler = StderrHandler(options.lock_file)
    # A command's sentence says the id; its traceback is in the file.
    with_traceback = options.is_server or options.file is None
    renderer = render_json if options.form == "json" else ReadableLines(with_traceback=with_traceback)
    handler.setFormatter(make_formatter(program=options.program, renderer=renderer))
    handler.setLevel(options.stderr_level)
    return handler


def file_handler(options: LogOptions) -> logging.Handler:
    """Return the handler of the file, always JSON; one that drops everything where there is no file."""
    if options.file is None:
        return logging.NullHandler()
    handler = LineFileHandler(options.file)
    handler.setFormatter(make_formatter(program=options.program, renderer=render_json))
    return handler


def _log_thread_failure(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        log_unforeseen_error(ended.exc_value, unit=f"thread {ended.thread.name if ended.thread else ''}".strip())


def _dict_config(options: LogOptions) -> dict[str, Any]:
    chosen = options.level or "INFO"
    shows_requests = options.form == "json" or options.program == "runserver"
    requests_level = options.level or ("INFO" if shows_requests else "WARNING")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {
            "stderr": {"()": stderr_handler, "options": options},
            "file": {"()": file_handler, "options": options},
        },
        "root": {"level": chosen, "handlers": ["stderr", "file"]},
        "loggers": {
            # Django's defaults give these handlers of their own.
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True, "level": "ERROR"},
            # What is refused or missing is said by the line of its request (synapse.kit.request_logs).
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django-q": {"level": "WARNING"},
            # Where a person reads the terminal, a line for every answered page hides the others.
            "synapse.request": {"level": requests_level},
            # What it warns of on a lost connection reaches the caller as an exception too, and is said there in a
            # sentence.
            "psycopg": {"level": "ERROR"},
        },
    }
