"""The list of the legacy tables in a database's archive: those without a target, declared or with rows.

Called by page. Capped counts and index skips make it cost the same at any number of rows; the rows of one
table are rows'.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connections

from legacy_import.admin.capped_paginator import MAX_LISTED_ROWS
from legacy_import.pipeline.stage.legacy_schema import LegacyColumn
from legacy_import.services.legacy_tables import legacy_tables
from legacy_import.sources import SOURCES, sources_of_database

# A skip scan: each step of the recursion leaps to the next (source, legacy_table) in the ledger's index, where DISTINCT
# would read all of it. The counts are capped: nobody pages further than that.
_TABLES_SQL: Final = """
    WITH RECURSIVE held AS (
        (SELECT source, legacy_table FROM ledger ORDER BY source, legacy_table LIMIT 1)
        UNION ALL
        SELECT following.source, following.legacy_table
        FROM held CROSS JOIN LATERAL (
            SELECT l.source, l.legacy_table FROM ledger AS l
            WHERE (l.source, l.legacy_table) > (held.source, held.legacy_table)
            ORDER BY l.source, l.legacy_table LIMIT 1
        ) AS following
    ), listed AS (
        SELECT source, legacy_table FROM held
        UNION SELECT * FROM unnest(%(sources)s::text[], %(tables)s::text[])
    )
    SELECT source, legacy_table,
        (SELECT count(*) FROM (
            SELECT FROM ledger AS l
            WHERE (l.source, l.legacy_table, l.state) = (listed.source, listed.legacy_table, 'archived')
            LIMIT %(most)s) AS counted),
        (SELECT count(*) FROM (
            SELECT FROM ledger AS l
            WHERE (l.source, l.legacy_table, l.state) = (listed.source, listed.legacy_table, 'gone')
                AND l.target_table IS NULL
            LIMIT %(most)s) AS counted),
        (SELECT r.finished_at FROM import_run AS r
         WHERE r.source = listed.source AND r.kind = 'import' AND r.status IN ('completed', 'quarantined')
           AND r.tables ? listed.legacy_table
         ORDER BY r.started_at DESC LIMIT 1)
    FROM listed
    ORDER BY source, legacy_table
"""


@dataclass(frozen=True, slots=True)
class ArchivedTableLine:
    """One legacy table of the archive.

    `rows` and `gone_rows` (no longer in the file) are counted up to CAP + 1. `columns` is empty where the file last
    imported has no such table; `last_seen` is the last import that found it there, None where none did.
    """

    alias: str
    source: str
    name: str
    columns: tuple[LegacyColumn, ...]
    rows: int
    gone_rows: int
    last_seen: datetime | None

    @property
    def holds_rows(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.rows or self.gone_rows)


def archived_tables(alias: str) -> list[ArchivedTableLine]:
    """Return the database's archived tables by their sources and names."""
    shapes = {(source, table.name): table.columns for source, table in legacy_tables(alias)}
    in_files = {(source, name.lower()) for source, name in shapes}
    declared = [(source.name, name) for source in sources_of_database(alias) for name in source.archived]
    known = [*shapes, *((source, name) for source, name in declared if (source, name.lower()) not in in_files)]
    parameters: dict[str, Any] = {
        "sources": [source for source, _ in known],
        "tables": [name for _, name in known],
        "most": MAX_LISTED_ROWS + 1,
    }
    with connections[alias].cursor() as cursor:
        cursor.execute(_TABLES_SQL, parameters)
        found = cursor.fetchall()
    lines = [
        ArchivedTableLine(alias, source, name, shapes.get((source, name), ()), rows, gone_rows, last_seen)
        for source, name, rows, gone_rows, last_seen in found
    ]
    mapped = {
        (line.source, line.name)
        for line in lines
        if any(one.name == line.source and one.find_table(line.name) for one in SOURCES)
    }
    return [line for line in lines if line.holds_rows or (line.source, line.name) not in mapped]
