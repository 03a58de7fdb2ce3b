"""Opening a legacy file that asks for what this SQLite lacks, and checking its structure: that is no damage.

Substitutes for collations compare bytes: they let SQLite open a table or an index that names one, and no row is read in
their order. Functions get no substitute where rows are read, for their values would be made up.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from legacy_import.foreign_sqlite.respelling import open_copy
from legacy_import.foreign_sqlite.statements import (
    find_foreign_collations,
    find_foreign_functions,
    known_collations,
)
from synapse.foundation.text.visible import shorten

_T = TypeVar("_T")

_MISSING_FUNCTION: Final = re.compile(r"(?:no such|unknown) function: (.+?)(?:\(\))?$", re.DOTALL)
_MISSING_COLLATION: Final = re.compile(r"no such collation sequence: (.+)$", re.DOTALL)
_WRONG_ARGUMENTS: Final = re.compile(r"wrong number of arguments to function (.+?)\(\)$", re.DOTALL)
_MALFORMED: Final = "malformed database schema"
_MAX_SUBSTITUTES: Final = 1_000
_MAX_ARGUMENTS: Final = 127
MAX_REASON_CHARS: Final = 120
"""SQLite quotes the rest of a statement in which it misses a quotation mark."""
_LIST_OF_DAMAGES: Final = "*** in database main ***"
_UNUSED_PAGE: Final = re.compile(r"Page \d+(?: is never used|: never used)$")
_INDEX_REMARK: Final = re.compile(
    r"(?:row \d+ (?:missing from|values differ from) index|wrong # of entries in index|non-unique entry in index)"
    r" (.+)$",
    re.DOTALL,
)
_KEY_ORDER_REMARK: Final = re.compile(r"row not in PRIMARY KEY order for (.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class UnreadStatement:
    """A statement of the file's schema that this SQLite cannot parse, and what it says of it."""

    kind: str
    name: str
    reason: str


class UnreadTableError(Exception):
    """This SQLite cannot parse a table's CREATE statement, so that its rows cannot be read."""


def open_legacy_copy(path: Path) -> sqlite3.Connection:
    """Open a copy that nobody writes for reading, with substitutes for the collations that this SQLite lacks.

    Names and statements that are no UTF-8 are respelled (respelling.py).
    """
    connection = open_copy(path)
    try:
        for name in _find_collations(connection):
            register_byte_collation(connection, name)
    except BaseException:
        connection.close()
        raise
    return connection


def register_byte_collation(connection: sqlite3.Connection, name: str) -> None:
    """Register the order of bytes as the collation."""
    connection.create_collation(name, _compare_texts)


def run_with_substitutes(connection: sqlite3.Connection, action: Callable[[], _T]) -> _T:
    """Return what the action returns; each collation and function that SQLite misses meanwhile gets a substitute.

    A function's gives NULL, whatever it is asked: a CHECK is passed by that, a value is not to be kept.
    """
    for _ in range(_MAX_SUBSTITUTES):
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not _register_substitute(connection, str(error)):
                raise
    return action()


def find_structure_remarks(connection: sqlite3.Connection, pragma: str) -> list[str]:
    """Return what quick_check or integrity_check remarks on the file itself.

    Left out is what this SQLite cannot judge: pages of an index it cannot parse, the order of one whose collation it
    does not know, the entries of one whose function it lacks.

    Raises sqlite3.Error where the file is too damaged for the check, UnreadTableError.
    """
    unread = find_unread_statements(connection)
    for statement in unread:
        if statement.kind == "table":
            raise UnreadTableError(
                f"table {shorten(statement.name, 60)}: SQLite {sqlite3.sqlite_version} cannot read its CREATE statement"
                f" ({statement.reason})"
            )
    found = run_with_substitutes(connection, lambda: connection.execute(pragma).fetchall())
    lines = [line for (remark,) in found for line in _split_remark(str(remark))]
    foreign = _find_unverifiable_orders(connection)
    return [line for line in lines if line != "ok" and not _is_foreign_remark(line, foreign, unread)]


def _split_remark(remark: str) -> list[str]:
    """Return the damages that a remark lists; one on a row is one line, though the names in it may have several."""
    if not remark.startswith(_LIST_OF_DAMAGES):
        return [remark]
    return [line.strip() for line in remark.removeprefix(_LIST_OF_DAMAGES).splitlines() if line.strip()]


def find_unread_statements(connection: sqlite3.Connection) -> list[UnreadStatement]:
    """Return the schema's statements that this SQLite cannot parse; the connection passes them over.

    Raises sqlite3.DatabaseError where the schema is damaged otherwise.
    """
    path = next(file for _, name, file in connection.execute("PRAGMA database_list") if name == "main")
    if not path:
        return []
    with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro&immutable=1", uri=True)) as strict:
        try:
            strict.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        except sqlite3.DatabaseError as error:
            unread = list(_list_unread_statements(connection)) if _MALFORMED in str(error) else []
            if not unread:
                raise
            return unread
    return []


def _list_unread_statements(connection: sqlite3.Connection) -> Iterator[UnreadStatement]:
    query = "SELECT type, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master WHERE sql IS NOT NULL"
    statements = connection.execute(query).fetchall()
    for kind, name, sql in statements:
        try:
            # What was read is there already, and SQLite says so; only what it cannot parse is refused for its text.
            connection.execute(f"EXPLAIN {sql}")
        except UnicodeDecodeError:
            yield UnreadStatement(kind, name, "its error is no UTF-8")
        except sqlite3.Error as error:
            if "already" not in str(error) and "reserved for internal use" not in str(error):
                yield UnreadStatement(kind, name, shorten(str(error), MAX_REASON_CHARS))


def _find_collations(connection: sqlite3.Connection) -> list[str]:
    before, connection.text_factory = connection.text_factory, _decode_leniently
    try:
        query = "SELECT CAST(sql AS TEXT) FROM sqlite_master WHERE sql LIKE '%collate%'"
        return [name for (sql,) in connection.execute(query) for name in find_foreign_collations(sql)]
    finally:
        connection.text_factory = before


def _decode_leniently(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _compare_texts(one: str, other: str) -> int:
    return (one > other) - (one < other)


def _register_substitute(connection: sqlite3.Connection, message: str) -> bool:
    """Register what the message says is missing; return False where it says something else."""
    if found := _MISSING_COLLATION.search(message):
        register_byte_collation(connection, found[1])
    elif found := _MISSING_FUNCTION.search(message):
        connection.create_function(found[1], -1, _return_null, deterministic=True)
    elif found := _WRONG_ARGUMENTS.search(message):
        # This SQLite knows it with other arguments: those stay as they are.
        query = "SELECT narg FROM pragma_function_list WHERE name = ? COLLATE NOCASE"
        known = {count for (count,) in connection.execute(query, (found[1],))}
        for arguments in set(range(_MAX_ARGUMENTS + 1)) - known:
            connection.create_function(found[1], arguments, _return_null, deterministic=True)
        return len(known) <= _MAX_ARGUMENTS
    else:
        return False
    return True


def _return_null(*_arguments: object) -> None:
    return None


def _find_unverifiable_orders(connection: sqlite3.Connection) -> set[str]:
    """Return the indexes whose entries, and the tables whose rows, are in an order this SQLite cannot check."""
    foreign = set()
    query = "SELECT CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master WHERE sql IS NOT NULL"
    for name, sql in connection.execute(query).fetchall():
        if find_foreign_collations(sql) or find_foreign_functions(sql):
            foreign.add(name)
    tables = connection.execute("SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for index in _list_indexes(connection, table):
            query = "SELECT coll FROM pragma_index_xinfo(?) WHERE coll IS NOT NULL"
            used = {collation.casefold() for (collation,) in connection.execute(query, (index,))}
            if used - known_collations() or table in foreign:
                foreign.add(index)
    return foreign


def _list_indexes(connection: sqlite3.Connection, table: str) -> list[str]:
    try:
        return [name for (name,) in connection.execute("SELECT name FROM pragma_index_list(?)", (table,))]
    except sqlite3.OperationalError:
        return []  # a virtual table whose module is missing


def _is_foreign_remark(line: str, foreign: set[str], unread: list[UnreadStatement]) -> bool:
    if unread and _UNUSED_PAGE.search(line):
        return True  # the pages of an index that was passed over
    found = _INDEX_REMARK.search(line) or _KEY_ORDER_REMARK.search(line)
    return found is not None and found[1] in foreign


def can_compute_column(connection: sqlite3.Connection, table: str, column: str) -> bool:
    """Say whether this SQLite computes every cell of a generated column without asking a substitute."""
    asked = []

    def compare_and_note(one: str, other: str) -> int:
        asked.append(1)
        return _compare_texts(one, other)

    names = _find_collations(connection)
    quoted = ['"' + name.replace('"', '""') + '"' for name in (column, table)]
    try:
        for name in names:
            connection.create_collation(name, compare_and_note)
        # count() reads each cell, in constant memory.
        connection.execute(f"SELECT count({quoted[0]}) FROM {quoted[1]} NOT INDEXED").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        for name in names:
            register_byte_collation(connection, name)
    return not asked
