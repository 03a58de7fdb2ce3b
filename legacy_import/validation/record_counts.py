"""Counting rows on both sides."""

import sqlite3

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source
from legacy_import.pipeline.extract import count_rows
from legacy_import.pipeline.legacy_schema import read_schema
from legacy_import.pipeline.target import target_table


def count_differences(cursor: CursorWrapper, source: Source, legacy: sqlite3.Connection) -> tuple[int, list[str]]:
    """Return how many rows the file holds, and a sentence for each table of which the ledger knows another number."""
    there = {table.name: count_rows(legacy, table) for table in read_schema(legacy, journal_mode="").tables}
    cursor.execute(
        "SELECT legacy_table, count(*) FROM ledger WHERE source = %s AND state <> 'gone' GROUP BY legacy_table",
        [source.name],
    )
    here: dict[str, int] = dict(cursor.fetchall())
    differences = [
        f"{name}: {there.get(name, 0):,} in the file, {here.get(name, 0):,} accounted for"
        for name in there | here
        if there.get(name, 0) != here.get(name, 0)
    ]
    return sum(there.values()), differences


def lost_rows(cursor: CursorWrapper, source: Source) -> list[str]:
    """Return a sentence for each target table that lacks rows which nobody is known to have deleted."""
    lost = []
    for table in source.tables:
        target = target_table(table.model)
        cursor.execute(
            f"""
            SELECT count(*) FROM ledger AS l
            LEFT JOIN "{target.name}" AS t ON t."{target.key}" = l.target_key
            WHERE l.source = %s AND l.legacy_table = %s AND l.state = 'live' AND t."{target.key}" IS NULL
              AND NOT EXISTS (SELECT FROM change_log AS c WHERE c.table_name = %s AND c.row_key = l.target_key
                              AND c.operation = 'delete' AND c.author IS NOT NULL)
            """,
            [source.name, table.name, target.name],
        )
        if count := cursor.fetchone()[0]:
            lost.append(
                f"{table.name}: {count:,} rows are missing from {target.name}, and nobody signed their deletion"
            )
    return lost
