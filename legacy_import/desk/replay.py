"""Replaying one source's quarantined rows through the pipeline, with what a person decided about them.

Called by legacy_import.services.settling, which checks the decision and owns the transaction and the run's record. The
caller fills the temporary table `replayed` (`create_replay_table`). A row that is refused again stays as it was.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.edits import gather_edits
from legacy_import.pipeline.judge.judge import remove_refused_rows
from legacy_import.pipeline.judge.settlements import apply_settlements
from legacy_import.pipeline.report import TableCounts
from legacy_import.pipeline.source_import import Outcome, SourceImport
from legacy_import.pipeline.stage.restage import ledger_rows_sql, stage_kept_rows
from legacy_import.pipeline.stage.schema_drift import read_stored_table_schema
from legacy_import.pipeline.stage.stage import Stage

_REPLAYED: Final = "replayed"

Reasons = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Why rows are settled, and by whom."""

    reason: str
    author: str


def create_replay_table(cursor: CursorWrapper) -> None:
    """Create the table of the rows to replay; `kind`, `original` and `cells` are NULL for a row replayed as it is."""
    cursor.execute(f"DROP TABLE IF EXISTS {_REPLAYED}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_REPLAYED} (ledger_id uuid PRIMARY KEY, source text, legacy_table text, kind text,"
        " original jsonb, cells jsonb) ON COMMIT DROP"
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """The replay of one source's rows; `decision` is None where nothing new was decided about them."""

    work: SourceImport
    decision: Decision | None

    def replay_source(self) -> dict[UUID, Reasons]:
        """Merge or archive the source's replayed rows; return why some are still refused, by ledger id."""
        self.work.lock_targets()
        refused: dict[UUID, Reasons] = {}
        for stage in self._stage_tables():
            refused |= self._replay_stage(stage)
        self.work.relink_rows()
        return refused

    @property
    def outcome(self) -> Outcome:
        """What the replay did so far."""
        return self.work.outcome

    def _stage_tables(self) -> Iterator[Stage]:
        """Stage the rows of one table after the other, parents first."""
        cursor, source = self.work.cursor, self.work.source
        cursor.execute(f"SELECT DISTINCT legacy_table FROM {_REPLAYED} WHERE source = %s", [source.name])
        waiting = {name for (name,) in cursor.fetchall()}
        # The ledger may spell a name in another case than the declaration does: find_table ignores it.
        for table in source.tables:
            for name in sorted(waiting):
                if source.find_table(name) is table:
                    legacy = read_stored_table_schema(cursor.db.alias, source.name, name)
                    chosen = f"l.id IN (SELECT ledger_id FROM {_REPLAYED}) AND l.state = 'quarantined'"
                    rows = ledger_rows_sql(source, legacy, where=chosen)
                    yield stage_kept_rows(cursor, source, legacy, name="replay", rows=rows)

    def _replay_stage(self, stage: Stage) -> dict[UUID, Reasons]:
        cursor, run = self.work.cursor, self.work.run
        edits = gather_edits(cursor, stage.target)
        decided = f"(SELECT ledger_id, kind, original, cells FROM {_REPLAYED} WHERE kind IS NOT NULL)"
        read = stage.rows
        stage, archived = apply_settlements(cursor, stage, run=run, edits=edits, settlements=decided)
        refused = remove_refused_rows(cursor, stage)
        if self.decision:
            self._store_settlements(self.decision, stage, refused)
        outcomes = self.work.merge_stage(stage, edits=edits, first_load=False) + Counter(archived=archived)
        read -= len(refused)
        self.outcome.tables[stage.legacy.name] = TableCounts.from_outcomes(read=read, outcomes=outcomes)
        return refused

    def _store_settlements(self, decision: Decision, stage: Stage, refused: dict[UUID, Reasons]) -> None:
        """Keep the settlements of the rows that are not refused, in the place of earlier ones.

        Runs before the rows are merged: restaging merged rows (stage/restage.py) reads the settlements.
        """
        cursor = self.work.cursor
        chosen = f"SELECT * FROM {_REPLAYED} WHERE source = %s AND legacy_table = %s AND ledger_id <> ALL(%s)"
        names: list[Any] = [stage.source.name, stage.legacy.name, list(refused)]
        cursor.execute(
            "UPDATE settlement AS p SET withdrawn_by = %s, withdrawn_at = statement_timestamp()"
            f" FROM ({chosen}) AS r WHERE r.ledger_id = p.ledger_id AND p.withdrawn_at IS NULL",
            [decision.author, *names],
        )
        cursor.execute(
            f"""
            INSERT INTO settlement (id, ledger_id, source, legacy_table, key, kind, original, cells, reason, settled_by,
                                    withdrawn_by)
            SELECT gen_random_uuid(), l.id, l.source, l.legacy_table, l.key, r.kind, r.original, r.cells, %s, %s, ''
            FROM ({chosen}) AS r JOIN ledger AS l ON l.id = r.ledger_id
            """,
            [decision.reason, decision.author, *names],
        )
