"""Withdrawing settlements: which rows a settlement still holds, and judging those anew.

Called by legacy_import.services.withdrawing, which owns the transaction and the run's record; what runs did to the rows
is taken back by legacy_import.undo between `find_held_rows` and `judge_held_rows`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from legacy_import.mapping import Table
from legacy_import.pipeline.edits import gather_edits
from legacy_import.pipeline.encoded_sql import encoded_rows_sql
from legacy_import.pipeline.judge.judge import quarantine_refused_rows
from legacy_import.pipeline.quoting import literal, literal_list
from legacy_import.pipeline.report import TableCounts
from legacy_import.pipeline.source_import import SourceImport
from legacy_import.pipeline.stage.fixes import same_cells_sql
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.stage.restage import stage_kept_rows
from legacy_import.pipeline.stage.schema_drift import read_stored_schema
from legacy_import.pipeline.target_table import target_table_of

_WITHDRAWN: Final = "withdrawn"
_QUARANTINED_AS_SETTLED: Final = f"n.state = 'quarantined' AND {same_cells_sql('n.cells', 'w.original')}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The settled rows of one source on their way back to the quarantine."""

    work: SourceImport

    def collect_withdrawn_rows(self, settlement_ids: Sequence[UUID]) -> None:
        """Lock the targets, and gather the rows with the cells they had when they were settled."""
        self.work.lock_targets()
        cursor = self.work.cursor
        cursor.execute(f"DROP TABLE IF EXISTS {_WITHDRAWN}")
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE {_WITHDRAWN} ON COMMIT DROP AS
            SELECT p.ledger_id, p.legacy_table, p.key, p.kind, p.original, l.row_id, false AS held
            FROM settlement AS p LEFT JOIN ledger AS l ON l.id = p.ledger_id WHERE p.id = ANY(%s)
            """,
            [list(settlement_ids)],
        )

    def find_held_rows(self) -> list[UUID]:
        """Return the rows (ledger ids) that are as their settlement left them, unchanged in their file since."""
        found: list[UUID] = []
        for table, legacy in self._withdrawn_tables():
            self.work.cursor.execute(self._held_rows_sql(table, legacy))
            found += [ledger_id for (ledger_id,) in self.work.cursor.fetchall()]
        # Noted now: undoing runs, which comes next, changes what a held row is recognised by.
        self.work.cursor.execute(f"UPDATE {_WITHDRAWN} SET held = true WHERE ledger_id = ANY(%s)", [found])
        return found

    def reimport_held_rows(self) -> None:
        """Judge the held rows that are not back in the quarantine, as an import would, and count the outcomes of all.

        Such a row comes from a run that was undone meanwhile and had met the settlement already: there was no
        quarantined row before it to go back to.
        """
        cursor, run = self.work.cursor, self.work.run
        for _, legacy in self._withdrawn_tables():
            rows = (
                f"(SELECT w.row_id, w.key, w.original AS cells FROM {_WITHDRAWN} AS w"
                f" WHERE w.held AND w.legacy_table = {literal(legacy.name)}"
                f" AND NOT EXISTS (SELECT FROM ledger AS n WHERE n.id = w.ledger_id AND {_QUARANTINED_AS_SETTLED}))"
            )
            stage = stage_kept_rows(cursor, self.work.source, legacy, name="replay", rows=rows)
            merged = Counter[str]()
            if stage.rows:
                edits = gather_edits(cursor, stage.target)
                quarantined = quarantine_refused_rows(cursor, stage, run=run, edits=edits, first_load=False)
                self.work.outcome.owners_lost += quarantined
                merged = self.work.merge_stage(stage, edits=edits, first_load=False)
            cursor.execute(f"SELECT count(*) FROM {_WITHDRAWN} WHERE held AND legacy_table = %s", [legacy.name])
            read: int = cursor.fetchone()[0]
            outcomes = merged + Counter(quarantined=read - merged.total())
            self.work.outcome.tables[legacy.name] = TableCounts.from_outcomes(read=read, outcomes=outcomes)
        self.work.relink_rows()

    def _withdrawn_tables(self) -> Iterator[tuple[Table, LegacyTable]]:
        """Yield the declared tables of the rows, as they were when last imported; parents first."""
        cursor, source = self.work.cursor, self.work.source
        cursor.execute(f"SELECT DISTINCT legacy_table FROM {_WITHDRAWN}")
        named = {name for (name,) in cursor.fetchall()}
        schema = read_stored_schema(cursor.db.alias, source.name)
        for legacy in schema.tables if schema else ():
            table = source.find_table(legacy.name)
            if table and legacy.name in named:
                yield table, legacy

    def _held_rows_sql(self, table: Table, legacy: LegacyTable) -> str:
        """Return a query for the held rows: encoded as last imported, they give the cells that were settled."""
        edits = gather_edits(self.work.cursor, target_table_of(table.model))
        chosen = f"l.state = 'live' AND l.id IN (SELECT ledger_id FROM {_WITHDRAWN} WHERE kind = 'fix')"
        live = encoded_rows_sql(self.work.source, table, legacy, target=edits.merge_base_sql(), where=chosen)
        names = literal_list(legacy.column_names)
        cells = ", ".join(f"r.c{position}" for position in range(len(legacy.columns)))
        rebuilt = f"jsonb_object(ARRAY[{names}]::text[], ARRAY[{cells}]::text[])"
        return f"""
            SELECT w.ledger_id FROM {_WITHDRAWN} AS w JOIN {live} AS r ON r.ledger_id = w.ledger_id
            WHERE {same_cells_sql("w.original", rebuilt)}
            UNION ALL
            SELECT w.ledger_id FROM {_WITHDRAWN} AS w JOIN ledger AS l ON l.id = w.ledger_id
            WHERE w.legacy_table = {literal(legacy.name)} AND {same_cells_sql("l.cells", "w.original")}
              AND l.state = ANY(CASE w.kind WHEN 'fix' THEN ARRAY['merged', 'deleted'] ELSE ARRAY['archived'] END)
        """
