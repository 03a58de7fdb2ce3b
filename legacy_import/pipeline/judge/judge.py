"""Judging staged rows: those that break a rule go to the quarantine, with a reason for each column.

A row is refused where a cell cannot be decoded, where the target demands a value that is missing and for which no text
stands in (stand_ins.py), where a text is too long for an index, where its key is missing, where another row of the same
source has the same identity, or where a row made here has its unique value. The rules are in rules.py.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.judge.rules import (
    Rule,
    cell_rules,
    claimed_identity_rule,
    index_rules,
    shared_identity_rule,
    taken_value_rules,
)
from legacy_import.pipeline.quoting import literal, literal_list
from legacy_import.pipeline.stage.stage import Stage


def quarantine_refused_rows(cursor: CursorWrapper, stage: Stage, *, run: str, edits: Edits, first_load: bool) -> int:
    """Move the rows that break a rule from the stage to the quarantine; return how many there are."""
    names = literal_list((stage.source.name, stage.legacy.name))
    quarantined = 0
    for rules in _rules_in_order(cursor, stage, first_load=first_load):
        count = _move_refused_rows(cursor, stage, rules=rules)
        if count:
            cursor.execute(
                f"""
                INSERT INTO ledger AS l (id, source, legacy_table, key, state, owns, target_table, target_key, row_id,
                                         cells, reasons, run_id)
                SELECT ledger_id, {names}, key, 'quarantined', false, {literal(stage.target.name)}, target_key, row_id,
                       cells, reasons, {literal(run)}::uuid
                FROM refused
                ON CONFLICT (id) DO UPDATE SET
                    state = excluded.state, row_id = excluded.row_id, cells = excluded.cells, encoded = NULL,
                    base = {edits.overlay_sql("l")}, reasons = excluded.reasons, run_id = excluded.run_id,
                    brought = false
                WHERE (l.state, l.row_id, l.cells, l.reasons)
                    IS DISTINCT FROM (excluded.state, excluded.row_id, excluded.cells, excluded.reasons)
                """
            )
            divergences.delete_divergences(cursor, "SELECT ledger_id FROM refused")
        cursor.execute("DROP TABLE refused")
        quarantined += count
    return quarantined


def remove_refused_rows(cursor: CursorWrapper, stage: Stage) -> dict[UUID, list[dict[str, Any]]]:
    """Remove rows that break a rule from the stage; return their reasons by ledger id; the ledger is not written."""
    refused: dict[UUID, list[dict[str, Any]]] = {}
    for rules in _rules_in_order(cursor, stage, first_load=False):
        _move_refused_rows(cursor, stage, rules=rules)
        cursor.execute("SELECT ledger_id, reasons::text FROM refused")
        refused |= {ledger_id: json.loads(reasons) for ledger_id, reasons in cursor.fetchall()}
        cursor.execute("DROP TABLE refused")
    return refused


def _rules_in_order(cursor: CursorWrapper, stage: Stage, *, first_load: bool) -> Iterator[list[Rule]]:
    """Yield the rules in rounds: a later round decodes cells that passed the earlier ones."""
    if cells := cell_rules(stage) + index_rules(cursor, stage):
        yield cells
    if not stage.has_unique_identities:
        yield [shared_identity_rule(stage)]
    others = [claimed_identity_rule(stage)] if stage.partial else []
    others += [] if first_load else taken_value_rules(stage)
    if others:
        yield others


def _move_refused_rows(cursor: CursorWrapper, stage: Stage, *, rules: list[Rule]) -> int:
    """Move the rows that a rule refuses from the stage to the table `refused`; return how many there are."""
    refused = " OR ".join(rule.refuses for rule in rules)
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE refused ON COMMIT DROP AS
        SELECT s.ledger_id, s.target_key, s.row_id, {stage.key_sql()} AS key, {stage.all_cells_sql()} AS cells,
               {_reasons_sql(stage, rules)} AS reasons
        FROM {stage.name} AS s WHERE {refused}
        """
    )
    cursor.execute("SELECT count(*) FROM refused")
    count: int = cursor.fetchone()[0]
    if count:
        cursor.execute(f"DELETE FROM {stage.name} AS s USING refused AS r WHERE r.ledger_id = s.ledger_id")
    return count


def _reasons_sql(stage: Stage, rules: list[Rule]) -> str:
    """Return SQL for a row's reasons: JSON objects with the column, what was expected and what was found there."""
    rows = []
    for rule in rules:
        cells = [stage.read_cell_sql(name) for name in rule.column.split(", ")]
        joined = cells[0] if len(cells) == 1 else f"concat_ws(', ', {', '.join(cells)})"
        # A reason is a sentence for a person: a cell of a megabyte is not copied into the ledger once more.
        found = f"left({joined}, 80)"
        rows.append(f"({rule.refuses}, {literal(rule.column)}, {literal(rule.expected)}, {found})")
    return (
        "(SELECT jsonb_agg(jsonb_build_object('column', v.name, 'expected', v.expected, 'found', v.found))"
        f" FROM (VALUES {', '.join(rows)}) AS v(refuses, name, expected, found) WHERE v.refuses)"
    )
