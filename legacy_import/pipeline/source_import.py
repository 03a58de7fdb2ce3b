"""One source's import, inside one transaction: the stages in their order.

What lives here: the sequence. What does not: the run's record and its failure (legacy_import.services), the steps.
"""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.archive import archive_rows
from legacy_import.pipeline.classify import classify_rows, is_first_load
from legacy_import.pipeline.edits import Edits, change_mark, find_edits
from legacy_import.pipeline.judge.judge import quarantine_refused_rows
from legacy_import.pipeline.judge.settlements import apply_settlements
from legacy_import.pipeline.merge import rekey, relink
from legacy_import.pipeline.merge.absent_rows import mark_absent_rows, mark_absent_tables
from legacy_import.pipeline.merge.merge import StageMerge, merge_rows
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.report import TableCounts
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from legacy_import.pipeline.source_lock import lock_targets
from legacy_import.pipeline.stage.extract import count_rows, extract_rows
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, read_schema
from legacy_import.pipeline.stage.schema_drift import check_declared_schema, store_schema
from legacy_import.pipeline.stage.stage import Stage, assign_surrogate_keys, create_stage

_SESSION: Final = (
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL maintenance_work_mem = '256MB'",
    # Staff who hold a table must not make the import hold up everyone behind it.
    "SET LOCAL lock_timeout = '30s'",
    "SET LOCAL client_connection_check_interval = '1s'",
)


@dataclass(slots=True)
class Outcome:
    """What an import did: counts per legacy table, remarks, and the target tables it wrote to."""

    tables: dict[str, TableCounts] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    inserted_into: set[str] = field(default_factory=set)
    written_to: set[str] = field(default_factory=set)
    owners_lost: int = 0


@dataclass(frozen=True, slots=True)
class SourceImport:
    """What the stages of one source's import share."""

    cursor: CursorWrapper
    source: Source
    run: str
    progress: Progress
    outcome: Outcome = field(default_factory=Outcome)

    def prepare_session(self) -> None:
        """Set what the steps rely on, for this transaction; change-log entries name the run from here on."""
        for statement in _SESSION:
            self.cursor.execute(statement)
        self.cursor.execute(f"SELECT set_config('synapse.import_run', {literal(self.run)}, true)")

    def import_snapshot(self, snapshot: Snapshot) -> Outcome:
        """Carry the snapshot's rows to their places; the caller owns the transaction."""
        with closing(snapshot.open_read_only()) as legacy:
            schema = read_schema(legacy, self.source, journal_mode=snapshot.journal_mode)
            self.outcome.notes += check_declared_schema(self.source, schema, file=self.source.path)
            stages = self._stage_tables(legacy, schema)
        self.lock_targets()
        self.outcome.notes += store_schema(self.cursor.db.alias, self.source, schema)
        for stage in stages:
            if stage.table:
                self._merge_table(stage)
            else:
                self._archive_table(stage)
        self._finish(schema)
        return self.outcome

    def lock_targets(self) -> None:
        """Keep others from writing the targets from here on, and remember what had been changed in them by now."""
        lock_targets(self.cursor)
        ImportRun.objects.using(self.cursor.db.alias).filter(pk=self.run).update(change_mark=change_mark(self.cursor))

    def merge_stage(self, stage: Stage, *, edits: Edits, first_load: bool) -> Counter[str]:
        """Carry the rows that nothing refuses to their targets; return how many came to each outcome."""
        self.progress.enter_stage(self.source.name, "compare", stage.legacy.name)
        moved = 0 if first_load else rekey.rekey_rows(self.cursor, stage, edits)
        classification = classify_rows(
            self.cursor, stage, edits=edits, first_load=first_load, moved=rekey.REKEYED if moved else ""
        )
        outcomes = merge_rows(
            self.cursor,
            StageMerge(stage=stage, classification=classification, edits=edits, run=self.run),
            self.progress,
        )
        if outcomes["inserted"]:
            self.outcome.inserted_into.add(stage.target.name)
        if outcomes["inserted"] or outcomes["updated"]:
            self.outcome.written_to.add(stage.target.name)
        if moved:
            rekey.keep_edited_rows(self.cursor, stage, edits, run=self.run)
            rekey.delete_leftover_rows(self.cursor, stage)
            self.outcome.written_to.add(stage.target.name)
        self.outcome.owners_lost += moved
        return outcomes

    def relink_rows(self) -> None:
        """Let twins step in for owners that left, and orphans find the parents that came."""
        self.progress.enter_stage(self.source.name, "repair")
        if self.outcome.owners_lost:
            promoted = relink.promote_twins(self.cursor, run=self.run)
            self.outcome.written_to |= promoted
            self.outcome.inserted_into |= promoted
        if self.outcome.inserted_into:
            relink.relink_orphans(self.cursor, parents=self.outcome.inserted_into, run=self.run)

    def _stage_tables(self, legacy: sqlite3.Connection, schema: LegacySchema) -> list[Stage]:
        """Stage every table, parents first; tables without a target last."""
        self.progress.begin_source(
            self.source.name, total_rows=sum(count_rows(legacy, table) for table in schema.tables)
        )
        mapped = [found for table in self.source.tables if (found := schema.find_table(table.name))]
        others = [table for table in schema.tables if table not in mapped]
        stages = []
        for position, table in enumerate(mapped + others):
            self.progress.enter_stage(self.source.name, "extract", table.name)
            stage = Stage(f"stage_{position}", self.source, table, self.source.find_table(table.name))
            create_stage(self.cursor, stage)
            stage = extract_rows(self.cursor, legacy, stage, progress=self.progress)
            assign_surrogate_keys(self.cursor, stage)
            stages.append(stage)
        return stages

    def _merge_table(self, stage: Stage) -> None:
        edits = find_edits(self.cursor, stage.target)
        first_load = is_first_load(self.cursor, stage)
        self.progress.enter_stage(self.source.name, "judge", stage.legacy.name)
        gone = 0 if first_load else mark_absent_rows(self.cursor, stage, run=self.run, edits=edits)
        stage, archived = apply_settlements(self.cursor, stage, run=self.run, edits=edits)
        quarantined = quarantine_refused_rows(self.cursor, stage, run=self.run, edits=edits, first_load=first_load)
        outcomes = self.merge_stage(stage, edits=edits, first_load=first_load)
        self._report_table(stage, outcomes + Counter(quarantined=quarantined, archived=archived), gone=gone)
        self.outcome.owners_lost += gone + archived + quarantined

    def _archive_table(self, stage: Stage) -> None:
        self.progress.enter_stage(self.source.name, "archive", stage.legacy.name)
        gone = mark_absent_rows(self.cursor, stage, run=self.run, edits=None)
        changed = archive_rows(self.cursor, stage, run=self.run)
        self._report_table(stage, Counter(archived=changed), gone=gone)

    def _finish(self, schema: LegacySchema) -> None:
        present = tuple(table.name for table in schema.tables)
        self.outcome.owners_lost += mark_absent_tables(
            self.cursor, source=self.source.name, present=present, run=self.run
        )
        self.relink_rows()

    def _report_table(self, stage: Stage, outcomes: Counter[str], *, gone: int) -> None:
        self.outcome.tables[stage.legacy.name] = TableCounts.from_outcomes(read=stage.rows, outcomes=outcomes)
        if gone:
            rows = "1 row has" if gone == 1 else f"{gone:,} rows have"
            self.outcome.notes.append(f"{rows} left table {stage.legacy.name}; what came of them stays here")
