"""One source's import, inside one transaction: the pipeline's stages in their order.

Called by legacy_import.services.importing, which keeps the run's record and contains its failure. Replaying quarantined
rows and withdrawing settlements (legacy_import.desk) use single steps of the same object.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.pipeline.archive import archive_rows
from legacy_import.pipeline.classify import classify_rows, is_first_load
from legacy_import.pipeline.diff.table_staging import DiffBase, TableStaging, open_table_staging
from legacy_import.pipeline.edits import Edits, gather_edits, read_change_position
from legacy_import.pipeline.judge.judge import quarantine_refused_rows
from legacy_import.pipeline.judge.settlements import apply_settlements
from legacy_import.pipeline.merge import rekey, relink
from legacy_import.pipeline.merge.absent_rows import mark_absent_rows, mark_absent_tables
from legacy_import.pipeline.merge.merge import StageMerge, merge_rows
from legacy_import.pipeline.merge_attempts import MergeAttempts, disturbed_notes
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import literal
from legacy_import.pipeline.report import TableCounts
from legacy_import.pipeline.row_loss import RowLossError, find_row_loss
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from legacy_import.pipeline.source_lock import lock_targets, take_merge_turn
from legacy_import.pipeline.stage.extract import count_rows
from legacy_import.pipeline.stage.legacy_schema import LegacySchema
from legacy_import.pipeline.stage.schema_drift import check_declared_schema, store_schema
from legacy_import.pipeline.stage.schema_limits import check_schema_limits
from legacy_import.pipeline.stage.stage import Stage

_SESSION: Final = (
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL maintenance_work_mem = '256MB'",
    # Staff who hold a table must not make the import hold up everyone behind it.
    "SET LOCAL lock_timeout = '30s'",
    # A killed import's connection is noticed within a second, and its locks are free.
    "SET LOCAL client_connection_check_interval = '1s'",
)


@dataclass(slots=True)
class Outcome:
    """What an import did: counts per legacy table, remarks, and the target tables it wrote to.

    `owners_lost` counts ledger rows that no longer own a target: above zero, twins may have to step in.
    """

    tables: dict[str, TableCounts] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    inserted_into: set[str] = field(default_factory=set)
    written_to: set[str] = field(default_factory=set)
    owners_lost: int = 0

    def begin_anew(self, notes: Sequence[str]) -> None:
        """Forget what an attempt did that came to nothing; only these remarks stay."""
        self.tables.clear()
        self.inserted_into.clear()
        self.written_to.clear()
        self.notes[:] = notes
        self.owners_lost = 0


@dataclass(frozen=True, slots=True)
class SourceImport:
    """What the stages of one source's import share. `run` is the import run's id."""

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

    def import_snapshot(
        self, snapshot: Snapshot, *, base: DiffBase | None = None, loss_is_confirmed: bool = False
    ) -> Outcome:
        """Extract, judge and merge the snapshot's rows, table by table; the caller owns the transaction.

        With a base only the rows that differ from it travel, and those that PostgreSQL has to look at again.
        Raises RowLossError where most of the rows are missing and no person has confirmed that they were deleted.
        """
        opened = open_table_staging(self.cursor, snapshot, self.source, base=base, progress=self.progress)
        with opened as (staging, schema):
            stages = self._stage_tables(staging, schema)
            if self.source.is_declared:
                # After extracting: reading the file takes longest, and other imports need not wait for that.
                take_merge_turn(self.cursor)
            # In our turn: a ledger read before it would be waited for by an import that rebuilds its keys (deadlock).
            stages = staging.complete_tables(stages)
            self.outcome.notes += staging.notes
            if not loss_is_confirmed:
                loss = find_row_loss(self.cursor, self.source.name, stages)
                if loss.needs_answer:
                    raise RowLossError(self.source.name, loss, sha256=snapshot.sha256)
            self._merge_undisturbed(staging, schema, stages)
        return self.outcome

    def _merge_undisturbed(self, staging: TableStaging, schema: LegacySchema, stages: list[Stage]) -> None:
        notes = tuple(self.outcome.notes)

        def merge(*, alone: bool) -> None:
            self.outcome.begin_anew(notes)
            self.note_change_mark()
            # Once more: what was done here since the first look may have made other rows due.
            staging.notes.clear()
            due = staging.complete_tables(stages)
            self.outcome.notes += staging.notes
            self._merge_tables(schema, due, alone=alone)

        if not self.source.is_declared:
            # A file that none declares is archived whole: nobody writes what it writes.
            merge(alone=True)
            return
        attempts = MergeAttempts(self.cursor, self.source.name, self.run)
        # A first load builds the keys of its tables anew, for which it needs them alone; nobody works in them yet.
        loads_first = any(stage.table and stage.rows and is_first_load(self.cursor, stage) for stage in stages)
        attempts.merge_undisturbed(merge, locks_tables=loads_first)
        self.outcome.notes += disturbed_notes(attempts.disturbed)

    def _merge_tables(self, schema: LegacySchema, stages: list[Stage], *, alone: bool) -> None:
        self.outcome.notes += store_schema(self.cursor.db.alias, self.source, schema)
        for stage in stages:
            if stage.table:
                self._merge_table(stage, alone=alone)
            else:
                self.progress.enter_stage(self.source.name, "archive", stage.legacy.name)
                absent = mark_absent_rows(self.cursor, stage, run=self.run, edits=None)
                archived = archive_rows(self.cursor, stage, run=self.run)
                self._record_table_counts(stage, Counter(archived=archived), absent=absent)
        present = tuple(table.name for table in schema.tables)
        self.outcome.owners_lost += mark_absent_tables(
            self.cursor, source=self.source.name, present=present, run=self.run
        )
        self.relink_rows()

    def lock_targets(self) -> None:
        """Keep others from writing the targets from here on, and note the newest change of them by now."""
        lock_targets(self.cursor)
        self.note_change_mark()

    def note_change_mark(self) -> None:
        """Note the newest change by now: of rows that the run writes, all later ones are made after it."""
        position = read_change_position(self.cursor)
        ImportRun.objects.using(self.cursor.db.alias).filter(pk=self.run).update(**position)

    def merge_stage(self, stage: Stage, *, edits: Edits, first_load: bool) -> Counter[str]:
        """Classify and merge the rows that nothing refuses; return how many came to each outcome."""
        self.progress.enter_stage(self.source.name, "compare", stage.legacy.name)
        moved = 0 if first_load else rekey.rekey_rows(self.cursor, stage, edits)
        classification = classify_rows(
            self.cursor, stage, edits=edits, first_load=first_load, moved=rekey.REKEYED if moved else ""
        )
        merge = StageMerge(stage=stage, classification=classification, edits=edits, run=self.run)
        outcomes = merge_rows(self.cursor, merge, self.progress)
        if outcomes["inserted"]:
            self.outcome.inserted_into.add(stage.target.name)
        if outcomes["inserted"] or outcomes["updated"]:
            self.outcome.written_to.add(stage.target.name)
        if moved:
            rekey.insert_edit_tombstones(self.cursor, stage, edits, run=self.run)
            rekey.delete_leftover_rows(self.cursor, stage)
            self.outcome.written_to.add(stage.target.name)
        self.outcome.owners_lost += moved
        return outcomes

    def relink_rows(self) -> None:
        """Let twins step in for owners that left, and point orphans to the parents that this run brought."""
        self.progress.enter_stage(self.source.name, "repair")
        # Twins first: a promoted row may be the parent that an orphan waits for.
        if self.outcome.owners_lost:
            promoted = relink.promote_merged_rows(self.cursor, run=self.run)
            self.outcome.written_to |= promoted
            self.outcome.inserted_into |= promoted
        if self.outcome.inserted_into:
            relink.relink_orphans(self.cursor, parents=self.outcome.inserted_into, run=self.run)

    def _stage_tables(self, staging: TableStaging, schema: LegacySchema) -> list[Stage]:
        """Extract every table into a staging table of its own, parents first; tables without a target last."""
        check_schema_limits(self.cursor, schema, file=self.source.path)
        self.outcome.notes += schema.limits
        self.outcome.notes += check_declared_schema(self.source, schema, file=self.source.path)
        total_rows = sum(count_rows(staging.snapshot, table) for table in schema.tables)
        self.progress.begin_source(self.source.name, total_rows=total_rows)
        mapped = [found for table in self.source.tables if (found := schema.find_table(table.name))]
        others = [table for table in schema.tables if table not in mapped]
        stages = []
        for position, table in enumerate(mapped + others):
            self.progress.enter_stage(self.source.name, "extract", table.name)
            stage = Stage(f"stage_{position}", self.source, table, self.source.find_table(table.name))
            stages.append(staging.stage_table(stage))
        return stages

    def _merge_table(self, stage: Stage, *, alone: bool) -> None:
        """Take one staged table through the steps between extract and relink; `alone`: the tables are locked."""
        edits = gather_edits(self.cursor, stage.target)
        first_load = alone and is_first_load(self.cursor, stage)
        self.progress.enter_stage(self.source.name, "judge", stage.legacy.name)
        # Before rows are settled or refused: those leave the stage, and would look absent from the file.
        absent = 0 if first_load else mark_absent_rows(self.cursor, stage, run=self.run, edits=edits)
        stage, archived = apply_settlements(self.cursor, stage, run=self.run, edits=edits)
        quarantined = quarantine_refused_rows(self.cursor, stage, run=self.run, edits=edits, first_load=first_load)
        outcomes = self.merge_stage(stage, edits=edits, first_load=first_load)
        self._record_table_counts(stage, outcomes + Counter(quarantined=quarantined, archived=archived), absent=absent)
        self.outcome.owners_lost += absent + archived + quarantined

    def _record_table_counts(self, stage: Stage, outcomes: Counter[str], *, absent: int) -> None:
        self.outcome.tables[stage.legacy.name] = TableCounts.from_outcomes(read=stage.rows, outcomes=outcomes)
        if absent:
            rows = "1 row has" if absent == 1 else f"{absent:,} rows have"
            self.outcome.notes.append(f"{rows} left table {stage.legacy.name}; what came of them stays here")
