"""Empty the databases after a test that commits: only the tables that it filled.

Django's flush truncates all tables of each database and makes content types and permissions again, 0.3 s a
database; most tests fill a handful of tables. Whatever is not as the last flush left it is flushed as Django does.
"""

from dataclasses import dataclass
from typing import Final

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.test import TransactionTestCase


@dataclass(frozen=True, slots=True)
class _Flushed:
    """A database as Django's flush leaves it: its tables, and a checksum of each that holds rows."""

    tables: tuple[str, ...]
    checksums: dict[str, str]


_flushed: Final[dict[str, _Flushed]] = {}
"""By the database's name: a test may point an alias to another one."""


def empty_only_filled_tables() -> None:
    """Let tests that commit empty their databases so; called once, when pytest starts."""
    TransactionTestCase._fixture_teardown = _empty_databases  # type: ignore[attr-defined]


def _empty_databases(test: TransactionTestCase) -> None:
    for alias in test._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        if not _empty_filled_tables(alias):
            call_command("flush", verbosity=0, interactive=False, database=alias)
            _flushed[_database_of(alias)] = _read_flushed(alias)


def _empty_filled_tables(alias: str) -> bool:
    """Truncate what is filled; return False where a flush has to be done instead."""
    flushed = _flushed.get(_database_of(alias))
    if flushed is None:
        return False
    try:
        truncate_filled(alias, tuple(table for table in flushed.tables if table not in flushed.checksums))
        return _checksums(alias, flushed.checksums) == flushed.checksums
    except DatabaseError:
        # The test changed the schema, say.
        return False


def truncate_filled(alias: str, tables: tuple[str, ...]) -> None:
    """Truncate those of the tables that hold rows, and what refers to them."""
    # The change log notes what a TRUNCATE takes away: where it was empty itself, it holds that afterwards.
    while filled := _find_filled(alias, tables):
        _execute(alias, f"TRUNCATE {_quoted(alias, filled)} CASCADE")


def _read_flushed(alias: str) -> _Flushed:
    names = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    tables = tuple(sorted(names))
    return _Flushed(tables, _checksums(alias, _find_filled(alias, tables)))


def _find_filled(alias: str, tables: tuple[str, ...]) -> list[str]:
    looks = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {_quoted(alias, [table])})" for table in tables
    )
    return [name for (name,) in _execute(alias, looks)]


def _checksums(alias: str, tables: "list[str] | dict[str, str]") -> dict[str, str]:
    query = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {} AS t"
    return {table: str(_execute(alias, query.format(_quoted(alias, [table])))[0][0]) for table in tables}


def _execute(alias: str, sql: str) -> list[tuple[str, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        found: list[tuple[str, ...]] = cursor.fetchall() if cursor.description else []
        return found


def _quoted(alias: str, tables: list[str]) -> str:
    return ", ".join(map(connections[alias].ops.quote_name, tables))


def _database_of(alias: str) -> str:
    return str(connections[alias].settings_dict["NAME"])
