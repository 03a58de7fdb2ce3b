"""Events of what a transaction does: logged when it commits, with the fields of the moment they were told."""

from contextvars import copy_context
from functools import partial
from typing import Any

import structlog
from django.db import transaction


def log_on_commit(logger: structlog.stdlib.BoundLogger, event: str, *, using: str, **fields: Any) -> None:
    """Log the event at INFO once the transaction has committed: at once where there is none, never if rolled back.

    A failure of the log is no failure of what was committed.
    """
    transaction.on_commit(partial(copy_context().run, partial(logger.info, event, **fields)), using=using, robust=True)
