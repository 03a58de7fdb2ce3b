"""Saying in one sentence why a source could not be imported, rebuilt or validated."""

import logging
import sqlite3
from typing import Final

from django.db import DatabaseError, OperationalError
from psycopg import errors

from legacy_import.errors import LegacyImportError

_logger = logging.getLogger(__name__)


EXPECTED: Final = (LegacyImportError, DatabaseError, sqlite3.Error)
"""What a verb turns into a sentence; anything else is a mistake in the program."""


def failure_sentence(source: str, error: Exception) -> str:
    """Return a sentence for the operator; what nobody foresaw is logged with its traceback as well."""
    if isinstance(error, LegacyImportError):
        return str(error)
    if isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedFunction | errors.UndefinedColumn):
        return f"{source}: the databases are not up to date: run manage.py migrate_all first"
    reason = _first_line(error)
    if isinstance(error, OperationalError) and "does not exist" in reason:
        return f"{source}: the databases are not there yet: run manage.py migrate_all first"
    if isinstance(error.__cause__, errors.ProgramLimitExceeded):
        return f"{source}: a value is too large for PostgreSQL, and nothing was changed: {reason}"
    if isinstance(error, OperationalError):
        return f"{source}: the database gave up: {reason}; run it again"
    _logger.error("%s failed", source, exc_info=error)
    return f"{source}: an error nobody foresaw, so nothing was changed: {reason}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
