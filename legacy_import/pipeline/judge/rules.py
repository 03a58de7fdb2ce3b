"""The rules that refuse a staged row, each with the column it names and what was expected there.

judge.py applies them in rounds. What a cell's codec accepts is in legacy_import.codecs, how long an indexed text may be
in index_limits.py.
"""

from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Column
from legacy_import.pipeline.judge.index_limits import MAX_INDEXED_BYTES, read_index_limits
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import decoded_rows_sql, decoded_value_sql, legacy_zone_sql
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.pipeline.stand_ins import stand_in_of

_ALONE: Final = "values that no other row of this source has"
TAKEN: Final = "a value that no row made here already has"
"""Expected of a row whose unique value a row made here has: once that one is gone, it can be merged."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A test that refuses a row `s`: SQL that is true where it does, the column it names, what was expected."""

    refuses: str
    column: str
    expected: str


def cell_rules(stage: Stage) -> list[Rule]:
    """Refuse rows with a cell that its codec does not accept, and those that lack one they need."""
    rules = []
    for column in stage.mapped_columns:
        cells = stage.column_cells_sql(column)
        accepts = column.codec.accepts_sql(cells, odd=stage.has_odd_cells(column), zone=legacy_zone_sql())
        name = ", ".join(column.legacy_names)
        if not (column.codec.accepts == "true" and not stage.has_odd_cells(column)):
            rules.append(Rule(f"NOT {accepts}", name, column.codec.expected))
        rules.extend(_missing_value_rules(stage, column))
    return rules


def index_rules(cursor: CursorWrapper, stage: Stage) -> list[Rule]:
    """Refuse rows whose texts would not fit into an index entry: one of them would stop the whole source."""
    texts = {column.target: column for column in stage.mapped_columns if column.target and not column.reference}
    rules = []
    for limit in read_index_limits(cursor, stage.target.name):
        columns = [texts[name] for name in limit.columns if name in texts]
        if columns:
            # The reading of a text gives NULL for what it refuses, so that no order of the rules is needed.
            sizes = " + ".join(f"coalesce(octet_length({decoded_value_sql(stage, column)}), 0)" for column in columns)
            names = ", ".join(column.legacy_names[0] for column in columns)
            rules.append(Rule(f"{sizes} > {MAX_INDEXED_BYTES}", names, limit.expected))
    return rules


def _missing_value_rules(stage: Stage, column: Column) -> list[Rule]:
    """Refuse rows that lack a key, a part of the identity, or a value that the target demands (NOT NULL).

    A demanded text is not refused: its stand-in lands.
    """
    name, cell = column.legacy_names[0], stage.column_cells_sql(column)[0]
    if stage.declared_table.identifies_rows(column):
        return [Rule(f"({cell} IS NULL OR {cell} = '')", name, "a key that is neither NULL nor empty")]
    if column.target in stage.target.required and stand_in_of(stage.declared_table, column) is None:
        empty = f" OR {cell} = ''" if column.codec.empty_is_null else ""
        return [Rule(f"({cell} IS NULL{empty})", name, f"{column.codec.expected} (the target demands one)")]
    return []


def shared_identity_rule(stage: Stage) -> Rule:
    """Refuse all but one of the rows that share an identity: the one that had it before, else the first id."""
    return Rule(
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


def claimed_identity_rule(stage: Stage) -> Rule:
    """Refuse rows whose identity another row of the same source has that is not staged (of a partial stage)."""
    claims = (
        f"SELECT FROM ledger AS o WHERE o.target_key = s.target_key AND o.source = {literal(stage.source.name)}"
        " AND o.id <> s.ledger_id AND o.state IN ('live', 'merged', 'deleted')"
    )
    return Rule(
        # Each half has an index of its own.
        refuses=f"(EXISTS ({claims} AND o.owns) OR EXISTS ({claims} AND NOT o.owns))",
        column=", ".join(stage.declared_table.identity),
        expected=_ALONE,
    )


def taken_value_rules(stage: Stage) -> list[Rule]:
    """Refuse rows of which another target row, made here or by another source, has a unique value."""
    target, filled = stage.target, set(stage.target_columns)
    rules = []
    for unique in target.unique_keys:
        if not filled.issuperset(unique):
            continue
        same = " AND ".join(f"x.{identifier(name)} = n.{identifier('v_' + name)}" for name in unique)
        rules.append(
            Rule(
                refuses=f"""s.ledger_id IN (
                    SELECT n.ledger_id FROM {decoded_rows_sql(stage)} AS n
                    JOIN {identifier(target.name)} AS x ON {same} AND x.{identifier(target.key)} <> n.target_key
                )""",
                column=", ".join(c.legacy_names[0] for c in stage.mapped_columns if c.target in unique),
                expected=TAKEN,
            )
        )
    return rules
