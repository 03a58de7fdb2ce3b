"""Merging judged rows into their target, and writing what became of them into the ledger.

What lives here: the set statements, in their order, that carry out the verdicts. What does not: reaching them
(verdict), or telling of disagreements (divergences).
"""

from collections import Counter
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.classify import VERDICTS, Verdicts
from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.merge import ownership
from legacy_import.pipeline.merge.key_rebuild import WORTH_IT_ROWS, rows_before_keys
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.quoting import identifier, literal, literal_list
from legacy_import.pipeline.stage.decoded_sql import typed_sql, with_residue_sql
from legacy_import.pipeline.stage.stage import Stage

_LANDING = "'insert', 'update', 'take_over', 'restored'"


@dataclass(frozen=True, slots=True)
class Landing:
    """What landing a stage needs to know besides its rows. `run` is the import run's id."""

    stage: Stage
    verdicts: Verdicts
    edits: Edits
    run: str


def land(cursor: CursorWrapper, landing: Landing, progress: Progress) -> Counter[str]:
    """Carry out the verdicts; return how many rows came to each outcome (inserted, updated, merged …)."""
    stage, verdicts = landing.stage, landing.verdicts
    progress.enter(stage.source.name, "merge", stage.legacy.name)
    if verdicts.any("take_over"):
        ownership.release(cursor, landing.edits, run=landing.run)
        ownership.reset_unmapped(cursor, stage, landing.edits)
        divergences.hand_over(cursor, stage)
    if verdicts.any("insert"):
        with rows_before_keys(cursor, stage.target.name, worth_it=_is_large_first_load(verdicts)):
            cursor.execute(_insert_sql(landing))
    if verdicts.any("update", "take_over"):
        divergences.note_edits(cursor, stage, landing.edits)
        cursor.execute(_update_sql(landing))
    progress.enter(stage.source.name, "ledger", stage.legacy.name)
    if verdicts.any("insert", "update", "take_over", "restored"):
        with rows_before_keys(cursor, "ledger", worth_it=_outgrows_ledger(cursor, verdicts)):
            cursor.execute(_landed_sql(landing))
    if verdicts.any("merge", "deleted"):
        cursor.execute(_kept_whole_sql(landing))
    if verdicts.any("moved"):
        cursor.execute(
            f"UPDATE ledger AS l SET row_id = v.row_id FROM {VERDICTS} AS v"
            " WHERE v.outcome = 'moved' AND l.id = v.ledger_id"
        )
    if not verdicts.first_load:
        divergences.forget_merged(cursor, f"SELECT ledger_id FROM {VERDICTS} WHERE outcome IN ({_LANDING})")
        divergences.follow_edits(cursor, stage)
        divergences.compare_twins(cursor)
    return _outcomes(verdicts)


def _outcomes(verdicts: Verdicts) -> Counter[str]:
    counts = verdicts.counts
    return Counter(
        inserted=counts["insert"],
        updated=counts["update"] + counts["take_over"] + counts["restored"],
        merged=counts["merge"],
    )


def _is_large_first_load(verdicts: Verdicts) -> bool:
    return verdicts.first_load and verdicts.counts["insert"] >= WORTH_IT_ROWS


def _outgrows_ledger(cursor: CursorWrapper, verdicts: Verdicts) -> bool:
    """Say whether so many rows come that building the ledger's keys anew costs less than keeping them."""
    if not _is_large_first_load(verdicts):
        return False
    cursor.execute("SELECT count(*) FROM ledger")
    known: int = cursor.fetchone()[0]
    return verdicts.counts["insert"] > known


def _insert_sql(landing: Landing) -> str:
    stage = landing.stage
    columns = stage.target_columns
    names = ", ".join(map(identifier, (stage.target.key, *columns)))
    values = ", ".join(f"n.{identifier('v_' + name)}" for name in columns)
    return f"""
        INSERT INTO {identifier(stage.target.name)} ({names})
        SELECT n.target_key, {values} FROM {typed_sql(stage)} AS n {landing.verdicts.join("'insert'")}
    """


def _update_sql(landing: Landing) -> str:
    """Set each column that was not changed here; leave rows alone that would not differ."""
    stage, columns = landing.stage, landing.stage.target_columns
    key = identifier(stage.target.key)

    def untouched(name: str) -> str:
        column = identifier(name)
        return f"t.{column} IS NOT DISTINCT FROM b.{column}" if landing.edits.rows else "true"

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
        FROM {typed_sql(stage)} AS n {landing.verdicts.join("'update', 'take_over'")}
        JOIN {landing.edits.base_sql()} AS b ON b.{key} = n.target_key
        WHERE t.{key} = n.target_key AND ({differs})
    """


def _landed_sql(landing: Landing) -> str:
    stage = landing.stage
    base, join = ("NULL::jsonb", "") if landing.verdicts.first_load else _base_after(landing)
    names = literal_list((stage.source.name, stage.legacy.name))
    # The first load of a table meets no ledger row, so nothing has to be looked up.
    conflict = (
        ""
        if landing.verdicts.first_load
        else """
        ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, owns = true, target_table = excluded.target_table, target_key = excluded.target_key,
            row_id = excluded.row_id, cells = excluded.cells, encoded = excluded.encoded, base = excluded.base,
            reasons = NULL, run_id = excluded.run_id,
            brought = excluded.brought
                OR l.brought AND l.run_id = excluded.run_id AND l.target_key = excluded.target_key"""
    )
    brought = "true" if landing.verdicts.first_load else "v.outcome = 'insert'"
    return f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id, cells,
                                 encoded, base, run_id, brought)
        SELECT n.ledger_id, {names}, n.key, 'live', true, {literal(stage.target.name)}, n.target_key, n.row_id,
               n.residue_cells, n.residue_encoded, {base}, {literal(landing.run)}::uuid, {brought}
        FROM {with_residue_sql(stage)} AS n {landing.verdicts.join(_LANDING)} {join}
        {conflict}
    """


def _base_after(landing: Landing) -> tuple[str, str]:
    """Return SQL for the values as imported where the target keeps other ones, and the join it needs.

    Columns that this source does not fill keep what is known of their edits, for an owner that fills them again.
    """
    stage = landing.stage
    columns = stage.target_columns
    differs = " OR ".join(f"t.{identifier(name)} IS DISTINCT FROM n.{identifier('v_' + name)}" for name in columns)
    rows = ", ".join(
        f"({literal(name)}, to_jsonb(n.{identifier('v_' + name)}), to_jsonb(t.{identifier(name)}))" for name in columns
    )
    base = (
        f"CASE WHEN {differs} THEN (SELECT jsonb_object_agg(c.name, c.imported) FROM (VALUES {rows})"
        " AS c(name, imported, kept) WHERE c.imported IS DISTINCT FROM c.kept) END"
    )
    if landing.edits.rows:
        unfilled = (
            f"(SELECT e.overlay - ARRAY[{literal_list(columns)}]::text[] FROM {landing.edits.name} AS e"
            " WHERE e.target_key = n.target_key)"
        )
        base = f"nullif(coalesce({unfilled}, '{{}}') || coalesce({base}, '{{}}'), '{{}}')"
    return base, f"JOIN {identifier(stage.target.name)} AS t ON t.{identifier(stage.target.key)} = n.target_key"


def _kept_whole_sql(landing: Landing) -> str:
    """Write merged rows, and rows whose target was deleted here, into the ledger with all their cells."""
    stage = landing.stage
    names = literal_list((stage.source.name, stage.legacy.name))
    return f"""
        INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id, cells,
                                 run_id)
        SELECT s.ledger_id, {names}, {stage.key()}, CASE v.outcome WHEN 'merge' THEN 'merged' ELSE 'deleted' END, false,
               {literal(stage.target.name)}, s.target_key, s.row_id, {stage.all_cells()}, {literal(landing.run)}::uuid
        FROM {stage.name} AS s JOIN {VERDICTS} AS v ON v.ledger_id = s.ledger_id AND v.outcome IN ('merge', 'deleted')
        ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, target_table = excluded.target_table, target_key = excluded.target_key,
            owns = l.owns AND l.target_key = excluded.target_key, row_id = excluded.row_id, cells = excluded.cells,
            encoded = NULL, base = NULL, reasons = NULL, run_id = excluded.run_id, brought = false
    """
