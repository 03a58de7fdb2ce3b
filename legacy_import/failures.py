"""One sentence for the operator on why a source could not be imported, rebuilt or validated."""

import errno
import logging
import sqlite3
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

from legacy_import.errors import LegacyImportError

_logger = logging.getLogger(__name__)


EXPECTED_ERRORS: Final = (LegacyImportError, DatabaseError, InterfaceError, sqlite3.Error, OSError)
"""Errors that a service turns into a sentence; any other one is a defect of the program."""


def failure_sentence(source: str, error: Exception) -> str:
    """Return a sentence for the operator; an unexpected error is logged with its traceback as well."""
    if isinstance(error, LegacyImportError):
        return str(error)
    # PostgreSQL adds lines of context that say nothing to an operator.
    text = str(error).strip()
    reason = text.splitlines()[0] if text else type(error).__name__
    expected = _database_error_sentence(error, reason) or _machine_sentence(error, reason)
    if expected:
        return f"{source}: {expected}"
    _logger.error("%s failed", source, exc_info=error)
    return f"{source}: an error nobody foresaw, so nothing was changed: {reason}"


def _database_error_sentence(error: Exception, reason: str) -> str | None:
    if isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedFunction | errors.UndefinedColumn):
        return "the databases are not up to date: run manage.py migrate_all first"
    if isinstance(error, OperationalError) and "does not exist" in reason:
        return "the databases are not there yet: run manage.py migrate_all first"
    if isinstance(error.__cause__, errors.ProgramLimitExceeded):
        return f"a value is too large for PostgreSQL, and nothing was changed: {reason}"
    return None


def _machine_sentence(error: Exception, reason: str) -> str | None:
    if is_disk_full(error):
        return f"the disk is full, so nothing was changed: {reason}; make room and run it again"
    if isinstance(error, OSError):
        return f"nothing was changed: {reason}"
    if isinstance(error, OperationalError | InterfaceError):
        return f"the database gave up: {reason}; run it again"
    return None


def is_disk_full(error: BaseException) -> bool:
    """Say whether a disk had no room left: SQLite's, PostgreSQL's or one of plain files."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error.__cause__, errors.DiskFull)
