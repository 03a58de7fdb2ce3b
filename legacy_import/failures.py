"""One sentence for the operator on why a source could not be imported, rebuilt or validated.

What no sentence here foresees is logged and contained by synapse.foundation.containment.
"""

import errno
import sqlite3
from contextlib import AbstractContextManager
from typing import Any

from django.db import InterfaceError, OperationalError
from psycopg import errors

from legacy_import.errors import LegacyImportError, MissingFileError
from synapse.foundation.containment import Trouble, contain_errors, unforeseen_error_sentence
from synapse.foundation.logs.unforeseen import log_unforeseen_error
from synapse.foundation.text.storable import storable_text


def contain_failure(
    unit: str, *, passing: tuple[type[Exception], ...] = (), **facts: Any
) -> AbstractContextManager[Trouble]:
    """Do a unit's work (`unit` names it: a source, a database); its failure is a sentence and touches no other unit."""
    return contain_errors(unit, foresee=known_error_sentence, passing=passing, **facts)


def failure_sentence(unit: str, error: Exception) -> str:
    """Return a sentence for the operator; an unforeseen error is logged with its traceback as well."""
    return known_error_sentence(unit, error) or unforeseen_error_sentence(
        unit, error, log_unforeseen_error(error, unit=unit)
    )


def known_error_sentence(unit: str, error: Exception) -> str:
    """Return the sentence of an error that has one of its own, an empty text for any other."""
    if isinstance(error, MissingFileError):
        way_out = f"manage.py legacy_sources withdraw {unit} passes it over from then on"
        return _make_storable(f"{error} Put it there again; where it was deleted for good, {way_out}.")
    if isinstance(error, LegacyImportError):
        return _make_storable(str(error))
    # PostgreSQL adds lines of context that say nothing to an operator.
    text = str(error).strip()
    reason = text.splitlines()[0] if text else type(error).__name__
    expected = _database_error_sentence(error, reason) or _system_error_sentence(error, reason)
    return _make_storable(f"{unit}: {expected}") if expected else ""


def _database_error_sentence(error: Exception, reason: str) -> str | None:
    if isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedFunction | errors.UndefinedColumn):
        return "the databases are not up to date: run manage.py migrate_all first"
    if isinstance(error, OperationalError) and "does not exist" in reason:
        return "the databases are not there yet: run manage.py migrate_all first"
    if isinstance(error.__cause__, errors.ProgramLimitExceeded):
        return f"a value is too large for PostgreSQL, and nothing was changed: {reason}"
    return None


def _system_error_sentence(error: Exception, reason: str) -> str | None:
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


def _make_storable(sentence: str) -> str:
    """Return the sentence without what PostgreSQL can't hold: a path may have any byte, a message quote any cell."""
    return storable_text(sentence, nul="\u2400")
