"""Choosing a backup to restore: the latest, one by its name, or the state at a moment (point in time)."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from legacy_import.backups.backup_kind import BackupT
from legacy_import.backups.catalogue import Catalogue
from legacy_import.backups.kept_backup import parse_name_time
from legacy_import.errors import TerminalError

LATEST: Final = "latest"


def choose_backup(catalogue: Catalogue[BackupT], at: str, *, zone: tzinfo) -> BackupT:
    """Return the backup that holds the state at that moment: the newest that was taken by then.

    at is `latest` (what a restore itself saved is passed over), a backup's file name with or without its checksum,
    a date (its end is meant) or an ISO 8601 time; one without an offset is read by the zone's clock.
    Raises TerminalError where there is none.
    """
    noun, backups = catalogue.kind.noun, catalogue.backups
    if not backups:
        raise TerminalError(
            f"{catalogue.origin}: there is no {noun} in {catalogue.directory};"
            f" {catalogue.kind.taking_command(catalogue.origin)} takes one"
        )
    if at == LATEST:
        # A restore that failed half-way has snapshotted the very file one wants to be rid of.
        return next((backup for backup in backups if not backup.is_before_restore), backups[0])
    if parse_name_time(at):
        named = next((backup for backup in backups if backup.path.name.startswith(at)), None)
        if named is None:
            raise TerminalError(f"{catalogue.origin}: there is no {noun} {at!r}; backups list shows them")
        return named
    moment = parse_last_instant(at, zone)
    newest_by_then = next((backup for backup in backups if backup.taken_at <= moment), None)
    if newest_by_then is None:
        oldest = backups[-1].taken_at.astimezone(moment.tzinfo)
        raise TerminalError(
            f"{catalogue.origin}: no {noun} is as old as {at}; the oldest was taken at {oldest:%Y-%m-%d %H:%M:%S}"
        )
    return newest_by_then


def parse_last_instant(at: str, zone: tzinfo) -> datetime:
    """Return the last instant that a date, a second or an instant names. Raises TerminalError where it is no time."""
    try:
        day = date.fromisoformat(at)
    except ValueError:
        pass
    else:
        return datetime.combine(day, time.max, zone)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise TerminalError(
            f"{at!r} is no time: write latest, 2026-03-04, 2026-03-04T05:06:07 or a backup's file name"
        ) from None
    if not moment.microsecond:
        # The list shows whole seconds: the backup taken within that second is meant.
        moment += timedelta(seconds=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
