"""Under what a file was read: equal readings of equal files find the same, so nothing need be read again.

What lives here: the mark of the code, the clock and the tables that an import depends on. What does not: whether the
file, or what was changed here, asks for another import (legacy_import.services.unchanged_file).
"""

import hashlib
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections

_HERE: Final = Path(__file__).resolve().parent.parent
_PARTS: Final = ("pipeline", "sources", "sql", "cells.py", "codecs.py", "mapping.py")


def reading_of(alias: str) -> str:
    """Return the mark of how an import into the database would read a file now."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM django_migrations")
        tables = cursor.fetchone()
    return hashlib.sha256(repr((_CODE, settings.LEGACY_TIME_ZONE, tables)).encode()).hexdigest()


def _code_mark() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for part in _PARTS for path in _files(_HERE / part)):
        digest.update(f"{path.relative_to(_HERE)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(part: Path) -> list[Path]:
    return [part] if part.is_file() else [*part.rglob("*.py"), *part.rglob("*.sql")]


# As it is loaded: the files may be newer by the time they are asked for, and this process still works by the old ones.
_CODE: Final = _code_mark()
