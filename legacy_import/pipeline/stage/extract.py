"""Extracting cells from the SQLite snapshot into the staging table by COPY.

The only per-row Python of an import. A block of rows whose cells are all of the expected storage classes goes to COPY
as it is; a block with an odd cell is tagged cell by cell (legacy_import.cells).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from legacy_import.cells import MARK, read_text, read_utf16_text, serialize_stage_cell, utf16_codec
from legacy_import.codecs import Storage
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.stage.legacy_schema import LegacyTable, quote_sqlite_name, table_rows_sql
from legacy_import.pipeline.stage.stage import Stage

BLOCK_ROWS: Final = 256

_CLASSES: Final[dict[Storage, frozenset[type]]] = {
    "text": frozenset({str, type(None)}),
    "integer": frozenset({int, type(None)}),
    "real": frozenset({float, type(None)}),
}

Row = tuple[Any, ...]


def count_rows(snapshot: sqlite3.Connection, table: LegacyTable) -> int:
    """Return how many rows the table holds."""
    count: int = snapshot.execute(f"SELECT count(*) FROM {table_rows_sql(table.name)}").fetchone()[0]
    return count


def extract_rows(cursor: CursorWrapper, snapshot: sqlite3.Connection, stage: Stage, *, progress: Progress) -> Stage:
    """COPY the table's rows into the stage; return it with its row count and the columns that hold odd cells."""
    rows, odd = _copy_blocks(cursor, stage, _read_blocks(snapshot, stage.legacy), progress)
    return stage.with_counts(rows=rows, odd=odd)


def extract_chosen_rows(
    cursor: CursorWrapper, snapshot: sqlite3.Connection, stage: Stage, row_ids: Sequence[int], *, progress: Progress
) -> Stage:
    """COPY the rows with these rowids into the stage, beside those it holds; return it, its row count as it was."""
    blocks = (
        list(read_exact_rows(snapshot, stage.legacy.name, _select_expressions(stage.legacy), tail=tail))
        for tail in row_choices(stage.legacy, row_ids)
    )
    _, odd = _copy_blocks(cursor, stage, blocks, progress)
    return stage.with_counts(rows=stage.rows, odd=stage.odd | odd)


def row_choices(table: LegacyTable, row_ids: Sequence[int]) -> Iterator[str]:
    """Yield SQL after a table's name that selects rows by their rowids, a block of them at a time."""
    for start in range(0, len(row_ids), BLOCK_ROWS):
        listed = ", ".join(map(str, row_ids[start : start + BLOCK_ROWS]))
        yield f" WHERE {table.row_id_name} IN ({listed}){_row_order(table)}"


def _copy_blocks(
    cursor: CursorWrapper, stage: Stage, blocks: Iterable[list[Row]], progress: Progress
) -> tuple[int, frozenset[str]]:
    """COPY the blocks into the stage; return how many rows they hold, and the columns with odd cells."""
    storages = tuple(stage.storage_class_of(name) for name in stage.legacy.column_names)
    columns = ", ".join(["row_id", *(f"c{position}" for position in range(len(storages)))])
    odd: set[int] = set()
    rows = 0
    # Django translates psycopg's errors for every statement but this one.
    with cursor.db.wrap_database_errors, cursor.copy(f"COPY {stage.name} ({columns}) FROM STDIN") as copy:
        for block in blocks:
            plain = block if _is_clean_block(block, storages) else _tag_odd_cells(block, storages, odd)
            for row in plain:
                copy.write_row(row)
            rows += len(block)
            progress.advance_rows(len(block))
    names = stage.legacy.column_names
    return rows, frozenset(names[position] for position in odd)


def read_exact_rows(
    snapshot: sqlite3.Connection, table: str, columns: Sequence[str], *, tail: str = "", file: str = "main"
) -> Iterator[Row]:
    """Yield a table's rows with each text as the file has it, BadText where it is malformed in the file's encoding.

    `columns` are SQLite expressions, `tail` is SQL after the table's name, `file` the schema name of an attached file.
    """
    place = f"{file}.{table_rows_sql(table)}"
    snapshot.text_factory = read_text
    codec = utf16_codec(snapshot.execute("PRAGMA encoding").fetchone()[0])
    if codec is None:
        yield from snapshot.execute(f"SELECT {', '.join(columns)} FROM {place}{tail}")
        return
    # As a text, SQLite would give it in UTF-8, which is not always what the file holds.
    pairs = (f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END, typeof({c}) = 'text'" for c in columns)
    for row in snapshot.execute(f"SELECT {', '.join(pairs)} FROM {place}{tail}"):
        cells = zip(row[::2], row[1::2], strict=True)
        yield tuple(read_utf16_text(value, codec) if is_text else value for value, is_text in cells)


def _read_blocks(snapshot: sqlite3.Connection, table: LegacyTable) -> Iterator[list[Row]]:
    """Yield blocks of (rowid, cells …); from the first text that is no UTF-8 on, texts are read one by one."""
    if utf16_codec(snapshot.execute("PRAGMA encoding").fetchone()[0]):
        rows = read_exact_rows(snapshot, table.name, _select_expressions(table), tail=_row_order(table))
        while block := list(islice(rows, BLOCK_ROWS)):
            yield block
        return
    done = 0
    try:
        snapshot.text_factory = str
        # sqlite3 decodes UTF-8 itself, much faster than a text_factory of our own, as long as every text is UTF-8.
        for block in _read_row_blocks(snapshot, table, offset=0):
            done += len(block)
            yield block
    except sqlite3.OperationalError as error:
        if "decode" not in str(error).lower():
            raise
        snapshot.text_factory = read_text
        yield from _read_row_blocks(snapshot, table, offset=done)


def _read_row_blocks(snapshot: sqlite3.Connection, table: LegacyTable, *, offset: int) -> Iterator[list[Row]]:
    columns = ", ".join(_select_expressions(table))
    tail = f"{_row_order(table)} LIMIT -1 OFFSET {offset}"
    rows = snapshot.execute(f"SELECT {columns} FROM {table_rows_sql(table.name)}{tail}")
    rows.arraysize = BLOCK_ROWS
    while block := rows.fetchmany():
        yield block


def _select_expressions(table: LegacyTable) -> list[str]:
    return [table.row_id_name or "NULL", *(quote_sqlite_name(name) for name in table.column_names)]


def _row_order(table: LegacyTable) -> str:
    return f" ORDER BY {table.row_id_name}" if table.row_id_name else ""


def _is_clean_block(block: list[Row], storages: tuple[Storage, ...]) -> bool:
    cells = list(zip(*block, strict=True))[1:]
    # By columns, so that each check is one call in C for a whole block.
    for values, storage in zip(cells, storages, strict=True):
        if not _CLASSES[storage].issuperset(map(type, values)):
            return False
        if storage == "text":
            joined = "".join(filter(None, values))
            if "\0" in joined or MARK in joined:
                return False
    return True


def _tag_odd_cells(block: list[Row], storages: tuple[Storage, ...], odd: set[int]) -> list[Row]:
    tagged = []
    for row in block:
        cells = [serialize_stage_cell(value, storage) for value, storage in zip(row[1:], storages, strict=True)]
        odd.update(position for position, cell in enumerate(cells) if cell is not None and cell.startswith(MARK))
        tagged.append((row[0], *cells))
    return tagged
