"""Which snapshot is meant: the latest, one by its name, or the state at a moment."""

from datetime import date, datetime, time, timedelta, tzinfo

from legacy_import.backups.catalogue import Catalogue, KeptSnapshot
from legacy_import.errors import TerminalError

LATEST = "latest"


def choose_snapshot(catalogue: Catalogue, at: str, *, zone: tzinfo) -> KeptSnapshot:
    """Return the snapshot that holds the state at that moment: the newest that was taken by then.

    at is `latest`, a snapshot's file name or the beginning of one, a date (its end is meant) or an ISO 8601 time;
    one without an offset is read by the zone's clock. Raises TerminalError where there is none.
    """
    if not catalogue.snapshots:
        raise TerminalError(
            f"{catalogue.source}: there is no snapshot in {catalogue.directory};"
            f" import_legacy --source={catalogue.source} takes one"
        )
    if at == LATEST:
        return catalogue.snapshots[0]
    named = [snapshot for snapshot in catalogue.snapshots if _is_name(at) and snapshot.path.name.startswith(at)]
    return named[0] if named else _at(catalogue, at, _moment(at, zone))


def _is_name(at: str) -> bool:
    """Tell a name from a date: a name has the time behind a T, with its microseconds."""
    return len(at) > len("20260304T050607") and "-" not in at[:16] and ":" not in at


def _moment(at: str, zone: tzinfo) -> datetime:
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
            f"{at!r} is no time: write latest, 2026-03-04, 2026-03-04T05:06:07 or a snapshot's file name"
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
