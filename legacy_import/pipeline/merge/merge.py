"""Merging judged rows into their target, and writing what became of them into the ledger.

What lives here: the set statements, in their order, that carry out the classification. What does not: reaching them
(verdict), or telling of disagreements (divergences).
"""

from collections import Counter
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.classify import CLASSIFICATION, Classification
from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.merge import ownership
from legacy_import.pipeline.merge.key_rebuild import MIN_DEFERRED_ROWS, defer_keys
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import identifier, literal, literal_list
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql, decoded_rows_with_residue_sql
from legacy_import.pipeline.stage.stage import Stage

_OWNING_OUTCOMES = "'insert', 'update', 'take_over', 'restored'"


@dataclass(frozen=True, slots=True)
class StageMerge:
    """What merge a stage needs to know besides its rows. `run` is the import run's id."""

    stage: Stage
    classification: Classification
    edits: Edits
    run: str


def merge_rows(cursor: CursorWrapper, merge: StageMerge, progress: Progress) -> Counter[str]:
    """Carry out the classification; return how many rows came to each outcome (inserted, updated, merged …)."""
    stage, classification = merge.stage, merge.classification
    progress.enter_stage(stage.source.name, "merge", stage.legacy.name)
    if classification.has_any("take_over"):
        ownership.release_previous_owners(cursor, merge.edits, run=merge.run)
        ownership.reset_unmapped_columns(cursor, stage, merge.edits)
        divergences.hand_over_divergences(cursor, stage)
    if classification.has_any("insert"):
        with defer_keys(cursor, stage.target.name, worth_it=_is_large_first_load(classification)):
            cursor.execute(_insert_sql(merge))
    if classification.has_any("update", "take_over"):
        divergences.record_edit_divergences(cursor, stage, merge.edits)
        cursor.execute(_update_sql(merge))
    progress.enter_stage(stage.source.name, "ledger", stage.legacy.name)
    if classification.has_any("insert", "update", "take_over", "restored"):
        with defer_keys(cursor, "ledger", worth_it=_outgrows_ledger(cursor, classification)):
            cursor.execute(_live_ledger_rows_sql(merge))
    if classification.has_any("merge", "deleted"):
        cursor.execute(_whole_ledger_rows_sql(merge))
    if classification.has_any("moved"):
        cursor.execute(
            f"UPDATE ledger AS l SET row_id = cl.row_id FROM {CLASSIFICATION} AS cl"
            " WHERE cl.outcome = 'moved' AND l.id = cl.ledger_id"
        )
    if not classification.first_load:
        divergences.delete_source_divergences(
            cursor, f"SELECT ledger_id FROM {CLASSIFICATION} WHERE outcome IN ({_OWNING_OUTCOMES})"
        )
        divergences.refresh_edit_divergences(cursor, stage)
        divergences.compare_twins(cursor)
    return _count_outcomes(classification)


def _count_outcomes(classification: Classification) -> Counter[str]:
    counts = classification.counts
    return Counter(
        inserted=counts["insert"],
        updated=counts["update"] + counts["take_over"] + counts["restored"],
        merged=counts["merge"],
    )


def _is_large_first_load(classification: Classification) -> bool:
    return classification.first_load and classification.counts["insert"] >= MIN_DEFERRED_ROWS


def _outgrows_ledger(cursor: CursorWrapper, classification: Classification) -> bool:
    """Say whether so many rows come that building the ledger's keys anew costs less than keeping them."""
    if not _is_large_first_load(classification):
        return False
    cursor.execute("SELECT count(*) FROM ledger")
    known: int = cursor.fetchone()[0]
    return classification.counts["insert"] > known


def _insert_sql(merge: StageMerge) -> str:
    stage = merge.stage
    columns = stage.target_columns
    names = ", ".join(map(identifier, (stage.target.key, *columns)))
    values = ", ".join(f"n.{identifier('v_' + name)}" for name in columns)
    return f"""
        INSERT INTO {identifier(stage.target.name)} ({names})
        SELECT n.target_key, {values} FROM {decoded_rows_sql(stage)} AS n {merge.classification.join_sql("'insert'")}
    """


def _update_sql(merge: StageMerge) -> str:
    """Set each column that was not changed here; leave rows alone that would not differ."""
    stage, columns = merge.stage, merge.stage.target_columns
    key = identifier(stage.target.key)

    def untouched(name: str) -> str:
        column = identifier(name)
        return f"t.{column} IS NOT DISTINCT FROM b.{column}" if merge.edits.rows else "true"

    def new(name: str) -> str:
        return f"n.{identifier('v_' + name)}"

    sets = ", ".join(
        f"{identifier(name)} = CASE WHEN {untouched(name)} THEN {new(name)} ELSE t.{identifier(name)} END"
        for name in columns
    )
    differs = " OR ".join(
        f"({untouched(name)} AND {new(name)} IS DISTINCT FROM t.{identifier(name)})" for name in columns
    )
    return f"""
        UPDATE {identifier(stage.target.name)} AS t SET {sets}
        FROM {decoded_rows_sql(stage)} AS n {merge.classification.join_sql("'update', 'take_over'")}
        JOIN {merge.edits.merge_base_sql()} AS b ON b.{key} = n.target_key
        WHERE t.{key} = n.target_key AND ({differs})
    """


def _live_ledger_rows_sql(merge: StageMerge) -> str:
    stage = merge.stage
    base, join = ("NULL::jsonb", "") if merge.classification.first_load else _merge_base_sql(merge)
    names = literal_list((stage.source.name, stage.legacy.name))
    # The first load of a table meets no ledger row, so nothing has to be looked up.
    conflict = (
        ""
        if merge.classification.first_load
        else """
        ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, owns = true, target_table = excluded.target_table, target_key = excluded.target_key,
            row_id = excluded.row_id, cells = excluded.cells, encoded = excluded.encoded, base = excluded.base,
            reasons = NULL, run_id = excluded.run_id,
            brought = excluded.brought
                OR l.brought AND l.run_id = excluded.run_id AND l.target_key = excluded.target_key"""
    )
    brought = "true" if merge.classification.first_load else "cl.outcome = 'insert'"
    return f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id, cells,
                                 encoded, base, run_id, brought)
        SELECT n.ledger_id, {names}, n.key, 'live', true, {literal(stage.target.name)}, n.target_key, n.row_id,
               n.residue_cells, n.residue_encoded, {base}, {literal(merge.run)}::uuid, {brought}
        FROM {decoded_rows_with_residue_sql(stage)} AS n {merge.classification.join_sql(_OWNING_OUTCOMES)} {join}
        {conflict}
    """


def _merge_base_sql(merge: StageMerge) -> tuple[str, str]:
    """Return SQL for the values as imported where the target keeps other ones, and the join it needs.

    Columns that this source does not fill keep what is known of their edits, for an owner that fills them again.
    """
    stage = merge.stage
    columns = stage.target_columns
    differs = " OR ".join(f"t.{identifier(name)} IS DISTINCT FROM n.{identifier('v_' + name)}" for name in columns)
    rows = ", ".join(
        f"({literal(name)}, to_jsonb(n.{identifier('v_' + name)}), to_jsonb(t.{identifier(name)}))" for name in columns
    )
    base = (
        f"CASE WHEN {differs} THEN (SELECT jsonb_object_agg(c.name, c.imported) FROM (VALUES {rows})"
        " AS c(name, imported, kept) WHERE c.imported IS DISTINCT FROM c.kept) END"
    )
    if merge.edits.rows:
        unfilled = (
            f"(SELECT e.overlay - ARRAY[{literal_list(columns)}]::text[] FROM {merge.edits.name} AS e"
            " WHERE e.target_key = n.target_key)"
        )
        base = f"nullif(coalesce({unfilled}, '{{}}') || coalesce({base}, '{{}}'), '{{}}')"
    return base, f"JOIN {identifier(stage.target.name)} AS t ON t.{identifier(stage.target.key)} = n.target_key"


def _whole_ledger_rows_sql(merge: StageMerge) -> str:
    """Write merged rows, and rows whose target was deleted here, into the ledger with all their cells."""
    stage = merge.stage
    names = literal_list((stage.source.name, stage.legacy.name))
    return f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id, cells,
                                 run_id)
        SELECT s.ledger_id, {names}, {stage.key_sql()}, CASE cl.outcome WHEN 'merge' THEN 'merged' ELSE 'deleted' END,
               false, {literal(stage.target.name)}, s.target_key, s.row_id, {stage.all_cells_sql()},
               {literal(merge.run)}::uuid
        FROM {stage.name} AS s
        JOIN {CLASSIFICATION} AS cl ON cl.ledger_id = s.ledger_id AND cl.outcome IN ('merge', 'deleted')
        ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, target_table = excluded.target_table, target_key = excluded.target_key,
            owns = l.owns AND l.target_key = excluded.target_key, row_id = excluded.row_id, cells = excluded.cells,
            encoded = NULL, base = NULL, reasons = NULL, run_id = excluded.run_id, brought = false
    """
