"""Restoring a dump into a new database beside the live one, which is not touched; `swapping` puts it in its place.

It is filled under the name `…_restoring_…` and renamed to `…_restored_…` once its record counts are the manifest's:
what a killed restore left is never taken for a whole database, and the next restore drops it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from legacy_import.backups.checking import require_sound_backup
from legacy_import.backups.dumps.client import (
    MAINTENANCE,
    Watch,
    database_name,
    libpq_address,
    open_session,
    run_program,
    translate_dump_errors,
)
from legacy_import.backups.dumps.kind import DUMPS, KeptDump
from legacy_import.backups.dumps.programs import programs_to_restore
from legacy_import.backups.dumps.taking import count_table_rows, read_server_major
from legacy_import.errors import TerminalError, TransientError
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.snapshot.disk_space import require_restore_space
from synapse.foundation.embedded_postgres.binaries import Binaries

_UNFINISHED_WORD: Final = "restoring"
_FINISHED_WORD: Final = "restored"
_MAX_NAME_LENGTH: Final = 63
"""PostgreSQL's NAMEDATALEN, less its end mark."""
_STAMP_LENGTH: Final = len("20260304_050607")
_COLLATION: Final = """
    SELECT datlocprovider, datcollate, datctype, coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale')
    FROM pg_database AS d WHERE datname = %s
"""
"""The provider's column was renamed in PostgreSQL 17."""


@dataclass(frozen=True, slots=True)
class RestoredDatabase:
    """A new database, and how many rows it holds in all."""

    name: str
    row_count: int


def restore_dump(alias: str, dump: KeptDump, *, now: datetime, watch: Watch = lambda: None) -> RestoredDatabase:
    """Restore the dump, checked first, into a new database on the alias's server; the live one may be missing.

    Raises LegacyImportError, one sentence; then no new database is left.
    """
    require_sound_backup(DUMPS, dump)
    manifest = dump.manifest
    assert manifest is not None  # noqa: S101 - a sound dump has one
    live = database_name(alias)
    with (
        translate_dump_errors(f"{live}: nothing was restored"),
        open_session(alias, database=MAINTENANCE) as connection,
    ):
        programs = programs_to_restore(read_server_major(connection))
        require_restore_space(alias, manifest.database_size_bytes, who=live)
        with connection.cursor() as cursor:
            # An advisory lock, held as long as the session: what is unfinished now was left by a killed restore.
            cursor.execute(f"SELECT pg_try_advisory_lock(hashtextextended({literal(f'synapse restore {live}')}, 0))")
            if not cursor.fetchone()[0]:
                raise TransientError(f"{live}: nothing was restored: another restore of it is under way.")
            _drop_unfinished(cursor, live)
            unfinished = find_free_name(cursor, live, _UNFINISHED_WORD, now)
            # CREATE DATABASE can't run in a transaction: what fails from here on is undone by hand.
            cursor.execute(f"CREATE DATABASE {identifier(unfinished)} {_locale_options_sql(cursor, live)}")
            try:
                _run_pg_restore(alias, unfinished, dump, programs, watch)
                with open_session(alias, database=unfinished) as filled:
                    _require_equal_counts(filled, dump)
                    with filled.cursor() as filled_cursor:
                        # A restore brings no planner statistics: pages would be slow until autovacuum analyzes.
                        filled_cursor.execute("ANALYZE")
            except BaseException:
                cursor.execute(f"DROP DATABASE IF EXISTS {identifier(unfinished)} WITH (FORCE)")
                raise
            name = find_free_name(cursor, live, _FINISHED_WORD, now)
            cursor.execute(f"ALTER DATABASE {identifier(unfinished)} RENAME TO {identifier(name)}")
    return RestoredDatabase(name, manifest.row_count)


def find_free_name(cursor: CursorWrapper, live: str, word: str, now: datetime) -> str:
    """Return a name that no database has yet, of the live one, the word and the first free second from now on."""
    while True:
        name = _derived_name(live, word, now)
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
        if not cursor.fetchone()[0]:
            return name
        now += timedelta(seconds=1)


def _derived_name(live: str, word: str, now: datetime) -> str:
    """Return the name of a database that is derived from the live one, cut to PostgreSQL's limit."""
    suffix = f"_{word}_{now.astimezone(UTC):%Y%m%d_%H%M%S}"
    return live[: _MAX_NAME_LENGTH - len(suffix)] + suffix


def _drop_unfinished(cursor: CursorWrapper, live: str) -> None:
    """Drop what killed restores left: databases of the derived name's very shape, with any time."""
    beginning = _derived_name(live, _UNFINISHED_WORD, datetime(2000, 1, 1, tzinfo=UTC))[:-_STAMP_LENGTH]
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND right(datname, %s) ~ '^\\d{8}_\\d{6}$'"
        " AND length(datname) = %s",
        [beginning, _STAMP_LENGTH, len(beginning) + _STAMP_LENGTH],
    )
    for (name,) in cursor.fetchall():
        # A killed restore's pg_restore may still be at work in it.
        cursor.execute(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")


def _locale_options_sql(cursor: CursorWrapper, live: str) -> str:
    """Return the options that give a new database the live one's collation; the server's where there is no live one."""
    cursor.execute(_COLLATION, [live])
    options = "ENCODING 'UTF8' TEMPLATE template0 "
    if not (found := cursor.fetchone()):
        return options
    provider, collate, ctype, locale = found
    # PostgreSQL's "char" comes from drivers as text or as a byte.
    letter = provider.decode() if isinstance(provider, bytes) else str(provider)
    named = {"b": "builtin BUILTIN_LOCALE", "i": "icu ICU_LOCALE"}.get(letter)
    chosen = f"LOCALE_PROVIDER {named} {literal(locale)}" if named and locale else "LOCALE_PROVIDER libc"
    return f"{options}{chosen} LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}"


def _run_pg_restore(alias: str, name: str, dump: KeptDump, programs: Binaries, watch: Watch) -> None:
    address = libpq_address(alias, database=name)
    arguments = [
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        "--no-password",
        f"--dbname={address.conninfo}",
        str(dump.path),
    ]
    run_program(programs.program_path("pg_restore"), arguments, address=address, watch=watch)


def _require_equal_counts(connection: BaseDatabaseWrapper, dump: KeptDump) -> None:
    """Raise TerminalError where a table has another record count than the manifest says."""
    expected = dump.manifest.tables if dump.manifest else {}
    with connection.cursor() as cursor:
        found = count_table_rows(cursor)
    for table in sorted(found.keys() | expected.keys()):
        if expected.get(table) != found.get(table):
            raise TerminalError(
                f"{dump.origin}: nothing was restored: {dump.path.name} should give"
                f" {_format_row_count(expected.get(table))} in {table} and gave {_format_row_count(found.get(table))}."
            )


def _format_row_count(count: int | None) -> str:
    return "no table" if count is None else f"{count:,} rows"
