"""Preflight: whether the disks have room for what is about to be written, asked before the first byte.

A disk that others fill meanwhile still fails the write: then SQLite or PostgreSQL raises, and nothing is kept.

Measured with `demo_legacy --rows 200000` (a primary of 90 MB) on PostgreSQL 18: the growth of the data directory at its
highest, by byte of SQLite, indexes, ledger, staging and WAL included.
- first import: 4.9 (3.0 tables and staging, 1.9 WAL; 1.9 tables stay)
- the same file again, unchanged: 1.1, all of it staging
- half of the rows dirty: 5.8 the first time, 1.6 again, for quarantined rows keep all their cells
A dump: 0.14 of the database's size (custom format, its compression); it is more where texts don't compress.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from legacy_import.errors import TerminalError

_FIRST_IMPORT_FACTOR: Final = 7.0
_REPEATED_IMPORT_FACTOR: Final = 2.0
_DUMP_FACTOR: Final = 0.5
_RESTORE_FACTOR: Final = 2.0
"""The tables and indexes, and the WAL of writing them."""
_SNAPSHOT_FACTOR: Final = 1.05
_MIN_BYTES: Final = 4 * 2**20
"""Manifests, lock files, a file that grows meanwhile."""
_POSTGRES_MIN_BYTES: Final = 16 * 2**20
"""One segment of WAL: PostgreSQL takes no less."""
_LOCAL_HOSTS: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class SpaceNeed:
    """How many bytes are about to be written under a folder, for what, and what to do where they don't fit."""

    folder: Path
    size_bytes: int
    purpose: str
    advice: str


def require_import_space(alias: str, live: Path, snapshots: Path, *, who: str, first: bool) -> None:
    """Raise TerminalError where the import of the live file would not fit: its snapshot, then its rows in PostgreSQL.

    `first` says that the source was never imported. A disk that can't be asked, as another machine's, is not checked.
    """
    size_bytes = live_size_bytes(live)
    needs = [
        SpaceNeed(
            folder=snapshots,
            size_bytes=int(size_bytes * _SNAPSHOT_FACTOR) + _MIN_BYTES,
            purpose=f"a snapshot of {live}",
            advice="free some there (backups prune removes old ones), or let BACKUP_DIR name a folder on a larger disk",
        )
    ]
    if data := local_data_directory(alias):
        factor = _FIRST_IMPORT_FACTOR if first else _REPEATED_IMPORT_FACTOR
        needs.append(
            SpaceNeed(
                folder=data,
                size_bytes=int(size_bytes * factor) + _POSTGRES_MIN_BYTES,
                purpose=f"PostgreSQL to import {live}",
                advice="free some there, or move PostgreSQL's data to a larger disk",
            )
        )
    require_space(needs, what=f"{who} was not imported, nothing was begun")


def require_dump_space(folder: Path, database_size_bytes: int, *, who: str) -> None:
    """Raise TerminalError where a dump of a database of that size would not fit into the folder."""
    need = SpaceNeed(
        folder=folder,
        size_bytes=int(database_size_bytes * _DUMP_FACTOR) + _MIN_BYTES,
        purpose=f"a dump of {who}",
        advice="free some there (backups prune removes old ones), or let BACKUP_DIR name a folder on a larger disk",
    )
    require_space([need], what=f"{who} was not dumped")


def require_restore_space(alias: str, database_size_bytes: int, *, who: str) -> None:
    """Raise TerminalError where another database of that size would not fit beside the alias's, WAL included."""
    if data := local_data_directory(alias):
        need = SpaceNeed(
            folder=data,
            size_bytes=int(database_size_bytes * _RESTORE_FACTOR) + _POSTGRES_MIN_BYTES,
            purpose=f"a restored {who}",
            advice="drop databases that were restored earlier, or move PostgreSQL's data to a larger disk",
        )
        require_space([need], what=f"{who}: nothing was restored")


def require_space(needs: list[SpaceNeed], *, what: str) -> None:
    """Raise TerminalError for the first file system that has less than its needs together."""
    # Two needs on one file system share its free bytes.
    by_device: dict[int, list[SpaceNeed]] = {}
    for need in needs:
        by_device.setdefault(_nearest_existing_folder(need.folder).stat().st_dev, []).append(need)
    for together in by_device.values():
        first = together[0]
        free_bytes = shutil.disk_usage(_nearest_existing_folder(first.folder)).free
        needed_bytes = sum(need.size_bytes for need in together)
        if free_bytes < needed_bytes:
            purposes = " and ".join(need.purpose for need in together)
            raise TerminalError(
                f"{what}: the disk of {first.folder} has {_format_megabytes(free_bytes)} free and {purposes}"
                f" may need {_format_megabytes(needed_bytes)}: {first.advice}."
            )


def live_size_bytes(live: Path) -> int:
    """Return the size of the file with its journals, 0 where it can't be asked: the snapshot says why."""
    size_bytes = 0
    for suffix in ("", "-wal", "-journal"):
        with suppress(OSError):
            size_bytes += live.with_name(live.name + suffix).stat().st_size
    return size_bytes


def local_data_directory(alias: str) -> Path | None:
    """Return where the alias's server keeps its data; None where it won't say or that is another machine's folder."""
    try:
        connection = connections[alias]
        connection.ensure_connection()
        host = str(connection.settings_dict["HOST"])
        # A host that is a path is the folder of a local socket.
        if host not in _LOCAL_HOSTS and not host.startswith("/"):
            return None
        with connection.cursor() as cursor:
            # No error where the role may not know it: inside a transaction that would end it.
            cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
            row = cursor.fetchone()
    except (DatabaseError, ImproperlyConfigured):
        return None
    folder = Path(row[0]) if row and row[0] else None
    return folder if folder and _exists(folder) else None


def _exists(folder: Path) -> bool:
    try:
        folder.stat()
    except OSError:
        return False
    return True


def _nearest_existing_folder(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.parents) if _exists(path)), Path("/"))


def _format_megabytes(size_bytes: int) -> str:
    return f"{max(size_bytes, 0) / 2**20:,.0f} MB"
