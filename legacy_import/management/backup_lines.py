"""What `manage.py backups` prints in sentences; tables and progress bars are in `backup_drawing`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from legacy_import.backups.dumps.client import database_name
from legacy_import.backups.dumps.kind import FOLDER, KeptDump
from legacy_import.backups.kept_backup import KeptBackup
from legacy_import.backups.pruning import Pruned
from legacy_import.management.backup_output import format_size
from legacy_import.mapping import Source
from legacy_import.services import DatabaseRestoreResult, RestoredSnapshot
from legacy_import.sources import SOURCES


def no_snapshots_message(sources: Sequence[Source]) -> str:
    """Say how to come by a first snapshot."""
    which = f"--source={','.join(source.name for source in sources)}" if tuple(sources) != SOURCES else "--all"
    return f"There are no snapshots in {settings.BACKUP_DIR} yet: import_legacy {which} takes one of each file."


def no_dumps_message() -> str:
    """Say how to come by a first dump."""
    return f"There are no such dumps in {settings.BACKUP_DIR / FOLDER} yet: backups dump takes one of each database."


def dumped_line(dump: KeptDump) -> str:
    """Say what was dumped where."""
    rows = f"{dump.manifest.row_count:,} rows" if dump.manifest else ""
    return f"{dump.origin}: dumped {rows} ({format_size(dump.size_bytes)}) to {dump.path}"


def restored_snapshot_lines(source: Source, restored: RestoredSnapshot) -> list[str]:
    """Say which file is back, and where the one before lies."""
    put_back = f"{source.name}: {restored.path} is back as it was at {_format_taken_at(restored.snapshot)}"
    lines = [f"{put_back} ({format_size(restored.snapshot.size_bytes)}, from {restored.snapshot.path.name})"]
    if restored.replaced is None:
        return lines
    if restored.replaced.saved is None:
        lines.append(f"{source.name}: there was no file before")
    elif restored.replaced.damaged:
        lines.append(f"{source.name}: the file before was damaged; its bytes lie in {restored.replaced.saved}")
    else:
        lines.append(f"{source.name}: the file before lies in {restored.replaced.saved}")
    return [*lines, f"{source.name}: the next import takes over what differs"]


def restored_database_lines(alias: str, restored: DatabaseRestoreResult) -> list[str]:
    """Say which database holds the dump, and how to look at it or at the one before."""
    live, name = database_name(alias), restored.database.name
    counted = f"{restored.database.row_count:,} rows, from {restored.dump.path.name}"
    state = f"as it was at {_format_taken_at(restored.dump)} ({counted})"
    if not restored.swapped:
        return [
            f"{name} holds {live} {state}; {live} itself is untouched",
            f"look at it: manage.py dbshell --database={alias}, then \\c {name}",
            f"remove it: DROP DATABASE {name};",
        ]
    if restored.former is None:
        before = f"there was no {live} before"
    else:
        before = f"the one before is kept as {restored.former}; remove it: DROP DATABASE {restored.former};"
    return [f"{live} is {state}", before, "run migrate_all now: the dump may be older than the program"]


def pruned_lines(snapshots: Sequence[Pruned], dumps: Sequence[Pruned], *, days: int, dry_run: bool) -> list[str]:
    """Say what was removed, and what that freed."""
    would = "would be " if dry_run else ""
    both = (*snapshots, *dumps)
    lines = [f"{one.origin}: left alone, {one.skipped}" for one in both if one.skipped]
    for one in both:
        lines += [f"{one.origin}: {would}removed {path.name}" for path in (*one.backups, *one.leftovers)]
        lines += [
            f"{one.origin}: {would}removed {path.name}, of whose hour or day a later one stays" for path in one.thinned
        ]
    if not any(one.freed_bytes for one in both):
        return [*lines, f"nothing is older than {days} days"]
    counted = [_count_noun(sum(len(one.backups) for one in snapshots), "snapshot")]
    if dumps:
        counted.append(_count_noun(sum(len(one.backups) for one in dumps), "dump"))
    old = f"{' and '.join(counted)} older than {days} days"
    thinned = sum(len(one.thinned) for one in snapshots)
    redundant = f" and {_count_noun(thinned, 'redundant snapshot')}" if thinned else ""
    freed = format_size(sum(one.freed_bytes for one in both))
    return [*lines, f"{old}{redundant} {would}removed, {freed} freed"]


def _count_noun(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _format_taken_at(kept: KeptBackup[Any]) -> str:
    return f"{timezone.localtime(kept.taken_at):%Y-%m-%d %H:%M:%S}"
