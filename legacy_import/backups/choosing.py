"""Which snapshot is meant: the latest, one by its name, or the state at a moment."""

from datetime import date, datetime, time, timedelta, tzinfo

from legacy_import.backups.catalogue import Catalogue, KeptSnapshot, name_time
from legacy_import.errors import TerminalError

LATEST = "latest"


def choose_snapshot(catalogue: Catalogue, at: str, *, zone: tzinfo) -> KeptSnapshot:
    """Return the snapshot that holds the state at that moment: the newest that was taken by then.

    at is `latest` (what a restore itself saved is passed over), a snapshot's file name with or without its checksum,
    a date (its end is meant) or an ISO 8601 time; one without an offset is read by the zone's clock.
    Raises TerminalError where there is none.
    """
    if not catalogue.snapshots:
        raise TerminalError(
            f"{catalogue.source}: there is no snapshot in {catalogue.directory};"
            f" import_legacy --source={catalogue.source} takes one"
        )
    if at == LATEST:
        # A restore that failed half-way has snapshotted the very file one wants to be rid of.
        return next((one for one in catalogue.snapshots if not one.is_before_restore), catalogue.snapshots[0])
    return _named(catalogue, at) if name_time(at) else _at(catalogue, at, moment_of(at, zone))


def _named(catalogue: Catalogue, at: str) -> KeptSnapshot:
    found = next((snapshot for snapshot in catalogue.snapshots if snapshot.path.name.startswith(at)), None)
    if found is None:
        raise TerminalError(f"{catalogue.source}: there is no snapshot {at!r}; backups list shows them")
    return found


def moment_of(at: str, zone: tzinfo) -> datetime:
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
        # The list shows whole seconds: the snapshot taken within that second is meant.
        moment += timedelta(seconds=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _at(catalogue: Catalogue, at: str, moment: datetime) -> KeptSnapshot:
    found = next((snapshot for snapshot in catalogue.snapshots if snapshot.taken_at <= moment), None)
    if found is None:
        oldest = catalogue.snapshots[-1].taken_at.astimezone(moment.tzinfo)
        raise TerminalError(
            f"{catalogue.source}: no snapshot is as old as {at}; the oldest was taken at {oldest:%Y-%m-%d %H:%M:%S}"
        )
    return found
