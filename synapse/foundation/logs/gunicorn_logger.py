"""gunicorn's own lines in the form of all others; named by gunicorn.conf.py, which gunicorn reads by itself."""

import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import environ
import structlog
from gunicorn.config import Config
from gunicorn.glogging import Logger

from synapse.foundation.logs.configuration import LogOptions, file_handler, read_log_options, stderr_handler
from synapse.foundation.logs.lines import configure_structlog, make_formatter, render_json

_PROJECT: Final = Path(__file__).resolve().parents[3]
_access_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("gunicorn.access")


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Writes to where Synapse's lines go, or as JSON to the file that gunicorn was told.

    gunicorn's master has no settings: these would be loaded before synapse.wsgi is, and without its pools.
    """

    def setup(self, cfg: Config) -> None:
        """Replace the handlers that gunicorn made; its level is its own, `--log-level`."""
        super().setup(cfg)
        configure_structlog()
        options = _read_environment_options()
        for log in (self.error_log, self.access_log):
            log.handlers = [_replace_handler(handler, options) for handler in log.handlers]
            if log.handlers and options.file is not None:
                log.addHandler(_mark_as_gunicorn(file_handler(options)))

    def access(self, resp: Any, req: Any, wsgi: dict[str, Any], request_time: timedelta) -> None:  # noqa: ARG002 - gunicorn's
        """Log an answered request, where gunicorn was asked to (`--access-logfile`), without its query."""
        if not self.access_log_enabled:
            return
        headers = {str(name).lower(): value for name, value in resp.headers}
        _access_logger.info(
            "gunicorn.access",
            request_id=headers.get("x-request-id"),
            method=wsgi.get("REQUEST_METHOD"),
            path=wsgi.get("PATH_INFO"),
            status=str(resp.status).partition(" ")[0],
            milliseconds=round(request_time.total_seconds() * 1000),
            address=wsgi.get("REMOTE_ADDR"),
        )


def _read_environment_options() -> LogOptions:
    env = environ.Env()
    env.read_env(_PROJECT / ".env", overwrite=False)
    return read_log_options(
        env,
        production=env.str("SYNAPSE_ENVIRONMENT", default="local") == "production",
        var_dir=Path(env.str("SYNAPSE_VAR_DIR", default=str(_PROJECT / "var"))).resolve(),
        program="web",
    )


def _replace_handler(handler: logging.Handler, options: LogOptions) -> logging.Handler:
    """Return ours for a stream; a file, or the system's log, as it is but with our lines."""
    if isinstance(handler, logging.StreamHandler) and handler.stream in (sys.stderr, sys.stdout):
        return _mark_as_gunicorn(stderr_handler(options))
    handler.setFormatter(make_formatter(program=options.program, renderer=render_json))
    return handler


def _mark_as_gunicorn(handler: logging.Handler) -> logging.Handler:
    # By this mark gunicorn takes its own handlers away when it reads its configuration again.
    handler._gunicorn = True  # type: ignore[attr-defined]  # noqa: SLF001 - as gunicorn does
    return handler
