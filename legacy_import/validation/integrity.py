"""Comparing every legacy row with the row rebuilt from PostgreSQL, cell by cell, and saying who is behind a difference.

What lives here: finding the differences. What does not: judging a run of checks (migration_validator), and rebuilding
(legacy_import.pipeline.exact). A cell counts as newer in legacy where the file changed after its last import and the
cell is not what was imported then; as edited here where every change of it since then is signed; else as unexplained.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.cell_words import shown_cell, shown_key
from legacy_import.mapping import Source
from legacy_import.pipeline.edits import find_edits
from legacy_import.pipeline.exact import exact_rows_sql, exact_table_sql
from legacy_import.pipeline.extract import extract
from legacy_import.pipeline.legacy_schema import LegacyTable, read_schema
from legacy_import.pipeline.names import literal
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.shape import stored_schema
from legacy_import.pipeline.stage import Stage, create_stage, identify
from legacy_import.validation.differences import Difference, Explanation
from legacy_import.validation.signatures import deletion_signature, edit_signature

SHOWN_PER_TABLE: Final = 1000
"""A table with more differences than this is broken as a whole; the first ones tell how."""
_SHOWN_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class Comparison:
    """The staged rows of one legacy table beside the same table as PostgreSQL remembers it."""

    cursor: CursorWrapper
    stage: Stage
    stored: LegacyTable
    file_changed: bool

    def differences(self) -> Iterator[Difference]:
        """Yield differing cells, then rows that only one side has."""
        yield from self._cells()
        yield from self._rows_missing_here()
        yield from self._rows_missing_there()

    def _cells(self) -> Iterator[Difference]:
        self.cursor.execute(self._cells_sql())
        for key, column, legacy, here, imported, target_key in self.cursor.fetchall():
            explanation, author = self._explain(column, legacy != imported, target_key)
            yield Difference(
                explanation, self.stage.legacy.name, shown_key(key), column, _shown(here), _shown(legacy), author
            )

    def _explain(self, column: str, is_new_there: bool, target_key: str | None) -> tuple[Explanation, str]:  # noqa: FBT001
        if is_new_there:
            return ("newer in legacy" if self.file_changed else "unexplained"), ""
        target = next((c.target for c in self.stage.mapped if column in c.legacy_names), "") if self.stage.table else ""
        author = edit_signature(self.cursor, self.stage.target.name, target_key, target) if target else None
        return ("edited here", author) if author else ("unexplained", "")

    def _cells_sql(self) -> str:
        stage, stored = self.stage, self.stored
        common = [name for name in stage.legacy.column_names if name in stored.column_names]
        position = stored.column_names.index
        rows = ", ".join(
            f"({literal(name)}, {stage.exact(name)}, r.c{position(name)}, {self._imported(position(name))})"
            for name in common
        )
        return f"""
            SELECT {stage.key()}, v.name, v.legacy, v.here, v.imported, l.target_key
            FROM {stage.name} AS s
            JOIN {exact_table_sql(stage.source, stored)} AS r ON r.ledger_id = s.ledger_id
            JOIN ledger AS l ON l.id = s.ledger_id
            {self._imported_join()}
            CROSS JOIN LATERAL (VALUES {rows}) AS v(name, legacy, here, imported)
            WHERE v.legacy IS DISTINCT FROM v.here
            ORDER BY 1, 2 LIMIT {SHOWN_PER_TABLE}
        """

    def _imported(self, position: int) -> str:
        if self.stage.table is None:
            return f"r.c{position}"
        return f"CASE WHEN b.ledger_id IS NULL THEN r.c{position} ELSE b.c{position} END"

    def _imported_join(self) -> str:
        table = self.stage.table
        if table is None:
            return ""
        base = find_edits(self.cursor, self.stage.target).base_sql()
        imported = exact_rows_sql(self.stage.source, table, self.stored, target=base)
        return f"LEFT JOIN {imported} AS b ON b.ledger_id = s.ledger_id"

    def _rows_missing_here(self) -> Iterator[Difference]:
        stage = self.stage
        self.cursor.execute(
            f"""
            SELECT {stage.key()}, l.state, l.target_table, l.target_key
            FROM {stage.name} AS s LEFT JOIN ledger AS l ON l.id = s.ledger_id
            LEFT JOIN {exact_table_sql(stage.source, self.stored)} AS r ON r.ledger_id = s.ledger_id
            WHERE r.ledger_id IS NULL ORDER BY 1 LIMIT {SHOWN_PER_TABLE}
            """
        )
        for key, state, target_table, target_key in self.cursor.fetchall():
            explanation: Explanation = "newer in legacy" if self.file_changed else "unexplained"
            author = ""
            if state in {"live", "deleted"}:
                author = deletion_signature(self.cursor, target_table, target_key) or ""
                explanation = "edited here" if author else "unexplained"
            yield Difference(explanation, stage.legacy.name, shown_key(key), "", None, "a row", author)

    def _rows_missing_there(self) -> Iterator[Difference]:
        stage = self.stage
        self.cursor.execute(
            f"""
            SELECT l.key FROM ledger AS l
            WHERE l.source = {literal(stage.source.name)} AND l.legacy_table = {literal(stage.legacy.name)}
              AND l.state NOT IN ('gone', 'deleted')
              AND NOT EXISTS (SELECT FROM {stage.name} AS s WHERE s.ledger_id = l.id)
            ORDER BY l.key LIMIT {SHOWN_PER_TABLE}
            """
        )
        explanation: Explanation = "newer in legacy" if self.file_changed else "unexplained"
        for (key,) in self.cursor.fetchall():
            yield Difference(explanation, stage.legacy.name, shown_key(key), "", "a row", None)


def compare_source(
    cursor: CursorWrapper, source: Source, legacy: sqlite3.Connection, *, file_changed: bool
) -> tuple[int, list[Difference]]:
    """Return how many legacy rows were compared, and every difference; the cursor is in a transaction of its own.

    `file_changed` says whether the file has changed since its last import.
    """
    compared, differences = 0, []
    remembered = stored_schema(cursor.db.alias, source.name)
    for position, table in enumerate(read_schema(legacy, journal_mode="").tables):
        stage = Stage(f"compared_{position}", source, table, source.table(table.name))
        create_stage(cursor, stage)
        stage = extract(cursor, legacy, stage, progress=Progress())
        identify(cursor, stage)
        stored = remembered.table(table.name) if remembered else None
        compared += stage.rows
        if stored is None:
            differences.append(
                Difference("newer in legacy", table.name, "", "", None, f"a table of {stage.rows:,} rows")
            )
        else:
            differences += Comparison(cursor, stage, stored, file_changed).differences()
    return compared, differences


def _shown(exact: str | None) -> str | None:
    return None if exact is None else shown_cell(exact, longest=_SHOWN_LENGTH).text
