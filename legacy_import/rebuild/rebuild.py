"""Rebuilding a legacy SQLite file from PostgreSQL alone: target rows, the ledger, and the file's stored schema.

Which cells it gets is in legacy_import.pipeline.encoded_sql. Called by legacy_import.services.exporting.
"""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, Final

from django.db import connections, transaction

from legacy_import.cells import BadText, deserialize_cell, read_text, utf16_codec, write_utf16_text
from legacy_import.errors import TerminalError
from legacy_import.mapping import Source
from legacy_import.pipeline.encoded_sql import encoded_table_sql
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, LegacyTable, quote_sqlite_name
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.rebuild.schema_writing import SchemaWriter
from synapse.foundation.private_files import create_private_file, make_private_folder

_LOST_IN_UTF16: Final = re.compile("[\ufffe\uffff]")
_BEFORE_TABLES: Final = ("page_size", "encoding", "auto_vacuum", "user_version", "application_id")


@dataclass(frozen=True, slots=True)
class RebuiltFile:
    """A rebuilt file: rows per table, and sentences on what is not in it, or needs a hand there.

    That is what PostgreSQL holds that the file has no column for, and what this SQLite lacks to make it whole.
    """

    source: str
    path: Path
    rows: dict[str, int]
    left_out: tuple[str, ...]


def rebuild_file(source: Source, path: Path) -> RebuiltFile:
    """Write the source's file anew under `path`, which must not exist; it appears whole or not at all.

    Raises TerminalError where the source was never imported or an edit made here breaks the legacy table's own rules.
    """
    make_private_folder(path.parent)
    # Not made of the file's name, which may be as long as a name can be.
    partial = path.with_name(f".{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    alias = source.database
    try:
        # SQLite gives its journals the permissions that the file has.
        create_private_file(partial)
        with transaction.atomic(using=alias):
            # One snapshot of the database for all tables, whatever is written meanwhile.
            connections[alias].cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            schema = read_stored_schema(source.database, source.name)
            if schema is None:
                raise TerminalError(f"{source.name} has never been imported: there is nothing to rebuild it from")
            with closing(sqlite3.connect(partial, isolation_level=None)) as file:
                rows, remarks = _write_file(file, source, schema)
            left_out = (*_describe_unexported_edits(source, schema), *remarks)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return RebuiltFile(source=source.name, path=path, rows=rows, left_out=left_out)


def _write_file(file: sqlite3.Connection, source: Source, schema: LegacySchema) -> tuple[dict[str, int], list[str]]:
    """Write the file; return its rows per table, and remarks on its statements."""
    for name in _BEFORE_TABLES:
        value = schema.pragmas[name]
        file.execute(f"PRAGMA {name} = {quote_sqlite_name(value) if isinstance(value, str) else int(value)}")
    # The file is private until it is whole, so no journal need survive a crash; rows of the old file may break checks.
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "ignore_check_constraints = ON", "foreign_keys = OFF"):
        file.execute(f"PRAGMA {pragma}")
    writer = SchemaWriter(source.name, file, schema)
    file.execute("BEGIN")
    writer.create_tables()
    rows = {
        table.name: _write_table(file, source, table, inserted=writer.inserted_columns(table))
        for table in schema.tables
    }
    # Indexes after the rows, which is faster, and triggers too: they must not fire for rows they have seen before.
    writer.create_indexes_and_triggers()
    file.execute("COMMIT")
    file.execute("PRAGMA synchronous = FULL")
    file.execute(f"PRAGMA journal_mode = {'WAL' if schema.pragmas['journal_mode'] == 'wal' else 'DELETE'}")
    return rows, writer.remarks


def _write_table(file: sqlite3.Connection, source: Source, table: LegacyTable, *, inserted: Sequence[bool]) -> int:
    """Insert the table's rows; `inserted` says of each column whether it takes cells."""
    row_id = [table.row_id_name] if table.row_id_name else []
    columns = ", ".join([*row_id, *map(quote_sqlite_name, compress(table.column_names, inserted))])
    insert = f"INSERT INTO {quote_sqlite_name(table.name)} ({columns}) VALUES "
    taken = [bool(row_id), *inserted]
    marks = ["?"] * sum(taken)
    codec = utf16_codec(file.execute("PRAGMA encoding").fetchone()[0])
    written = 0
    for row in _encoded_rows(source, table):
        values = list(compress(row, taken))
        # A text that is no UTF-8 can only be bound as bytes; the cast keeps them and makes them a text again.
        spelled = [
            "CAST(? AS TEXT)" if isinstance(value, BadText) else mark for value, mark in zip(values, marks, strict=True)
        ]
        if codec:
            spelled, values = _encode_for_utf16(spelled, values, codec)
        try:
            file.execute(f"{insert}({', '.join(spelled)})", values)
        except sqlite3.IntegrityError as error:
            raise TerminalError(
                f"{source.name}: a row of {table.name} breaks its own table's rules ({error}): {str(values)[:80]}"
            ) from None
        written += 1
    return written


def _encode_for_utf16(marks: list[str], values: list[Any], codec: str) -> tuple[list[str], list[Any]]:
    """Return marks and values in which texts that SQLite would not convert exactly are literals of their own bytes."""
    spelled, bound = [], []
    for mark, value in zip(marks, values, strict=True):
        # A cast reads bound bytes as UTF-8, and U+FFFE and U+FFFF do not survive SQLite's conversion from there.
        is_exact = not isinstance(value, BadText) and not (isinstance(value, str) and _LOST_IN_UTF16.search(value))
        if is_exact:
            bound.append(value)
        spelled.append(mark if is_exact else f"CAST(x'{write_utf16_text(value, codec).hex()}' AS TEXT)")
    return spelled, bound


def _encoded_rows(source: Source, table: LegacyTable) -> Iterator[tuple[Any, ...]]:
    cells = ", ".join(f"c{position}" for position in range(len(table.columns)))
    query = f"SELECT row_id, {cells} FROM {encoded_table_sql(source, table)} AS rebuilt ORDER BY row_id, ledger_id"
    with connections[source.database].chunked_cursor() as cursor:
        cursor.execute(query)
        for row in cursor:
            try:
                values = map(deserialize_cell, row[1:])
                # A text that only PostgreSQL cannot hold (NUL) is a text to SQLite, whatever the file's encoding.
                yield (row[0], *(read_text(value) if isinstance(value, BadText) else value for value in values))
            except ValueError as error:
                raise TerminalError(
                    f"{source.name}: {table.name} holds a value SQLite has no cell for: {error}"
                ) from None


def _describe_unexported_edits(source: Source, schema: LegacySchema) -> Iterator[str]:
    """Yield a sentence for each kind of thing PostgreSQL holds that the legacy file has no column for."""
    with connections[source.database].cursor() as cursor:
        for table in source.tables:
            legacy = schema.find_table(table.name)
            columns = table.columns_present_in(legacy.column_names) if legacy else ()
            computed = {column.name for column in legacy.columns if column.generated} if legacy else set()
            filled = [c.target for c in columns if c.target and computed.isdisjoint(c.legacy_names)]
            computed_targets = {c.target for c in columns if not computed.isdisjoint(c.legacy_names)}
            cursor.execute(
                """
                SELECT o.key, count(DISTINCT c.row_key)
                FROM change_log AS c JOIN ledger AS l ON l.target_key = c.row_key AND l.owns AND l.state = 'live'
                CROSS JOIN LATERAL jsonb_object_keys(c.new) AS o(key)
                WHERE l.source = %s AND l.legacy_table = %s AND c.operation = 'update' AND c.import_run IS NULL
                  AND o.key <> ALL(%s)
                GROUP BY o.key ORDER BY o.key
                """,
                [source.name, table.name, filled],
            )
            for column, rows in cursor.fetchall():
                row_word = "row" if rows == 1 else "rows"
                lacks = "computes by itself the" if column in computed_targets else "has no"
                yield f"{table.name} {lacks} column for {column}, which was edited here in {rows:,} {row_word}"
