"""Which dump is meant: the latest, one by its name, or the state at a moment."""

from datetime import datetime, tzinfo

from legacy_import.backups.catalogue import name_time
from legacy_import.backups.choosing import LATEST, moment_of
from legacy_import.backups.dumps.catalogue import DumpCatalogue, KeptDump
from legacy_import.errors import TerminalError


def choose_dump(catalogue: DumpCatalogue, at: str, *, zone: tzinfo) -> KeptDump:
    """Return the newest dump taken by then; at is what `choose_snapshot` takes. Raises TerminalError."""
    if not catalogue.dumps:
        raise TerminalError(
            f"{catalogue.database}: there is no dump in {catalogue.directory};"
            f" backups dump --database={catalogue.database} takes one"
        )
    if at == LATEST:
        return catalogue.dumps[0]
    return _named(catalogue, at) if name_time(at) else _by(catalogue, at, moment_of(at, zone))


def _named(catalogue: DumpCatalogue, at: str) -> KeptDump:
    found = next((dump for dump in catalogue.dumps if dump.path.name.startswith(at)), None)
    if found is None:
        raise TerminalError(f"{catalogue.database}: there is no dump {at!r}; backups list shows them")
    return found


def _by(catalogue: DumpCatalogue, at: str, moment: datetime) -> KeptDump:
    found = next((dump for dump in catalogue.dumps if dump.taken_at <= moment), None)
    if found is None:
        oldest = catalogue.dumps[-1].taken_at.astimezone(moment.tzinfo)
        raise TerminalError(
            f"{catalogue.database}: no dump is as old as {at}; the oldest was taken at {oldest:%Y-%m-%d %H:%M:%S}"
        )
    return found
