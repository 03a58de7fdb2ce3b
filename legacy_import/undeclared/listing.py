"""List the undeclared files of a legacy folder with their tables and rows, and name them in a sentence.

A file is read in a snapshot, as an import reads it, so that no writer waits; what was found is kept with the file's
signature, and read again only when that changes. Called by imports, the sync, validation and the sources' page.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from legacy_import.cell_display import visible
from legacy_import.errors import TransientError
from legacy_import.failures import contain_failure
from legacy_import.models import UndeclaredFile
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
from legacy_import.pipeline.stage.extract import count_rows
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.stage.schema_reading import read_schema
from legacy_import.sources import SOURCES
from legacy_import.undeclared.folder_scan import FolderScan, FoundFile, scan_folder
from legacy_import.undeclared.sources import archived_sources, undeclared_source
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.storable import storable_text

_LOCK_TIMEOUT_SECONDS: Final = 2.0
_MAX_BYTES_AT_ONCE: Final = 8 * 1024 * 1024
"""A larger file is not read while somebody waits for a page: the next import or sync counts it."""
_MAX_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One undeclared file; `tables` is None where they were not read, `error` says why, empty where nobody has yet.

    `is_archived` says that some state of it is in the archive, `is_changed` that its present one is not.
    """

    path: str
    tables: tuple[tuple[str, int], ...] | None
    error: str
    is_archived: bool
    is_changed: bool

    @property
    def rows(self) -> int | None:
        """How many rows all tables have, None where that is not known."""
        return None if self.tables is None else sum(rows for _, rows in self.tables)

    @property
    def contents_text(self) -> str:
        """The tables and rows, or why they are not known."""
        if self.error:
            return f"could not be read: {visible(self.error).rstrip('.')}"
        if self.tables is None or self.rows is None:
            return "not counted yet"
        tables = "1 table" if len(self.tables) == 1 else f"{len(self.tables):,} tables"
        return f"{tables}, {self.rows:,} {'row' if self.rows == 1 else 'rows'}"

    @property
    def shown_path(self) -> str:
        """The path, for people."""
        return visible(self.path)

    @property
    def shown_tables(self) -> list[tuple[str, int]]:
        """The first tables with their rows, for people."""
        return [(visible(name), rows) for name, rows in (self.tables or ())[:_MAX_NAMED]]

    @property
    def state_label(self) -> str:
        """Whether it is in the archive."""
        if not self.is_archived:
            return "not archived"
        return "changed since it was archived" if self.is_changed else "archived"

    def as_json(self) -> dict[str, Any]:
        """Return the file as the commands print it."""
        return {
            "path": visible(self.path),
            "tables": None if self.tables is None else {visible(name): rows for name, rows in self.tables},
            "rows": self.rows,
            "error": self.error or None,
            "archived": self.is_archived and not self.is_changed,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The undeclared files of a folder; `remark` is empty where all of the folder was looked at."""

    files: tuple[ListedFile, ...] = ()
    remark: str = ""

    @property
    def sentence(self) -> str:
        """The files in a sentence, with the way to the archive; empty where there are none."""
        sentences = [f"{self.remark[0].upper()}{self.remark[1:]}."] if self.remark else []
        if self.files:
            named = "; ".join(
                f"{visible(one.path)} ({one.contents_text}; {one.state_label})" for one in self.files[:_MAX_NAMED]
            )
            more = f"; and {len(self.files) - _MAX_NAMED:,} more" if len(self.files) > _MAX_NAMED else ""
            count = "1 SQLite file" if len(self.files) == 1 else f"{len(self.files):,} SQLite files"
            sentences.insert(0, f"{count} in the legacy folder that no source declares: {named}{more}.")
        if any(not one.is_archived or one.is_changed for one in self.files):
            sentences.append("manage.py import_legacy --undeclared archives what is not archived yet.")
        return " ".join(sentences)


def scan_legacy_folder(legacy_dir: Path) -> FolderScan:
    """Return the undeclared files of the folder, not read yet; without our own snapshots, should they lie in it."""
    return scan_folder(legacy_dir, declared=[source.path for source in SOURCES], excluded=[Path(settings.BACKUP_DIR)])


def list_undeclared_files(legacy_dir: Path, *, at_once: bool = False) -> Listing:
    """Return the undeclared files of the folder; one that cannot be read is named with the reason, and none raises.

    With `at_once` (for a page) large files that nobody has counted yet stay so, and nothing is written.
    """
    with contain_failure("the legacy folder") as trouble:
        scan = scan_legacy_folder(legacy_dir)
        if not scan.files:
            return Listing((), scan.remark)
        known = UndeclaredFile.objects.using(BUSINESS_CORE).in_bulk([storable_text(one.path) for one in scan.files])
        archived = {source.path for source in archived_sources()}
        return Listing(
            tuple(
                _list_file(legacy_dir, found, known.get(storable_text(found.path)), archived=archived, at_once=at_once)
                for found in scan.files
            ),
            scan.remark,
        )
    return Listing((), trouble.sentence)


def record_archived_state(path: str, signature: str) -> None:
    """Keep which state of a file was archived."""
    with transaction.atomic(using=BUSINESS_CORE):
        files = UndeclaredFile.objects.using(BUSINESS_CORE)
        files.update_or_create(path=path, defaults={"archived_signature": signature})


def forget_archived_state(path: str) -> None:
    """Forget which state of a file was archived: an archiving of it was undone."""
    UndeclaredFile.objects.using(BUSINESS_CORE).filter(path=path).update(archived_signature="")


def _list_file(
    legacy_dir: Path, found: FoundFile, known: UndeclaredFile | None, *, archived: set[str], at_once: bool
) -> ListedFile:
    is_archived = found.path in archived
    is_changed = is_archived and (known is None or known.archived_signature != found.signature)
    tables, error = None, found.error
    if not error and known and known.signature and known.signature == found.signature:
        tables, error = (None if known.error else tuple((name, rows) for name, rows in known.tables)), known.error
    elif not error and not (at_once and found.size_bytes > _MAX_BYTES_AT_ONCE):
        tables, error = _read_table_counts(legacy_dir, found, keep=not at_once)
    return ListedFile(found.path, tables, error, is_archived=is_archived, is_changed=is_changed)


def _read_table_counts(
    legacy_dir: Path, found: FoundFile, *, keep: bool
) -> tuple[tuple[tuple[str, int], ...] | None, str]:
    """Return the file's tables with their rows, or None and the reason; keep both with the file's signature."""
    tables: tuple[tuple[str, int], ...] | None = None
    with contain_failure(found.path) as trouble:
        tables = tuple(_count_table_rows(legacy_dir, found))
    # A file that was locked may be read the next time; a name that is no UTF-8 is no key of a row.
    if keep and not isinstance(trouble.error, TransientError) and storable_text(found.path) == found.path:
        try:
            with transaction.atomic(using=BUSINESS_CORE):
                UndeclaredFile.objects.using(BUSINESS_CORE).update_or_create(
                    path=found.path,
                    defaults={
                        "signature": found.signature,
                        "tables": [[storable_text(name), rows] for name, rows in tables or ()],
                        "error": visible(trouble.sentence),
                    },
                )
        except (DatabaseError, InterfaceError):
            pass  # it is counted again the next time
    return tables, trouble.sentence


def _count_table_rows(legacy_dir: Path, found: FoundFile) -> Sequence[tuple[str, int]]:
    with tempfile.TemporaryDirectory(prefix="synapse-undeclared-") as folder:
        if shutil.disk_usage(folder).free < 2 * found.size_bytes:
            raise TransientError(f"there is no room to look into it: a copy of {found.size_bytes:,} bytes is needed")
        snapshot = take_snapshot(
            legacy_dir / found.path,
            directory=Path(folder),
            lock_timeout_seconds=_LOCK_TIMEOUT_SECONDS,
            now=timezone.now(),
            keep=False,
        )
        with closing(snapshot.open_read_only()) as file:
            schema = read_schema(file, undeclared_source(found.path), journal_mode=snapshot.journal_mode)
            return [(table.name, _count_readable_rows(file, table)) for table in schema.tables]


def _count_readable_rows(file: sqlite3.Connection, table: LegacyTable) -> int:
    try:
        return count_rows(file, table)
    except sqlite3.Error:
        return 0  # it needs a module of the program that wrote it
