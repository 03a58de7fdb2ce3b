"""Taking a dump in pg_dump's custom format, with a manifest of what is in it.

Whatever line a kill hits, no partial dump has a dump's name: it is written in a work folder, checked, fsynced and
renamed atomically. pg_dump and the counting of the rows read one exported snapshot of the database, so that the
manifest's figures are the dump's.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from legacy_import.backups.dumps.client import (
    database_name,
    libpq_address,
    open_session,
    run_program,
    translate_dump_errors,
)
from legacy_import.backups.dumps.kind import PARTIAL_PREFIX, DumpManifest, KeptDump, find_abandoned_dumps
from legacy_import.backups.dumps.programs import programs_to_dump
from legacy_import.backups.kept_backup import backup_stem
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.snapshot.disk_space import require_dump_space
from legacy_import.pipeline.snapshot.snapshot import file_checksum, hold_directory_lock
from synapse.foundation.durable_files import replace_file_durably

_LOCK_TIMEOUT_SECONDS: Final = 600.0
"""How long to wait for another dump of the same database."""
_TABLE_LOCK_TIMEOUT: Final = "300s"
"""How long a dump waits for an import that is refreshing a view, or for a migration."""

Watch = Callable[[int], None]
"""Gets the bytes that have been written so far."""


@dataclass(frozen=True, slots=True)
class DumpOrder:
    """Which database is dumped into which folder, why, for whom."""

    alias: str
    directory: Path
    reason: str
    requested_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a snapshot of the database holds, and the name under which pg_dump reads the same one."""

    snapshot: str
    server_version: str
    change_mark: int | None
    size_bytes: int
    tables: dict[str, int]


def take_dump(order: DumpOrder, *, watch: Watch = lambda _bytes: None) -> KeptDump:
    """Dump the database and return the dump, checked. Raises LegacyImportError, one sentence; then nothing is kept."""
    name = database_name(order.alias)
    with translate_dump_errors(f"{name}: no dump was taken"):
        order.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with hold_directory_lock(order.directory, _LOCK_TIMEOUT_SECONDS):
            # Whatever is partial while this holds the lock is a killed dump's.
            for path in list(find_abandoned_dumps(order.directory)):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            work = Path(tempfile.mkdtemp(prefix=PARTIAL_PREFIX, dir=order.directory))
            try:
                partial = work / "database.partial"
                return _publish_dump(order, partial, _run_pg_dump(order, partial, watch))
            finally:
                shutil.rmtree(work, ignore_errors=True)


def _run_pg_dump(order: DumpOrder, partial: Path, watch: Watch) -> DumpManifest:
    """Write the dump to the partial file and return its manifest."""
    name = database_name(order.alias)
    with open_session(order.alias) as connection:
        programs = programs_to_dump(read_server_major(connection))
        contents = _export_snapshot(connection)
        require_dump_space(order.directory, contents.size_bytes, who=name)
        address = libpq_address(order.alias)
        arguments: list[str | Path] = [
            "--format=custom",
            "--encoding=UTF8",
            "--no-owner",
            "--no-privileges",
            # The environment has the password where one is needed: asking would wait for ever.
            "--no-password",
            f"--snapshot={contents.snapshot}",
            f"--lock-wait-timeout={_TABLE_LOCK_TIMEOUT}",
            f"--file={partial}",
            f"--dbname={address.conninfo}",
        ]
        run_program(
            programs.program_path("pg_dump"),
            arguments,
            address=address,
            watch=lambda: watch(partial.stat().st_size if partial.exists() else 0),
        )
    # Reads the table of contents: the program's exit code is believed, and verified.
    run_program(programs.program_path("pg_restore"), ["--list", partial])
    return DumpManifest(
        sha256=file_checksum(partial),
        size_bytes=partial.stat().st_size,
        database=name,
        server_version=contents.server_version,
        program_version=programs.version,
        reason=order.reason,
        requested_by=order.requested_by,
        change_mark=contents.change_mark,
        database_size_bytes=contents.size_bytes,
        tables=contents.tables,
    )


def read_server_major(connection: BaseDatabaseWrapper) -> int:
    """Return the major version of the server that is connected to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        major: int = cursor.fetchone()[0]
    return major


def _export_snapshot(connection: BaseDatabaseWrapper) -> _Contents:
    """Begin a REPEATABLE READ transaction, export its snapshot, and return what is in it.

    pg_dump reads the same snapshot as long as this connection's transaction is open.
    """
    # No atomic block: the transaction ends when the caller closes the connection, after pg_dump.
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL lock_timeout = {literal(_TABLE_LOCK_TIMEOUT)}")
        cursor.execute(
            "SELECT pg_export_snapshot(), current_setting('server_version'), pg_database_size(current_database())"
        )
        snapshot, version, size_bytes = cursor.fetchone()
        tables = count_table_rows(cursor)
        mark = None
        if "public.change_log" in tables:
            cursor.execute("SELECT coalesce(max(id), 0) FROM public.change_log")
            mark = cursor.fetchone()[0]
    return _Contents(snapshot, version, mark, size_bytes, tables)


def count_table_rows(cursor: CursorWrapper) -> dict[str, int]:
    """Return the number of rows of every table of the database, as `schema.table`."""
    cursor.execute(
        "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND c.relpersistence <> 't'"
        " AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2"
    )
    counts = {}
    for schema, table in cursor.fetchall():
        cursor.execute(f"SELECT count(*) FROM {identifier(schema)}.{identifier(table)}")
        counts[f"{schema}.{table}"] = int(cursor.fetchone()[0])
    return counts


def _publish_dump(order: DumpOrder, partial: Path, manifest: DumpManifest) -> KeptDump:
    """Rename the dump and its manifest to their names, each atomically and fsynced."""
    taken_at = order.now.astimezone(UTC)
    path = order.directory / f"{backup_stem(taken_at, manifest.sha256)}.dump"
    partial_manifest = partial.with_name("manifest")
    partial_manifest.write_text(json.dumps({"taken_at": taken_at.isoformat(), **asdict(manifest)}, indent=2) + "\n")
    # The manifest first: alone it is swept up as abandoned, a dump alone would stay for ever.
    replace_file_durably(partial_manifest, path.with_suffix(".json"))
    replace_file_durably(partial, path)
    return KeptDump(manifest.database, path, taken_at, manifest)
