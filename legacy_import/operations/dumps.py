"""The verbs of the databases' dumps: take, list, verify, prune, restore.

What lives here: which folders, when a dump is due, what asks for one. What does not: the work (backups.dumps).
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from legacy_import.backups.dumps.catalogue import FOLDER, DumpCatalogue, KeptDump, read_dumps
from legacy_import.backups.dumps.client import database_name
from legacy_import.backups.dumps.taking import DumpOrder, Watch, take_dump

DAILY: Final = "daily"
BY_HAND: Final = "by hand"
_DUE_AFTER: Final = timedelta(hours=20)
"""Less than a day: a job that begins some seconds earlier than yesterday's ended must not skip a day."""


def dump_database(alias: str, *, reason: str, requested_by: str, watch: Watch = lambda _bytes: None) -> KeptDump:
    """Dump one database into BACKUP_DIR/databases; watch gets the bytes written so far.

    Another session reads it: what this one has not committed is not in it. Raises LegacyImportError, one sentence.
    """
    order = DumpOrder(
        alias=alias, directory=_directory(alias), reason=reason, requested_by=requested_by, now=timezone.now()
    )
    return take_dump(order, watch=watch)


def dump_before(alias: str, reason: str, requested_by: str = "") -> Path:
    """Dump one database before something is done to it, named by reason ("undo of …"); return the dump's path.

    Call it before the transaction begins: pg_dump waits for tables that are locked exclusively, five minutes at most.
    Raises LegacyImportError, one sentence: then leave it undone.
    """
    return dump_database(alias, reason=reason, requested_by=requested_by).path


def dump_is_due(alias: str, now: datetime) -> bool:
    """Say whether the database has no daily dump, whole by its size, of the last 20 hours."""
    return not any(
        dump.is_whole and dump.manifest and dump.manifest.reason == DAILY and now - dump.taken_at < _DUE_AFTER
        for dump in _catalogue(alias).dumps
    )


def _catalogue(alias: str) -> DumpCatalogue:
    return read_dumps(database_name(alias), _directory(alias))


def _directory(alias: str) -> Path:
    return Path(settings.BACKUP_DIR) / FOLDER / database_name(alias)
