"""An exception that nobody foresaw, contained where one unit of work ends: logged under an id that people are shown."""

from typing import Any

import structlog

from synapse.foundation.logs.log_ids import new_log_id
from synapse.foundation.logs.sentry import report_error

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def log_unforeseen_error(error: BaseException, *, unit: str, **fields: Any) -> str:
    """Log the exception with its traceback as one event `exception.contained`, and return its id.

    `unit` says what was contained: "source primary", "check row counts", "job step prune". Show people the id with the
    sentence: the operator finds the line by it. The fields of the context (request, run, source) are on the line too.
    Never raises.
    """
    error_id = new_log_id()
    _logger.error("exception.contained", error_id=error_id, unit=unit, exc_info=error, **fields)
    report_error(error)
    return error_id
