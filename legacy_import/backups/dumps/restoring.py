"""A dump restored into a new database beside the live one, which is not touched.

What lives here: creating, filling and comparing. What does not: putting it in the live one's place (swapping).
It is filled under the name `…_restoring_…` and gets `…_restored_…` once its rows are those of the manifest: what a
killed restore left is never taken for a whole database, and the next restore drops it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from legacy_import.backups.dumps.catalogue import KeptDump
from legacy_import.backups.dumps.checking import checked
from legacy_import.backups.dumps.client import (
    MAINTENANCE,
    Watch,
    address_of,
    database_name,
    in_a_sentence,
    run_program,
    session,
)
from legacy_import.backups.dumps.programs import programs_to_restore
from legacy_import.backups.dumps.taking import count_tables, server_major
from legacy_import.errors import TerminalError, TransientError
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.snapshot.disk_space import require_restore_space
from synapse.foundation.embedded_postgres.binaries import Binaries

_UNFINISHED: Final = "restoring"
_FINISHED: Final = "restored"
_LONGEST_NAME: Final = 63
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
    rows: int


def restore_dump(alias: str, dump: KeptDump, *, now: datetime, watch: Watch = lambda: None) -> RestoredDatabase:
    """Restore the dump, checked first, into a new database on the alias's server; the live one may be missing.

    Raises LegacyImportError, one sentence; then no new database is left.
    """
    checked(dump)
    live = database_name(alias)
    with in_a_sentence(f"{live}: nothing was restored"), session(alias, database=MAINTENANCE) as connection:
        programs = programs_to_restore(server_major(connection))
        if dump.manifest:
            require_restore_space(alias, dump.manifest.database_size_bytes, who=live)
        with connection.cursor() as cursor, _alone(cursor, live):
            _drop_unfinished(cursor, live)
            unfinished = free_name(cursor, live, _UNFINISHED, now)
            cursor.execute(f"CREATE DATABASE {identifier(unfinished)} {_like(cursor, live)}")
            try:
                _fill(alias, unfinished, dump, programs, watch)
            except BaseException:
                cursor.execute(f"DROP DATABASE IF EXISTS {identifier(unfinished)} WITH (FORCE)")
                raise
            name = free_name(cursor, live, _FINISHED, now)
            cursor.execute(f"ALTER DATABASE {identifier(unfinished)} RENAME TO {identifier(name)}")
    assert dump.manifest is not None  # noqa: S101 - a checked dump has one
    return RestoredDatabase(name, dump.manifest.rows)


def free_name(cursor: CursorWrapper, live: str, word: str, now: datetime) -> str:
    """Return a name that no database has yet, of the live one, the word and the first free second from now on."""
    while True:
        name = _derived_name(live, word, now)
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
        if not cursor.fetchone()[0]:
            return name
        now += timedelta(seconds=1)


def _derived_name(live: str, word: str, now: datetime) -> str:
    """Return the name of a database that comes of the live one, as long as PostgreSQL allows."""
    suffix = f"_{word}_{now.astimezone(UTC):%Y%m%d_%H%M%S}"
    return live[: _LONGEST_NAME - len(suffix)] + suffix


@contextmanager
def _alone(cursor: CursorWrapper, live: str) -> Iterator[None]:
    """Hold the lock of this database's restores: whatever unfinished one there is then, is a killed one's."""
    cursor.execute(f"SELECT pg_try_advisory_lock(hashtextextended({literal(f'synapse restore {live}')}, 0))")
    if not cursor.fetchone()[0]:
        raise TransientError(f"{live}: nothing was restored: another restore of it is under way.")
    # It ends with the session.
    yield


def _drop_unfinished(cursor: CursorWrapper, live: str) -> None:
    beginning = _derived_name(live, _UNFINISHED, datetime(2000, 1, 1, tzinfo=UTC))[:-_STAMP_LENGTH]
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND right(datname, %s) ~ '^\\d{8}_\\d{6}$'"
        " AND length(datname) = %s",
        [beginning, _STAMP_LENGTH, len(beginning) + _STAMP_LENGTH],
    )
    for (name,) in cursor.fetchall():
        # A killed restore's pg_restore may still be at work in it.
        cursor.execute(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")


def _like(cursor: CursorWrapper, live: str) -> str:
    """Return the options that give a new database the live one's collation; the server's where there is none."""
    cursor.execute(_COLLATION, [live])
    found = cursor.fetchone()
    return f"ENCODING 'UTF8' TEMPLATE template0 {_locale(*found) if found else ''}"


def _locale(provider: Any, collate: str, ctype: str, locale: str | None) -> str:
    own = {"b": "builtin BUILTIN_LOCALE", "i": "icu ICU_LOCALE"}.get(_letter(provider))
    chosen = f"LOCALE_PROVIDER {own} {literal(locale)}" if own and locale else "LOCALE_PROVIDER libc"
    return f"{chosen} LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}"


def _letter(provider: Any) -> str:
    """Return PostgreSQL's "char", which drivers give as text or as a byte."""
    return provider.decode() if isinstance(provider, bytes) else str(provider)


def _fill(alias: str, name: str, dump: KeptDump, programs: Binaries, watch: Watch) -> None:
    address = address_of(alias, database=name)
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
    with session(alias, database=name) as connection:
        _compare(connection, dump)
        with connection.cursor() as cursor:
            # A restore brings no statistics, and the pages are slow until autovacuum comes by.
            cursor.execute("ANALYZE")


def _compare(connection: BaseDatabaseWrapper, dump: KeptDump) -> None:
    """Raise TerminalError where a table has other rows than the manifest says."""
    assert dump.manifest is not None  # noqa: S101 - a checked dump has one
    with connection.cursor() as cursor:
        found = count_tables(cursor)
    for table in sorted(found.keys() | dump.manifest.tables.keys()):
        expected, came = dump.manifest.tables.get(table), found.get(table)
        if expected != came:
            raise TerminalError(
                f"{dump.database}: nothing was restored: {dump.path.name} should give {_rows(expected)} in {table}"
                f" and gave {_rows(came)}."
            )


def _rows(count: int | None) -> str:
    return "no table" if count is None else f"{count:,} rows"
