"""Take, list, verify, prune and restore the dumps of the databases.

Called by the command `backups`, the daily job, and before first imports and undos. The work of pg_dump and pg_restore
is legacy_import.backups.dumps'; here are the folders, when a dump is due, and for what reason one is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from legacy_import.backups.catalogue import Catalogue, read_catalogue
from legacy_import.backups.checking import Finding, check_catalogue
from legacy_import.backups.choosing import choose_backup
from legacy_import.backups.dumps.client import database_name, translate_dump_errors
from legacy_import.backups.dumps.kind import DUMPS, FOLDER, KeptDump
from legacy_import.backups.dumps.restoring import RestoredDatabase, restore_dump
from legacy_import.backups.dumps.swapping import swap_in_restored
from legacy_import.backups.dumps.taking import DumpOrder, Watch, take_dump
from legacy_import.backups.pruning import MIN_RETENTION_DAYS, Pruned, PruneOrder, prune_backups, pruning_log_fields
from legacy_import.errors import TerminalError, UnknownSourceError
from synapse.foundation.databases import ALIASES
from synapse.foundation.logs.logged_calls import log_calls

DAILY: Final = "daily"
BY_HAND: Final = "by hand"
_DUE_AFTER: Final = timedelta(hours=20)
"""Less than a day: a job that begins some seconds earlier than yesterday's ended must not skip a day."""


@dataclass(frozen=True, slots=True)
class DatabaseRestoreRequest:
    """Which dump of a database (see `choose_backup`) is restored; swap puts it in the live one's place."""

    alias: str
    at: str
    zone: tzinfo
    swap: bool


@dataclass(frozen=True, slots=True)
class DatabaseRestoreResult:
    """What was restored as which database; `former` is the replaced one's new name, None where none was replaced."""

    dump: KeptDump
    database: RestoredDatabase
    former: str | None
    swapped: bool


def find_database_alias(name: str) -> str:
    """Return the alias of a database, given by its name or its alias. Raises UnknownSourceError."""
    names = {database_name(alias): alias for alias in ALIASES}
    if name in ALIASES or name in names:
        return names.get(name, name)
    raise UnknownSourceError(f"unknown database {name!r}; known are {', '.join(names)}")


@log_calls(
    "backup.dumped",
    lambda call, dump: {
        "database": call["alias"],
        "reason": call["reason"],
        "requested_by": call["requested_by"],
        "dump": dump.path,
        "size_bytes": dump.size_bytes,
    },
)
def dump_database(alias: str, *, reason: str, requested_by: str, watch: Watch = lambda _bytes: None) -> KeptDump:
    """Dump one database into BACKUP_DIR/databases; watch gets the bytes written so far.

    Another session reads it: what this one has not committed is not in it. Raises LegacyImportError, one sentence.
    """
    order = DumpOrder(
        alias=alias, directory=_dump_directory(alias), reason=reason, requested_by=requested_by, now=timezone.now()
    )
    return take_dump(order, watch=watch)


def dump_before_change(alias: str, reason: str, requested_by: str = "") -> Path:
    """Dump one database before something is done to it, named by reason ("undo of …"); return the dump's path.

    Call it before the transaction begins: pg_dump waits for tables that are locked exclusively, five minutes at most.
    Raises LegacyImportError, one sentence: then leave it undone.
    """
    return dump_database(alias, reason=reason, requested_by=requested_by).path


def is_dump_due(alias: str, now: datetime) -> bool:
    """Say whether the database has no daily dump, whole by its size, of the last 20 hours."""
    return not has_dump_since(alias, now - _DUE_AFTER)


def has_dump_since(alias: str, moment: datetime) -> bool:
    """Say whether the database has a daily dump, whole by its size, that was taken after that moment."""
    return any(
        dump.is_whole and dump.manifest and dump.manifest.reason == DAILY and dump.taken_at > moment
        for dump in _read_database_catalogue(alias).backups
    )


def list_dumps(aliases: Sequence[str]) -> list[KeptDump]:
    """Return the databases' dumps, newest first; PostgreSQL isn't asked."""
    with translate_dump_errors("The dumps could not be listed"):
        return [dump for alias in aliases for dump in _read_database_catalogue(alias).backups]


def verify_dumps(
    aliases: Sequence[str],
    *,
    begin: Callable[[int], None] = lambda _total_bytes: None,
    advance: Callable[[int], None] = lambda _bytes: None,
) -> tuple[int, list[Finding]]:
    """Check every dump of the databases; return how many there are and what is wrong with which."""
    with translate_dump_errors("The dumps could not be verified"):
        catalogues = [_read_database_catalogue(alias) for alias in aliases]
        dumps = [dump for catalogue in catalogues for dump in catalogue.backups]
        begin(sum(dump.size_bytes for dump in dumps))
        findings = [finding for catalogue in catalogues for finding in check_catalogue(catalogue, advance=advance)]
    return len(dumps), findings


@log_calls("backups.pruned", pruning_log_fields)
def prune_dumps(aliases: Sequence[str], *, days: int, dry_run: bool, now: datetime) -> list[Pruned]:
    """Remove the databases' dumps older than the days, never the newest sound one, and killed programs' files.

    Raises TerminalError where days are fewer than 30.
    """
    if days < MIN_RETENTION_DAYS:
        raise TerminalError(f"Dumps are kept for at least {MIN_RETENTION_DAYS} days, not {days}.")
    with translate_dump_errors("Pruning stopped"):
        return [
            prune_backups(
                DUMPS,
                PruneOrder(
                    origin=database_name(alias),
                    directory=_dump_directory(alias),
                    days=days,
                    now=now,
                    dry_run=dry_run,
                    lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
                ),
            )
            for alias in aliases
            if _dump_directory(alias).is_dir()
        ]


@log_calls(
    "backup.restored",
    lambda call, done: {
        "database": call["request"].alias,
        "dump": done.dump.path.name,
        "into": done.database.name,
        "former": done.former,
    },
)
def restore_database(
    request: DatabaseRestoreRequest, *, now: datetime, watch: Callable[[], None] = lambda: None
) -> DatabaseRestoreResult:
    """Restore a dump into a new database and, where that is asked for, put it in the live one's place.

    Raises LegacyImportError, one sentence; then the live database is as it was.
    """
    # Beside the live database first, under a new name: it is swapped in only once it is whole.
    dump = choose_backup(_read_database_catalogue(request.alias), request.at, zone=request.zone)
    # Beside the live database first, under a new name: it takes the live one's place only once it is whole.
    restored = restore_dump(request.alias, dump, now=now, watch=watch)
    former = swap_in_restored(request.alias, restored.name, now=now) if request.swap else None
    return DatabaseRestoreResult(dump, restored, former, swapped=request.swap)


def _read_database_catalogue(alias: str) -> Catalogue[KeptDump]:
    return read_catalogue(DUMPS, database_name(alias), _dump_directory(alias))


def _dump_directory(alias: str) -> Path:
    return Path(settings.BACKUP_DIR) / FOLDER / database_name(alias)
