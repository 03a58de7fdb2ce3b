"""Taking a dump: pg_dump's custom format, with a manifest of what is in it.

What lives here: the order of the steps. Whatever line a kill hits, no half dump has a dump's name: it is written in a
work folder, checked, synced and renamed. pg_dump and the counting of the rows read one and the same snapshot of the
database, so that the manifest's figures are the dump's.
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

from legacy_import.backups.catalogue import TIME_FORMAT
from legacy_import.backups.dumps.catalogue import PARTIAL_PREFIX, DumpManifest, KeptDump, leftovers
from legacy_import.backups.dumps.client import address_of, database_name, in_a_sentence, run_program, session
from legacy_import.backups.dumps.programs import programs_to_dump
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.snapshot.disk_space import require_dump_space
from legacy_import.pipeline.snapshot.snapshot import file_checksum, hold_directory_lock, publish_file
from synapse.foundation.embedded_postgres.binaries import Binaries

_PATIENCE_SECONDS: Final = 600.0
"""How long to wait for another dump of the same database."""
_LOCK_PATIENCE: Final = "300s"
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
    with in_a_sentence(f"{name}: no dump was taken"):
        order.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with hold_directory_lock(order.directory, _PATIENCE_SECONDS):
            sweep(order.directory)
            work = Path(tempfile.mkdtemp(prefix=PARTIAL_PREFIX, dir=order.directory))
            try:
                return _take(order, work, watch)
            finally:
                shutil.rmtree(work, ignore_errors=True)


def sweep(directory: Path) -> None:
    """Remove what killed dumps left; the caller holds the directory's lock."""
    for path in list(leftovers(directory)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _take(order: DumpOrder, work: Path, watch: Watch) -> KeptDump:
    partial = work / "database.partial"
    with session(order.alias) as connection:
        programs = programs_to_dump(server_major(connection))
        contents = _hold_still(connection)
        require_dump_space(order.directory, contents.size_bytes, who=database_name(order.alias))
        run_program(
            programs.program_path("pg_dump"),
            _arguments(order.alias, contents, partial),
            address=address_of(order.alias),
            watch=lambda: watch(partial.stat().st_size if partial.exists() else 0),
        )
    # Reads its table of contents: the program's good exit is believed, and looked after.
    run_program(programs.program_path("pg_restore"), ["--list", partial])
    return _keep(order, partial, _manifest(order, partial, contents, programs))


def server_major(connection: BaseDatabaseWrapper) -> int:
    """Return the major version of the server that is connected to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        major: int = cursor.fetchone()[0]
    return major


def _hold_still(connection: BaseDatabaseWrapper) -> _Contents:
    """Begin a transaction that sees one state, as long as the connection lives, and say what is in it."""
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL lock_timeout = {literal(_LOCK_PATIENCE)}")
        cursor.execute(
            "SELECT pg_export_snapshot(), current_setting('server_version'), pg_database_size(current_database())"
        )
        snapshot, version, size_bytes = cursor.fetchone()
        tables = count_tables(cursor)
        mark = None
        if "public.change_log" in tables:
            cursor.execute("SELECT coalesce(max(id), 0) FROM public.change_log")
            mark = cursor.fetchone()[0]
    return _Contents(snapshot, version, mark, size_bytes, tables)


def count_tables(cursor: CursorWrapper) -> dict[str, int]:
    """Return the rows of every table of the database, as `schema.table`."""
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


def _arguments(alias: str, contents: _Contents, partial: Path) -> list[str | Path]:
    return [
        "--format=custom",
        "--encoding=UTF8",
        "--no-owner",
        "--no-privileges",
        # The environment has the password where one is needed: asking would wait for ever.
        "--no-password",
        f"--snapshot={contents.snapshot}",
        f"--lock-wait-timeout={_LOCK_PATIENCE}",
        f"--file={partial}",
        f"--dbname={address_of(alias).conninfo}",
    ]


def _manifest(order: DumpOrder, partial: Path, contents: _Contents, programs: Binaries) -> DumpManifest:
    return DumpManifest(
        sha256=file_checksum(partial),
        size_bytes=partial.stat().st_size,
        database=database_name(order.alias),
        server_version=contents.server_version,
        program_version=programs.version,
        reason=order.reason,
        requested_by=order.requested_by,
        change_mark=contents.change_mark,
        database_size_bytes=contents.size_bytes,
        tables=contents.tables,
    )


def _keep(order: DumpOrder, partial: Path, manifest: DumpManifest) -> KeptDump:
    taken_at = order.now.astimezone(UTC)
    path = order.directory / f"{taken_at.strftime(TIME_FORMAT)}-{manifest.sha256[:12]}.dump"
    words = partial.with_name("manifest")
    words.write_text(json.dumps({"taken_at": taken_at.isoformat(), **asdict(manifest)}, indent=2) + "\n")
    # The manifest first: alone it tells nothing and is swept up, a dump alone would stay for ever.
    publish_file(words, path.with_suffix(".json"))
    publish_file(partial, path)
    return KeptDump(manifest.database, path, taken_at, manifest)
