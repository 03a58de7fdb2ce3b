"""Handing a target row from one source to another, where the new one has precedence.

The old owner's legacy row is saved whole in the ledger (state `merged`) before the new one overwrites the target, and
columns that only the old owner filled go back to their defaults. Who owns is decided in classify.py.
"""

from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.pipeline.classify import CLASSIFICATION
from legacy_import.pipeline.edits import Edits
from legacy_import.pipeline.encoded_sql import encoded_rows_sql
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.schema_drift import read_stored_table_schema
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.sources import source_named

_TAKEN: Final = (
    "l.state IN ('live', 'gone')"
    f" AND l.id IN (SELECT cl.holder FROM {CLASSIFICATION} AS cl WHERE cl.outcome = 'take_over')"
)


def demote_replaced_rows(cursor: CursorWrapper, edits: Edits, *, run: str) -> None:
    """Demote the ledger rows whose targets are taken over to `merged`: save all their cells as last imported."""
    cursor.execute(
        f"SELECT DISTINCT h.source, h.legacy_table FROM {CLASSIFICATION} AS cl JOIN ledger AS h ON h.id = cl.holder"
        " WHERE cl.outcome = 'take_over' AND h.state IN ('live', 'gone')"
    )
    # Encoded from the merge base, as last imported: an edit made here is no cell of the old owner's file.
    for source_name, table_name in cursor.fetchall():
        source = source_named(source_name)
        table = source.find_table(table_name)
        legacy = read_stored_table_schema(cursor.db.alias, source_name, table_name)
        if table is None:
            raise LookupError(f"{source_name}/{table_name} holds rows but is no longer declared")
        rows = encoded_rows_sql(source, table, legacy, target=edits.merge_base_sql(), where=_TAKEN)
        names = ", ".join(literal(column) for column in legacy.column_names)
        cells = ", ".join(f"r.c{position}" for position in range(len(legacy.columns)))
        cursor.execute(
            f"""
            UPDATE ledger AS l
            SET state = CASE l.state WHEN 'live' THEN 'merged' ELSE l.state END, owns = false, encoded = NULL,
                base = NULL, run_id = {literal(run)}::uuid, brought = l.brought AND l.run_id = {literal(run)}::uuid,
                cells = jsonb_object(ARRAY[{names}]::text[], ARRAY[{cells}]::text[])
            FROM {rows} AS r WHERE l.id = r.ledger_id
            """
        )
    cursor.execute(
        f"UPDATE ledger AS l SET owns = false, base = NULL FROM {CLASSIFICATION} AS cl"
        " WHERE cl.outcome = 'take_over' AND l.id = cl.holder AND l.owns"
    )


def reset_unmapped_columns(cursor: CursorWrapper, stage: Stage, edits: Edits) -> None:
    """Give columns that the new owner does not fill their default or stand-in, where nobody changed them here."""
    cursor.execute(
        f"SELECT DISTINCT h.source FROM {CLASSIFICATION} AS cl JOIN ledger AS h ON h.id = cl.holder"
        " WHERE cl.outcome = 'take_over'"
    )
    previous_owners = [source_named(name) for (name,) in cursor.fetchall() if name != stage.source.name]
    others = {
        column.target
        for source in previous_owners
        for table in source.tables
        if table.model == stage.declared_table.model
        for column in table.columns
        if column.target
    }
    key, stand_ins = identifier(stage.target.key), stage.missing_texts
    for name in sorted(others.difference(stage.target_columns)):
        column = identifier(name)
        value = literal(stand_ins[name]) if name in stand_ins else "DEFAULT"
        cursor.execute(
            f"UPDATE {identifier(stage.target.name)} AS t SET {column} = {value}"
            f" FROM {CLASSIFICATION} AS cl JOIN {edits.merge_base_sql()} AS b ON b.{key} = cl.target_key"
            f" WHERE cl.outcome = 'take_over' AND t.{key} = cl.target_key"
            f" AND t.{column} IS NOT DISTINCT FROM b.{column}"
        )
