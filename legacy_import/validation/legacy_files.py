"""Private snapshots of the legacy files as they are now, and read transactions of PostgreSQL beside one of them.

A snapshot, so that validation locks no legacy script out; REPEATABLE READ, so that an import meanwhile is seen wholly
or not at all.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.foreign_sqlite.reading import open_legacy_copy
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.snapshot.snapshot import Snapshot, file_checksum, take_snapshot
from legacy_import.run_order import NEWEST_FIRST
from synapse.foundation.containment import EndsAllUnitsError

_SESSION: Final = (
    # The rebuilt cells are texts that PostgreSQL prints: zone and date style decide how.
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL work_mem = '64MB'",
    # Differences are read through a cursor, and all of them: a plan for the first few would loop over a million rows.
    "SET LOCAL cursor_tuple_fraction = 1.0",
)


@dataclass(frozen=True, slots=True)
class LegacySide:
    """A source's file as it is now."""

    source: Source
    snapshot: Snapshot
    file: sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Reading:
    """A source's file beside its database, in one transaction that sees one moment.

    `changed` says whether the file has changed since the import that the transaction sees; `sha256` is that of the
    file's snapshot.
    """

    source: Source
    file: sqlite3.Connection
    cursor: CursorWrapper
    changed: bool
    sha256: str


class SnapshotLostError(Exception):
    """The snapshot that the source was last imported from is not kept any more, or damaged."""


class NotImportedError(Exception):
    """The source has never been imported, or every import of it was undone."""


class LegacyFiles:
    """Snapshots of legacy files, each taken when it is first asked for and removed at the end.

    Of a withdrawn source, whose file is gone, it is the snapshot last imported, which is kept for good.
    """

    def __init__(self, legacy_dir: Path, *, withdrawn: Collection[str] = ()) -> None:
        self._legacy_dir = legacy_dir
        self._withdrawn = withdrawn
        self._sides: dict[str, LegacySide | Exception] = {}
        self._stack = ExitStack()
        self._folder = Path()

    def __enter__(self) -> Self:
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="synapse-validate-")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sides.clear()
        self._stack.close()

    @property
    def folder(self) -> Path:
        """A folder that ends with the validation."""
        return self._folder

    def open_snapshot(self, source: Source) -> LegacySide:
        """Return the source's file; raises what taking its snapshot raised, also when it is asked for again."""
        if source.name not in self._sides:
            try:
                snapshot = self._take_snapshot(source)
                opened = self._stack.enter_context(closing(snapshot.open_read_only()))
                self._sides[source.name] = LegacySide(source, snapshot, opened)
            except EndsAllUnitsError:
                raise
            except Exception as error:  # noqa: BLE001  # raised below, and contained where a check ends
                # Remembered: a file that is locked for half a minute is waited for once, not by every check.
                self._sides[source.name] = error
        side = self._sides[source.name]
        if isinstance(side, Exception):
            raise side
        return side

    def _take_snapshot(self, source: Source) -> Snapshot:
        if source.name in self._withdrawn:
            return _find_last_snapshot(source)
        return take_snapshot(
            self._legacy_dir / source.path,
            directory=self._folder / source.snapshot_folder,
            lock_timeout_seconds=settings.LEGACY_LOCK_TIMEOUT_SECONDS,
            now=timezone.now(),
            keep=False,
        )

    @contextmanager
    def open_beside_database(self, source: Source) -> Iterator[Reading]:
        """Yield the source's file beside its database; raises NotImportedError where no import of it stands."""
        with open_read_transaction(source.database) as cursor:
            imported = last_imported_sha256(source)
            if imported is None:
                raise NotImportedError(f"not imported yet: run import_legacy --source={source.name}")
            side = self.open_snapshot(source)
            yield Reading(
                source, side.file, cursor, changed=side.snapshot.sha256 != imported, sha256=side.snapshot.sha256
            )

    @contextmanager
    def open_imported_snapshot(self, source: Source) -> Iterator[Reading]:
        """Yield what the source was last imported from beside its database: nothing in it is newer than that import.

        Raises SnapshotLostError, NotImportedError.
        """
        with open_read_transaction(source.database) as cursor:
            run = find_last_import(source)
            if run is None:
                raise NotImportedError(f"not imported yet: run import_legacy --source={source.name}")
            path = find_kept_snapshot(run)
            with closing(open_legacy_copy(path)) as file:
                yield Reading(source, file, cursor, changed=False, sha256=run.snapshot_sha256)


@contextmanager
def open_read_transaction(alias: str) -> Iterator[CursorWrapper]:
    """Yield a cursor in a transaction of its own that sees one moment; temporary tables end with it."""
    connection = connections[alias]
    outermost = not connection.in_atomic_block
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        if outermost:
            # An import that ends meanwhile must be seen wholly or not at all, its run included.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for statement in _SESSION:
            cursor.execute(statement)
        yield cursor


def last_imported_sha256(source: Source) -> str | None:
    """Return the checksum of the snapshot that the source was last imported from, None where no import stands."""
    run = find_last_import(source)
    return run.snapshot_sha256 if run else None


def find_last_import(source: Source) -> ImportRun | None:
    """Return the source's last import that stands, None where none does."""
    runs = ImportRun.objects.using(source.database).filter(
        source=source.name, status__in=ImportRun.FINISHED, kind=ImportRun.Kind.IMPORT
    )
    return runs.order_by(*NEWEST_FIRST).first()


def _find_last_snapshot(source: Source) -> Snapshot:
    """Return what a withdrawn source was last imported from. Raises TerminalError where it is not kept any more."""
    run = find_last_import(source)
    if run is None:
        raise TerminalError(f"{source.name}: it is withdrawn and was never imported")
    try:
        path = find_kept_snapshot(run)
    except SnapshotLostError as error:
        raise TerminalError(
            f"{source.name}: it is withdrawn, and its last snapshot, {run.snapshot_path}, is gone or damaged: bring it"
            f" back from a copy of the backup folder, or keep what export_legacy --source={source.name} rebuilds"
        ) from error
    return Snapshot(
        path=path,
        sha256=run.snapshot_sha256,
        size_bytes=path.stat().st_size,
        journal_mode="delete",
        taken_at=run.started_at,
        reused=True,
    )


def find_kept_snapshot(run: ImportRun) -> Path:
    """Return where the run's snapshot is kept, wherever the backups were moved to. Raises SnapshotLostError."""
    kept = Path(run.snapshot_path)
    for path in (kept, Path(settings.BACKUP_DIR) / kept.parent.name / kept.name):
        if path.is_file() and file_checksum(path) == run.snapshot_sha256:
            return path
    state = "damaged" if kept.is_file() else "gone"
    raise SnapshotLostError(
        f"the file has changed since its last import, and the snapshot of that import, {kept}, is {state}: what differs"
        f" cannot be told from what is newer; run import_legacy --source={run.source}, then validate again"
    )
