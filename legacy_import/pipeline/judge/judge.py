"""Judging staged rows: those that break a rule go to the quarantine, with a reason for each column.

A row is refused where a cell cannot be decoded, where the target demands a value that is missing, where a text is too
long for an index, where its key is missing, where another row of the same source has the same identity, or where a row
made here has its unique value. What a cell's codec accepts is in legacy_import.codecs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Column
from legacy_import.pipeline.divergence import divergences
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.judge.index_limits import MAX_INDEXED_BYTES, read_index_limits
from legacy_import.pipeline.quoting import identifier, literal, literal_list
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql, decoded_value_sql, legacy_zone_sql
from legacy_import.pipeline.stage.stage import Stage

_ALONE: Final = "values that no other row of this source has"
TAKEN: Final = "a value that no row made here already has"
"""Expected of a row whose unique value a row made here has: once that one is gone, it can be merged."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A test that refuses a row `s`: SQL that is true where it does, the column it names, what was expected."""

    refuses: str
    column: str
    expected: str


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


def _rules_in_order(cursor: CursorWrapper, stage: Stage, *, first_load: bool) -> Iterator[list[_Rule]]:
    """Yield the rules in rounds: a later round decodes cells that passed the earlier ones."""
    if cells := _cell_rules(stage) + _index_rules(cursor, stage):
        yield cells
    if not stage.has_unique_identities:
        yield [_shared_identity_rule(stage)]
    others = [_claimed_identity_rule(stage)] if stage.partial else []
    others += [] if first_load else _taken_value_rules(stage)
    if others:
        yield others


def _cell_rules(stage: Stage) -> list[_Rule]:
    identity = set(stage.declared_table.identity)
    rules = []
    for column in stage.mapped_columns:
        cells = stage.cells_of(column)
        accepts = column.codec.accepts_sql(cells, odd=stage.is_odd(column), zone=legacy_zone_sql())
        name = ", ".join(column.legacy_names)
        if not (column.codec.accepts == "true" and not stage.is_odd(column)):
            rules.append(_Rule(f"NOT {accepts}", name, column.codec.expected))
        rules.extend(_missing_rules(stage, column, identity))
    return rules


def _index_rules(cursor: CursorWrapper, stage: Stage) -> list[_Rule]:
    """Refuse rows whose texts would not fit into an index entry: one of them would stop the whole source."""
    texts = {column.target: column for column in stage.mapped_columns if column.target and not column.reference}
    rules = []
    for limit in read_index_limits(cursor, stage.target.name):
        columns = [texts[name] for name in limit.columns if name in texts]
        if columns:
            # The reading of a text gives NULL for what it refuses, so that no order of the rules is needed.
            sizes = " + ".join(f"coalesce(octet_length({decoded_value_sql(stage, column)}), 0)" for column in columns)
            names = ", ".join(column.legacy_names[0] for column in columns)
            rules.append(_Rule(f"{sizes} > {MAX_INDEXED_BYTES}", names, limit.expected))
    return rules


def _missing_rules(stage: Stage, column: Column, identity: set[str]) -> list[_Rule]:
    """Refuse rows that lack a key, a part of the identity, or a value that the target demands (NOT NULL)."""
    name, cell = column.legacy_names[0], stage.cells_of(column)[0]
    if name == stage.declared_table.key or name in identity:
        return [_Rule(f"({cell} IS NULL OR {cell} = '')", name, "a key that is neither NULL nor empty")]
    if column.target in stage.target.required:
        empty = f" OR {cell} = ''" if column.codec.empty_is_null else ""
        return [_Rule(f"({cell} IS NULL{empty})", name, f"{column.codec.expected} (the target demands one)")]
    return []


def _shared_identity_rule(stage: Stage) -> _Rule:
    """Refuse all but one of the rows that share an identity: the one that had it before, else the first id."""
    return _Rule(
        refuses=f"""s.ledger_id IN (
            SELECT ledger_id FROM (
                SELECT d.ledger_id, row_number() OVER (
                    PARTITION BY d.target_key
                    ORDER BY l.target_key IS NOT DISTINCT FROM d.target_key AND l.state IN ('live', 'merged') DESC,
                             d.ledger_id
                ) AS place
                FROM {stage.name} AS d LEFT JOIN ledger AS l ON l.id = d.ledger_id
                WHERE d.target_key IN (SELECT target_key FROM {stage.name} GROUP BY target_key HAVING count(*) > 1)
            ) AS numbered WHERE place > 1
        )""",
        column=", ".join(stage.declared_table.identity),
        expected=_ALONE,
    )


def _claimed_identity_rule(stage: Stage) -> _Rule:
    """Refuse rows whose identity a row of the same source has that is not staged."""
    claims = (
        f"SELECT FROM ledger AS o WHERE o.target_key = s.target_key AND o.source = {literal(stage.source.name)}"
        " AND o.id <> s.ledger_id AND o.state IN ('live', 'merged', 'deleted')"
    )
    return _Rule(
        # Each half has an index of its own.
        refuses=f"(EXISTS ({claims} AND o.owns) OR EXISTS ({claims} AND NOT o.owns))",
        column=", ".join(stage.declared_table.identity),
        expected=_ALONE,
    )


def _taken_value_rules(stage: Stage) -> list[_Rule]:
    """Refuse rows of which another target row, made here or by another source, has a unique value."""
    target, filled = stage.target, set(stage.target_columns)
    rules = []
    for unique in target.unique_keys:
        if not filled.issuperset(unique):
            continue
        same = " AND ".join(f"x.{identifier(name)} = n.{identifier('v_' + name)}" for name in unique)
        rules.append(
            _Rule(
                refuses=f"""s.ledger_id IN (
                    SELECT n.ledger_id FROM {decoded_rows_sql(stage)} AS n
                    JOIN {identifier(target.name)} AS x ON {same} AND x.{identifier(target.key)} <> n.target_key
                )""",
                column=", ".join(c.legacy_names[0] for c in stage.mapped_columns if c.target in unique),
                expected=TAKEN,
            )
        )
    return rules


def _move_refused_rows(cursor: CursorWrapper, stage: Stage, *, rules: list[_Rule]) -> int:
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


def _reasons_sql(stage: Stage, rules: list[_Rule]) -> str:
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
