"""References across databases, which no foreign key can hold: each that resolves in the legacy files must resolve here.

Keys and references are gathered in a temporary SQLite file (any number of them, in constant memory); PostgreSQL is then
asked for each that resolves. Which columns refer to what is declared in `cross_references`. A reference that no legacy
file resolves is an orphan: reported, and no failure, since it was one before the migration.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from legacy_import.cells import read_text
from legacy_import.mapping import Source
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import source_named
from legacy_import.validation.check import Check
from legacy_import.validation.cross_references import NAMED_ROWS, REFERENCES, CrossReference, NamedRows
from legacy_import.validation.differences import Difference, Explanation, Tally
from legacy_import.validation.legacy_files import LegacyFiles, last_imported_sha256, open_read_transaction
from legacy_import.validation.signatures import deletion_author_sql, edit_author_sql
from synapse.foundation.containment import contain_errors

_MISSING_WORDS: Final = ("no such", "unknown function")
"""What SQLite says where the table or column is missing, or is computed by a function that it lacks."""
_BATCH: Final = 5_000


def check_references(files: LegacyFiles, source: Source, folder: Path) -> Check | None:
    """Look up every reference of a source's file; None where it has no column that refers to elsewhere."""
    references = [reference for reference in REFERENCES if reference.source == source.name]
    if not references:
        return None
    tally, lines, counts = Tally(), [], Counter[str]()
    with closing(sqlite3.connect(folder / f"{source.name}.references.db", isolation_level=None)) as work:
        work.text_factory = read_text
        for reference in references:
            found = _gather_keys(work, files, reference)
            counts.update(found)
            tally.add_differences(_find_broken_references(work, files, reference))
            lines.append({"column": reference.qualified_column, "may name": " or ".join(reference.named), **found})
    figures = f"{counts['found']:,} references found in both systems"
    if counts["orphans"]:
        figures += f"; {counts['orphans']:,} that no legacy file resolves either"
    return Check(
        f"{source.name}: references",
        source.database,
        passed=tally.all_explained,
        detail=tally.describe_differences(figures),
        differences=tally.kept_differences,
        lines=tuple(lines),
    )


def _gather_keys(work: sqlite3.Connection, files: LegacyFiles, reference: CrossReference) -> dict[str, int]:
    """Fill `refers` with the column's distinct values and `known` with the keys; return how many find one."""
    work.executescript(
        "DROP TABLE IF EXISTS refers; DROP TABLE IF EXISTS known;"
        "CREATE TABLE refers (key TEXT PRIMARY KEY) WITHOUT ROWID;"
        "CREATE TABLE known (key TEXT, place INTEGER, PRIMARY KEY (key, place)) WITHOUT ROWID;"
    )
    file = files.open_snapshot(source_named(reference.source)).file
    _insert_keys(work, "refers VALUES (?1)", _list_keys(file, reference.table, reference.column))
    for place, rows in enumerate(_list_named_rows(reference)):
        with contain_errors(
            f"{reference.source}: references to {rows.source}", foresee=lambda unit, _: unit
        ) as trouble:
            file = files.open_snapshot(source_named(rows.source)).file
        if trouble:
            continue  # its own checks have failed; what it would have resolved counts as an orphan
        # Only keys that something refers to: those of a million posts stay where they are.
        _insert_keys(work, f"known SELECT ?1, {place} WHERE ?1 IN refers", _list_keys(file, rows.table, rows.key))
    found, all_of_them = work.execute(
        "SELECT count(*) FILTER (WHERE key IN (SELECT key FROM known)), count(*) FROM refers"
    ).fetchone()
    return {"found": found, "orphans": all_of_them - found}


def _list_named_rows(reference: CrossReference) -> list[NamedRows]:
    return [rows for kind in reference.named for rows in NAMED_ROWS[kind]]


def _list_keys(file: sqlite3.Connection, table: str, column: str) -> Iterator[tuple[Any]]:
    """Yield a column's distinct keys as texts; what is no text or number can't be a key here.

    A variant of the file without the table or the column refers to nothing.
    """
    # Alone, a quoted name that the table lacks would be a text to SQLite.
    name = f"r.{quote_sqlite_name(column)}"
    query = (
        f"SELECT DISTINCT CAST({name} AS TEXT) COLLATE BINARY FROM {quote_sqlite_name(table)} AS r NOT INDEXED"
        f" WHERE typeof({name}) IN ('text', 'integer') AND {name} <> ''"
    )
    before, file.text_factory = file.text_factory, read_text
    try:
        yield from file.execute(query)
    except sqlite3.OperationalError as error:
        if not any(words in str(error) for words in _MISSING_WORDS):
            raise
    finally:
        file.text_factory = before


def _insert_keys(work: sqlite3.Connection, insert: str, keys: Iterator[tuple[Any]]) -> None:
    """Insert keys from a file. Not by ATTACH: SQLite attaches no file of another encoding, UTF-16 for instance."""
    work.execute("BEGIN")
    work.executemany(f"INSERT OR IGNORE INTO {insert}", keys)
    work.execute("COMMIT")


def _find_broken_references(
    work: sqlite3.Connection, files: LegacyFiles, reference: CrossReference
) -> Iterator[Difference]:
    """Yield each reference that finds its row among the legacy files and not here."""
    for place, rows in enumerate(_list_named_rows(reference)):
        # A key that several files have is looked up once, for the first of them in NAMED_ROWS.
        found = work.execute("SELECT key FROM known GROUP BY key HAVING min(place) = ?", (place,))
        while block := list(islice(found, _BATCH)):
            # Rows whose key holds NUL or is no UTF-8 are in quarantine.
            keys = [key for (key,) in block if isinstance(key, str) and "\0" not in key]
            source = source_named(rows.source)
            with open_read_transaction(source.database) as cursor:
                cursor.execute(_missing_keys_sql(source, rows), [keys])
                missing: list[tuple[Any, ...]] = cursor.fetchall()
                changed = bool(missing) and files.open_snapshot(source).snapshot.sha256 != last_imported_sha256(source)
            for key, state, author in missing:
                explanation: Explanation = "unexplained"
                if author:
                    explanation = "edited here"
                elif state in {"quarantined", "archived"}:
                    explanation = "in quarantine"
                elif state is None and changed:
                    explanation = "newer in legacy"
                there = f"a row of {rows.source}: {rows.table}"
                yield Difference(explanation, reference.table, key, reference.column, None, there, author or "")


def _missing_keys_sql(source: Source, rows: NamedRows) -> str:
    """Return SQL for keys without a row here: what became of the row that had it, and who changed or deleted that."""
    table = source.find_table(rows.table)
    if table is None:
        raise TypeError(f"{rows.table} has no target")
    target = target_table_of(table.model)
    name = literal(target.name)
    same = f"t.{identifier(target.key)} = l.target_key"
    if rows.text_column:
        same = f"t.{identifier(rows.text_column)} = k.key"
    edited = edit_author_sql(name, "l.target_key", literal(rows.text_column or ""))
    return f"""
        SELECT k.key, l.state, coalesce({deletion_author_sql(name, "l.target_key")}, {edited})
        FROM unnest(%s::text[]) AS k(key)
        LEFT JOIN ledger AS l ON l.id = md5({literal(f"{source.name}/{table.name}/")} || k.key)::uuid
        WHERE NOT EXISTS (SELECT FROM {identifier(target.name)} AS t WHERE {same})
        ORDER BY k.key
    """
