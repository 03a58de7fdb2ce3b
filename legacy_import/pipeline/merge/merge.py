"""Merging classified rows into their target by a three-way merge, and upserting what became of them into the ledger.

`merge_rows` is the sequence; StageMerge builds its set statements. A person's edit wins: `update_target_sql` sets only
columns whose target value is still the merge base. Which outcome a row has is decided in classify.py; the fields on
which an edit and its source differ are recorded by divergence/divergences.py.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.classify import CLASSIFICATION, Classification
from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.merge import ownership
from legacy_import.pipeline.merge.key_rebuild import MIN_DEFERRED_ROWS, drop_and_rebuild_indexes
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import identifier, literal, literal_list
from legacy_import.pipeline.row_locks import lock_target_rows, require_target_rows
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql, decoded_rows_with_residue_sql
from legacy_import.pipeline.stage.stage import Stage

_OWNING_OUTCOMES = "'insert', 'update', 'take_over', 'restored'"
"""Those after which the staged row owns its target."""


@dataclass(frozen=True, slots=True)
class StageMerge:
    """One stage's merge: the rows, what is to be done for each, and the edits. `run` is the import run's id."""

    stage: Stage
    classification: Classification
    edits: Edits
    run: str

    def is_large_first_load(self) -> bool:
        """Say whether so many rows are inserted that their table's keys are better built afterwards."""
        return self.classification.first_load and self.classification.counts["insert"] >= MIN_DEFERRED_ROWS

    def outgrows_ledger(self, cursor: CursorWrapper) -> bool:
        """Say whether so many rows are inserted that the ledger's keys are better built afterwards, too."""
        if not self.is_large_first_load():
            return False
        cursor.execute("SELECT count(*) FROM ledger")
        known: int = cursor.fetchone()[0]
        return self.classification.counts["insert"] > known

    def insert_target_sql(self) -> str:
        """Return SQL that inserts the new target rows."""
        stage, columns, missing = self.stage, self.stage.target_columns, self.stage.missing_texts
        names = ", ".join(map(identifier, (stage.target.key, *columns, *missing)))
        values = ", ".join([*(f"n.{identifier('v_' + name)}" for name in columns), *map(literal, missing.values())])
        return f"""
            INSERT INTO {identifier(stage.target.name)} ({names})
            SELECT n.target_key, {values}
            FROM {decoded_rows_sql(stage)} AS n {self.classification.join_sql("'insert'")}
        """

    def update_target_sql(self) -> str:
        """Return SQL for the three-way merge into target rows that are there: a person's edit wins, column by column.

        `b` is the merge base (what the import left), `n` the staged row (what the source says), `t` the target. Where
        t differs from b somebody edited the column: it keeps t. Rows that would not differ are not written.
        """
        stage, columns = self.stage, self.stage.target_columns
        key = identifier(stage.target.key)

        def unedited(name: str) -> str:
            column = identifier(name)
            return f"t.{column} IS NOT DISTINCT FROM b.{column}" if self.edits.rows else "true"

        def staged_value(name: str) -> str:
            return f"n.{identifier('v_' + name)}"

        sets = ", ".join(
            f"{identifier(name)} = CASE WHEN {unedited(name)} THEN {staged_value(name)} ELSE t.{identifier(name)} END"
            for name in columns
        )
        differs = " OR ".join(
            f"({unedited(name)} AND {staged_value(name)} IS DISTINCT FROM t.{identifier(name)})" for name in columns
        )
        return f"""
            UPDATE {identifier(stage.target.name)} AS t SET {sets}
            FROM {decoded_rows_sql(stage)} AS n {self.classification.join_sql("'update', 'take_over'")}
            JOIN {self.edits.merge_base_sql()} AS b ON b.{key} = n.target_key
            WHERE t.{key} = n.target_key AND ({differs})
        """

    def upsert_owning_ledger_rows_sql(self) -> str:
        """Return SQL that upserts the ledger rows that own their target now, with residue and merge base."""
        stage = self.stage
        first_load = self.classification.first_load
        base, join = ("NULL::jsonb", "") if first_load else self._merge_base_and_join_sql()
        names = literal_list((stage.source.name, stage.legacy.name))
        # The first load of a table meets no ledger row, so nothing has to be looked up. `brought` marks rows whose
        # target this run inserted, for its undo: also where a later step of the same run writes the row again.
        conflict = (
            ""
            if first_load
            else """
            ON CONFLICT (id) DO UPDATE SET
                state = excluded.state, owns = true, target_table = excluded.target_table,
                target_key = excluded.target_key, row_id = excluded.row_id, cells = excluded.cells,
                encoded = excluded.encoded, base = excluded.base, reasons = NULL, run_id = excluded.run_id,
                brought = excluded.brought
                    OR l.brought AND l.run_id = excluded.run_id AND l.target_key = excluded.target_key"""
        )
        brought = "true" if first_load else "cl.outcome = 'insert'"
        return f"""
            INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id,
                                     cells, encoded, base, run_id, brought)
            SELECT n.ledger_id, {names}, n.key, 'live', true, {literal(stage.target.name)}, n.target_key, n.row_id,
                   n.residue_cells, n.residue_encoded, {base}, {literal(self.run)}::uuid, {brought}
            FROM {decoded_rows_with_residue_sql(stage)} AS n {self.classification.join_sql(_OWNING_OUTCOMES)} {join}
            {conflict}
        """

    def upsert_whole_ledger_rows_sql(self) -> str:
        """Return SQL that upserts merged rows, and tombstones of targets deleted here, with all their cells."""
        stage = self.stage
        names = literal_list((stage.source.name, stage.legacy.name))
        return f"""
            INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id,
                                     cells, run_id)
            SELECT s.ledger_id, {names}, {stage.key_sql()},
                   CASE cl.outcome WHEN 'merge' THEN 'merged' ELSE 'deleted' END, false,
                   {literal(stage.target.name)}, s.target_key, s.row_id, {stage.all_cells_sql()},
                   {literal(self.run)}::uuid
            FROM {stage.name} AS s
            JOIN {CLASSIFICATION} AS cl ON cl.ledger_id = s.ledger_id AND cl.outcome IN ('merge', 'deleted')
            ON CONFLICT (id) DO UPDATE SET
                state = excluded.state, target_table = excluded.target_table, target_key = excluded.target_key,
                owns = l.owns AND l.target_key = excluded.target_key, row_id = excluded.row_id,
                cells = excluded.cells, encoded = NULL, base = NULL, reasons = NULL, run_id = excluded.run_id,
                brought = false
        """

    def _merge_base_and_join_sql(self) -> tuple[str, str]:
        """Return SQL for the values as imported where the target keeps other ones, and the join it needs.

        Columns that this source does not fill keep what is known of their edits, for an owner that fills them again.
        """
        stage, columns = self.stage, self.stage.target_columns
        join = f"JOIN {identifier(stage.target.name)} AS t ON t.{identifier(stage.target.key)} = n.target_key"
        base = self._kept_values_sql(columns) if columns else "NULL::jsonb"
        if self.edits.rows:
            unfilled = (
                f"(SELECT e.overlay - ARRAY[{literal_list(columns)}]::text[] FROM {self.edits.name} AS e"
                " WHERE e.target_key = n.target_key)"
            )
            base = f"nullif(coalesce({unfilled}, '{{}}') || coalesce({base}, '{{}}'), '{{}}')"
        return base, join

    @staticmethod
    def _kept_values_sql(columns: tuple[str, ...]) -> str:
        """Return SQL for an object of the columns in which the target `t` keeps another value than was imported."""
        differs = " OR ".join(f"t.{identifier(name)} IS DISTINCT FROM n.{identifier('v_' + name)}" for name in columns)
        rows = ", ".join(
            f"({literal(name)}, to_jsonb(n.{identifier('v_' + name)}), to_jsonb(t.{identifier(name)}))"
            for name in columns
        )
        return (
            f"CASE WHEN {differs} THEN (SELECT jsonb_object_agg(c.name, c.imported) FROM (VALUES {rows})"
            " AS c(name, imported, kept) WHERE c.imported IS DISTINCT FROM c.kept) END"
        )


def merge_rows(cursor: CursorWrapper, merge: StageMerge, progress: Progress) -> Counter[str]:
    """Carry out the classification; return how many rows came to each outcome (inserted, updated, merged)."""
    stage, classification = merge.stage, merge.classification
    progress.enter_stage(stage.source.name, "merge", stage.legacy.name)
    if not classification.first_load:
        written = f"SELECT cl.target_key FROM {CLASSIFICATION} AS cl WHERE cl.outcome"
        lock_target_rows(cursor, stage.target, f"{written} <> 'moved'")
        require_target_rows(cursor, stage.target, f"{written} IN ('update', 'take_over', 'restored')")
    # The old owner's rows are encoded from the target, so they are released before it is overwritten.
    if classification.has_any("take_over"):
        ownership.demote_replaced_rows(cursor, merge.edits, run=merge.run)
        ownership.reset_unmapped_columns(cursor, stage, merge.edits)
        divergences.transfer_edit_divergences(cursor, stage)
    if classification.has_any("insert"):
        with drop_and_rebuild_indexes(cursor, stage.target.name, worth_it=merge.is_large_first_load()):
            cursor.execute(merge.insert_target_sql())
    if classification.has_any("update", "take_over"):
        divergences.record_edit_divergences(cursor, stage, merge.edits)
        if stage.target_columns:
            cursor.execute(merge.update_target_sql())
    progress.enter_stage(stage.source.name, "ledger", stage.legacy.name)
    if classification.has_any("insert", "update", "take_over", "restored"):
        with drop_and_rebuild_indexes(cursor, "ledger", worth_it=merge.outgrows_ledger(cursor)):
            cursor.execute(merge.upsert_owning_ledger_rows_sql())
    if classification.has_any("merge", "deleted"):
        cursor.execute(merge.upsert_whole_ledger_rows_sql())
    if classification.has_any("moved"):
        cursor.execute(
            f"UPDATE ledger AS l SET row_id = cl.row_id FROM {CLASSIFICATION} AS cl"
            " WHERE cl.outcome = 'moved' AND l.id = cl.ledger_id"
        )
    # A first load has no table `classification` and meets neither edits nor twins.
    if not classification.first_load:
        owning = f"SELECT ledger_id FROM {CLASSIFICATION} WHERE outcome IN ({_OWNING_OUTCOMES})"
        divergences.delete_source_divergences(cursor, owning)
        divergences.refresh_edit_divergences(cursor, stage)
        divergences.record_source_divergences(cursor)
    counts = classification.counts
    updated = counts["update"] + counts["take_over"] + counts["restored"]
    return Counter(inserted=counts["insert"], updated=updated, merged=counts["merge"])
