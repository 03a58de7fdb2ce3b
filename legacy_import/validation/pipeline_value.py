"""Summing what the consultation inquiries are worth, on both sides, to the cent."""

import math
import sqlite3
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Source, Table
from legacy_import.pipeline.edits import find_edits
from legacy_import.pipeline.legacy_schema import quoted
from legacy_import.pipeline.target import target_table

_MODEL = "business_core.ConsultationInquiry"


@dataclass(frozen=True, slots=True)
class PipelineValue:
    """How many inquiries there are and what they are worth together."""

    inquiries: int
    value: Decimal

    def __add__(self, other: "PipelineValue") -> "PipelineValue":
        """Return both together."""
        return PipelineValue(self.inquiries + other.inquiries, self.value + other.value)


def pipeline_values(
    cursor: CursorWrapper, source: Source, legacy: sqlite3.Connection
) -> tuple[PipelineValue, PipelineValue]:
    """Return (in the file, here) over the source's inquiry tables; rows deleted here count on neither side's behalf."""
    nothing = PipelineValue(0, Decimal(0))
    tables = [table for table in source.tables if table.model == _MODEL]
    there = sum((_in_file(legacy, table) for table in tables), nothing)
    here = sum((_here(cursor, source, table) for table in tables), nothing)
    return there, here


def _value_column(table: Table) -> str:
    return next(column.legacy_names[0] for column in table.columns if column.target == "estimated_value")


def _in_file(legacy: sqlite3.Connection, table: Table) -> PipelineValue:
    rows = legacy.execute(f"SELECT {quoted(_value_column(table))} FROM {quoted(table.name)}").fetchall()
    return PipelineValue(len(rows), sum((_money(cell) for (cell,) in rows), Decimal(0)))


def _money(cell: object) -> Decimal:
    """Read a cell independently of the codecs: what is no number is worth nothing."""
    if isinstance(cell, str):
        try:
            cell = float(cell)
        except ValueError:
            return Decimal(0)
    if not isinstance(cell, int | float) or not math.isfinite(cell):
        return Decimal(0)
    return Decimal(repr(cell)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _here(cursor: CursorWrapper, source: Source, table: Table) -> PipelineValue:
    edits = find_edits(cursor, target_table(table.model))
    column = _value_column(table).replace("'", "''")
    cursor.execute(
        f"""
        SELECT count(*), coalesce(sum(
            CASE l.state
                WHEN 'live' THEN CASE WHEN e.overlay ? 'estimated_value'
                    THEN (e.overlay ->> 'estimated_value')::numeric ELSE t.estimated_value END
                ELSE legacy_decimal(legacy_text(l.cells ->> '{column}'), 30, 2)
            END), 0)
        FROM ledger AS l
        LEFT JOIN consultation_inquiries AS t ON t.inquiry_id = l.target_key
        LEFT JOIN {edits.name} AS e ON e.target_key = l.target_key
        WHERE l.source = %s AND l.legacy_table = %s AND l.state <> 'gone'
        """,
        [source.name, table.name],
    )
    return PipelineValue(*cursor.fetchone())
