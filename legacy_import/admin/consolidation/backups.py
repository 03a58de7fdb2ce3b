"""How old the newest snapshot of each legacy file and the newest dump of each database are, in words."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.timesince import timesince

from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.snapshots.kind import SNAPSHOTS
from legacy_import.errors import LegacyImportError
from legacy_import.mapping import Source
from legacy_import.services import is_dump_due, list_dumps

_BYTES_PER_KB: Final = 1000


def format_snapshot_age(source: Source, now: datetime) -> str:
    """Return when the source's file was last seen as its newest snapshot has it; reads names and manifests only."""
    try:
        snapshots = read_catalogue(SNAPSHOTS, source.name, settings.BACKUP_DIR / source.snapshot_folder).backups
    except OSError as error:
        return f"snapshots can't be read: {(error.strerror or str(error)).lower()}"
    return f"snapshot {_format_age(snapshots[0].last_seen_at, now)}" if snapshots else "no snapshot"


def format_dump_age(alias: str, now: datetime) -> str:
    """Return how old the database's newest dump is, and what to do where it is too old."""
    try:
        dumps = list_dumps([alias])
    except LegacyImportError as error:
        return str(error)
    if not dumps:
        return "This database was never dumped: run manage.py backups dump, or start the worker, which dumps daily."
    newest = dumps[0]
    size = f"{newest.size_bytes / _BYTES_PER_KB:,.0f} KB"
    due = " A daily dump is due: see that the worker runs." if is_dump_due(alias, now) else ""
    damage = "" if newest.is_whole else " It is damaged: run manage.py backups verify."
    which = "The only dump" if len(dumps) == 1 else f"The newest of {len(dumps)} dumps"
    return f"{which}: {_format_age(newest.taken_at, now)}, {size}.{damage}{due}"


def _format_age(moment: datetime, now: datetime) -> str:
    return "just now" if now - moment < timedelta(minutes=1) else f"{timesince(moment, now)} ago"
