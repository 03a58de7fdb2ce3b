"""Respell a schema whose names or statements are no UTF-8, as in Latin-1, in a passing copy of the file.

SQLite takes any bytes for a name or a statement; Python and PostgreSQL want UTF-8 without NUL. So the file is read from
a copy whose sqlite_master says the same in UTF-8; the bytes as they were are kept for the export. Texts that decide
about cells (a DEFAULT, an index) keep their bytes in the copy, too. Called by reading.py.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from tempfile import TemporaryDirectory
from typing import Final, Literal, Self

from legacy_import.foreign_sqlite.statements import Token, tokenize

_Spelling = Literal["windows", "hexadecimal"]
_SPELLINGS: Final[tuple[_Spelling, ...]] = ("windows", "hexadecimal")
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_KEEPS_ROWS: Final = (b"table", b"index")
_NAMES_FOLLOW: Final = frozenset({"TABLE", "INDEX", "EXISTS", "ON", "REFERENCES", "COLLATE", "CONSTRAINT"})


@dataclass(frozen=True, slots=True)
class Original:
    """An object of the schema: `name` as it is respelled, the bytes of its name, table and statement as they were."""

    kind: str
    name: str
    raw_name: bytes
    raw_table: bytes
    raw_sql: bytes | None

    def as_json(self) -> list[str | None]:
        """Return it as the ledger keeps it: bytes in hexadecimal digits."""
        raw = (self.raw_name, self.raw_table, self.raw_sql)
        return [self.kind, self.name, *(None if text is None else text.hex() for text in raw)]

    @classmethod
    def from_json(cls, kept: Sequence[str | None]) -> Self:
        """Return what `as_json` wrote."""
        kind, name, raw_name, raw_table, raw_sql = kept
        unhexed = None if raw_sql is None else bytes.fromhex(raw_sql)
        return cls(kind or "", name or "", bytes.fromhex(raw_name or ""), bytes.fromhex(raw_table or ""), unhexed)


class LegacyCopy(sqlite3.Connection):
    """A connection to a copy of a legacy file; `originals` are what its schema has respelled."""

    originals: tuple[Original, ...] = ()
    folder: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close it, and remove the copy where one was made for it alone."""
        super().close()
        if self.folder:
            self.folder.cleanup()


@dataclass(frozen=True, slots=True)
class _SchemaRow:
    row_id: int
    kind: bytes
    name: bytes
    table: bytes
    sql: bytes | None

    @property
    def is_readable(self) -> bool:
        return all(_is_readable(text) for text in (self.name, self.table, self.sql) if text is not None)


def open_copy(path: Path) -> LegacyCopy:
    """Open a copy that nobody writes, or another one of it whose schema is respelled, where that makes it readable."""
    connection = _connect(path)
    try:
        rows = _read_schema_rows(connection)
        if all(row.is_readable for row in rows) or connection.execute("PRAGMA encoding").fetchone()[0] != "UTF-8":
            return connection
        respelled = _open_respelled(path, rows)
    except BaseException:
        connection.close()
        raise
    if respelled is None:
        return connection
    connection.close()
    return respelled


def respelled_parts(connection: sqlite3.Connection) -> tuple[Original, ...]:
    """Return what is respelled in the connection's schema."""
    return connection.originals if isinstance(connection, LegacyCopy) else ()


def _connect(path: Path) -> LegacyCopy:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, factory=LegacyCopy)
    try:
        # A statement in a later SQLite's syntax is passed over instead of making the whole file unreadable.
        connection.execute("PRAGMA writable_schema = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_schema_rows(connection: sqlite3.Connection) -> list[_SchemaRow]:
    before, connection.text_factory = connection.text_factory, bytes
    try:
        query = (
            "SELECT rowid, CAST(type AS TEXT), CAST(name AS TEXT), CAST(tbl_name AS TEXT), CAST(sql AS TEXT)"
            " FROM sqlite_master"
        )
        # A tool may have left out what SQLite itself always writes.
        return [
            _SchemaRow(row_id, kind or b"", name or b"", table or b"", sql)
            for row_id, kind, name, table, sql in connection.execute(query)
        ]
    finally:
        connection.text_factory = before


def _open_respelled(path: Path, rows: Sequence[_SchemaRow]) -> LegacyCopy | None:
    """Return a copy in the first spelling in which SQLite finds each table of the schema, None where there is none."""
    for number, (spelling, keeps_literals) in enumerate(product(_SPELLINGS, (True, False))):
        folder = TemporaryDirectory(prefix="synapse-respelled-")
        copy = Path(folder.name) / f"{number}.db"
        with suppress(sqlite3.Error, UnicodeDecodeError):
            shutil.copyfile(path, copy)
            changed = [row for row in rows if not row.is_readable]
            _write_schema(copy, [(row, _respell(row, spelling, keeps_literals=keeps_literals)) for row in changed])
            if connection := _open_if_whole(copy):
                connection.folder = folder
                connection.originals = tuple(_original(row, spelling) for row in changed)
                return connection
        folder.cleanup()
    return None


def _write_schema(copy: Path, changes: Sequence[tuple[_SchemaRow, tuple[str, str, str | None]]]) -> None:
    copy.chmod(0o600)
    with closing(sqlite3.connect(copy, isolation_level=None)) as file:
        for pragma in ("writable_schema = ON", "journal_mode = OFF", "synchronous = OFF"):
            file.execute(f"PRAGMA {pragma}")
        file.execute("BEGIN")
        for row, texts in changes:
            query = "UPDATE sqlite_master SET name = ?, tbl_name = ?, sql = ? WHERE rowid = ?"
            file.execute(query, (*texts, row.row_id))
        file.execute("COMMIT")


def _open_if_whole(copy: Path) -> LegacyCopy | None:
    connection = _connect(copy)
    try:
        # A tool may have written a name as a BLOB, or left it out.
        query = "SELECT CAST(type AS TEXT), coalesce(CAST(name AS TEXT), '') FROM sqlite_master"
        listed = [(kind, _fold_case(name)) for kind, name in connection.execute(query)]
        query = "SELECT name FROM pragma_table_list WHERE schema = 'main'"
        known = {_fold_case(name) for (name,) in connection.execute(query)}
        if len(set(listed)) == len(listed) and all(name in known for kind, name in listed if kind == "table"):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _fold_case(name: str) -> str:
    # SQLite ignores the case of ASCII letters, and of no others.
    return name.translate(_LOWER)


def _original(row: _SchemaRow, spelling: _Spelling) -> Original:
    return Original(row.kind.decode(), _spell(_escape(row.name), spelling), row.name, row.table, row.sql)


def _respell(row: _SchemaRow, spelling: _Spelling, *, keeps_literals: bool) -> tuple[str, str, str | None]:
    """Return the row's name, table and statement in UTF-8."""
    name, table = (_spell(_escape(text), spelling) for text in (row.name, row.table))
    if row.sql is None:
        return name, table, None
    # SQLite itself reads no further than a NUL.
    sql = _escape(row.sql.partition(b"\0")[0])
    if keeps_literals and row.kind in _KEEPS_ROWS:
        sql = _keep_literals(sql)
    return name, table, _spell(sql, spelling)


def _keep_literals(sql: str) -> str:
    """Return the statement with each text that is no UTF-8 as an expression that has its very bytes."""
    tokens, kept, done = tokenize(sql), "", 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        if _is_readable(_unescape(token.text)) or not _is_literal(token, before):
            continue
        inner = token.text[1:-1].replace(token.text[0] * 2, token.text[0])
        kept += f"{sql[done : token.start]}(CAST(x'{_unescape(inner).hex()}' AS TEXT))"
        done = token.end
    return kept + sql[done:]


def _is_literal(token: Token, before: Token | None) -> bool:
    """Say whether a token between quotes is a text; where SQLite expects a name it is one, whatever its quotes."""
    if before is None:
        return False
    if token.kind == "name":
        return token.text[0] == '"' and before.word == "DEFAULT"
    is_column = token.depth == 1 and before.text in {"(", ","}
    return token.kind == "string" and not is_column and before.word not in _NAMES_FOLLOW


def _escape(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _unescape(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _spell(escaped: str, spelling: _Spelling) -> str:
    return "".join(_spell_chars(escaped, spelling))


def _spell_chars(escaped: str, spelling: _Spelling) -> Iterator[str]:
    for char in escaped:
        if not "\udc80" <= char <= "\udcff":
            yield char
            continue
        byte = ord(char) - 0xDC00
        if spelling == "hexadecimal":
            yield f"\ufffd{byte:02x}"
            continue
        try:
            yield bytes([byte]).decode("cp1252")
        except UnicodeDecodeError:
            yield chr(byte)


def _is_readable(raw: bytes) -> bool:
    try:
        return b"\0" not in raw and bool(raw.decode() or True)
    except UnicodeDecodeError:
        return False
