"""The value of the consultation inquiries on both sides, to the cent, reconciled row by row.

The file's sum is read by Python alone, without the codecs; the sum here comes with a line for each row that was edited,
fixed, deleted, merged or refused. Whether each inquiry that landed can be reached is checked in `reachability`, how
many of the files' inquiries can be opened is counted in `accessibility`.
"""

import sqlite3
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db import connections

from legacy_import.cell_display import format_key
from legacy_import.cells import deserialize_cell, read_text
from legacy_import.foreign_sqlite.reading import can_compute_column
from legacy_import.mapping import Source, Table
from legacy_import.pipeline.edits import gather_edits
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name, table_rows_sql
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.validation.amounts import parse_amount, parse_stated_amount
from legacy_import.validation.differences import Difference, Explanation, Tally
from legacy_import.validation.fixes import Fixes, find_fixes
from legacy_import.validation.inquiry_access import InquiryAccess, Place, Worth, place_of_inquiry
from legacy_import.validation.legacy_files import Reading
from legacy_import.validation.signatures import deletion_author_sql, edit_author_sql

INQUIRY_MODEL: Final = "business_core.ConsultationInquiry"
_NOTHING: Final = Decimal(0)


@dataclass(slots=True)
class PipelineValue:
    """A source's inquiries and their worth: in the file, here, and what explains the distance between the two.

    `explained` is what the file's sum has more than the one here, over all rows whose difference somebody signed or the
    import told of; `unexplained` the same over changes nobody signed.
    """

    inquiries_there: int = 0
    value_there: Decimal = _NOTHING
    inquiries_here: int = 0
    value_here: Decimal = _NOTHING
    not_in_table: int = 0
    explained: Decimal = _NOTHING
    unexplained: Decimal = _NOTHING
    tally: Tally = field(default_factory=Tally)
    access: InquiryAccess = field(default_factory=InquiryAccess)

    @property
    def sums_agree(self) -> bool:
        """Whether counts and sums are equal once the explained differences are taken back."""
        same_count = self.inquiries_there == self.inquiries_here + self.not_in_table
        return same_count and self.value_there == self.value_here + self.explained and self.tally.all_explained

    def __add__(self, other: "PipelineValue") -> "PipelineValue":
        """Return both together, without their differences."""
        return PipelineValue(
            self.inquiries_there + other.inquiries_there,
            self.value_there + other.value_there,
            self.inquiries_here + other.inquiries_here,
            self.value_here + other.value_here,
            self.not_in_table + other.not_in_table,
            self.explained + other.explained,
            self.unexplained + other.unexplained,
            access=self.access + other.access,
        )

    def describe_value(self) -> str:
        """Return both sides as a sentence."""
        there = f"{self.inquiries_there:,} inquiries worth {self.value_there:,.2f} in the file"
        if (self.inquiries_there, self.value_there) == (self.inquiries_here, self.value_here):
            return f"{there}, the same here"
        distances = [f"{self.explained:,.2f} explained row by row"] if self.explained else []
        distances += [f"{self.unexplained:,.2f} that nobody signed"] if self.unexplained else []
        here = f"{self.inquiries_here:,} worth {self.value_here:,.2f} here"
        return f"{there}, {here}" + (f" ({', '.join(distances)})" if distances else "")


def inquiry_tables(source: Source) -> list[Table]:
    """Return the source's tables of inquiries."""
    return [table for table in source.tables if table.model == INQUIRY_MODEL]


def measure_pipeline_value(reading: Reading) -> PipelineValue:
    """Return what the source's inquiries are worth on both sides."""
    value = PipelineValue()
    fixes = find_fixes(reading.source.database, reading.source.name)
    gather_edits(reading.cursor, target_table_of(INQUIRY_MODEL))
    for table in inquiry_tables(reading.source):
        has_values = value_column(table) in read_column_names(reading.file, table)
        # Legacy texts need not be UTF-8: one that isn't is an amount of nothing, not an error.
        reading.file.text_factory = read_text
        try:
            cells = quote_sqlite_name(value_column(table)) if has_values else "NULL"
            for (cell,) in reading.file.execute(f"SELECT {cells} FROM {table_rows_sql(table.name)}"):
                value.inquiries_there += 1
                value.value_there += parse_amount(cell) or _NOTHING
        finally:
            reading.file.text_factory = str
        # Rows whose value is as the import left it, in one sum; fixed ones are among them and explained by their fix.
        reading.cursor.execute(
            f"""
            SELECT count(*), coalesce(sum(t.estimated_value), 0)
            FROM ledger AS l JOIN consultation_inquiries AS t ON t.inquiry_id = l.target_key
            WHERE {_table_condition_sql(reading, table)} AND l.state = 'live'
              AND NOT EXISTS (SELECT FROM {_edits_table_sql()} AS e WHERE e.target_key = l.target_key AND {_IS_EDITED})
            """
        )
        inquiries, worth = reading.cursor.fetchone()
        value.inquiries_here += inquiries
        value.value_here += worth
        # A file that has lost the column says nothing of what its inquiries are worth.
        stated = worth if has_values else _NOTHING
        value.explained += stated - worth
        value.access.add_inquiries(Place.OPENED, Worth(inquiries, stated))
        _add_touched_rows(reading, table, fixes, value, has_values=has_values)
    unknown = value.inquiries_there - value.inquiries_here - value.not_in_table
    # A changed file's rows that the ledger does not know yet are the next import's.
    if unknown > 0 and not reading.changed:
        value.access.add_inquiries(Place.MISSING, Worth(unknown, unreadable=unknown))
    return value


def read_column_names(file: sqlite3.Connection, table: Table) -> set[str]:
    """Return the columns of a table of the open file whose cells can be read here, in their declared spelling."""
    before, file.text_factory = file.text_factory, lambda raw: raw.decode(errors="replace")
    try:
        columns = file.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table.name,)).fetchall()
        is_virtual = 2
        readable = [
            name for name, hidden in columns if hidden != is_virtual or can_compute_column(file, table.name, name)
        ]
    finally:
        file.text_factory = before
    return {table.declared_spelling(name) for name in readable}


def value_column(table: Table) -> str:
    """Return the legacy column of the estimated value."""
    return next(column.legacy_names[0] for column in table.columns if column.target == "estimated_value")


def _table_condition_sql(reading: Reading, table: Table) -> str:
    return f"l.source = {literal(reading.source.name)} AND l.legacy_table = {literal(table.name)}"


_IS_EDITED: Final = "e.overlay ? 'estimated_value'"


def _edits_table_sql() -> str:
    return identifier(f"edits_{target_table_of(INQUIRY_MODEL).name}")


def _add_touched_rows(reading: Reading, table: Table, fixes: Fixes, value: PipelineValue, *, has_values: bool) -> None:
    """Add, one by one, the rows that are not in the table or whose value is not as the import left it."""
    imported = "e.overlay ->> 'estimated_value'" if has_values else "NULL"
    with connections[reading.source.database].chunked_cursor() as cursor:
        name, key = literal(target_table_of(INQUIRY_MODEL).name), "l.target_key"
        cursor.execute(f"""
            SELECT l.key, l.state, t.inquiry_id IS NOT NULL, t.estimated_value, {imported},
                   l.cells ->> {literal(value_column(table))},
                   EXISTS (SELECT FROM consultation_inquiries AS o WHERE o.inquiry_id = l.target_key),
                   EXISTS (SELECT FROM settlement AS p
                           WHERE p.ledger_id = l.id AND p.kind = 'archive' AND p.withdrawn_at IS NULL),
                   CASE WHEN t.inquiry_id IS NULL THEN {deletion_author_sql(name, key)}
                        WHEN l.state = 'live' THEN {edit_author_sql(name, key, "'estimated_value'")} END
            FROM ledger AS l
            LEFT JOIN consultation_inquiries AS t ON t.inquiry_id = l.target_key AND l.state = 'live'
            LEFT JOIN {_edits_table_sql()} AS e ON e.target_key = l.target_key
            WHERE {_table_condition_sql(reading, table)} AND l.state <> 'gone'
              AND (l.state <> 'live' OR t.inquiry_id IS NULL OR {_IS_EDITED})
            ORDER BY l.key
        """)
        for row in cursor:
            _reconcile_inquiry(table, row, value)
    for ledger_id, fix in fixes.by_row.items():
        column = value_column(table)
        # What was fixed in a merged row landed nowhere: the row counts as nothing here already.
        is_elsewhere = fix.legacy_table != table.name or ledger_id in fixes.merged
        if is_elsewhere or column not in (fix.cells or {}):
            continue
        there, here = (parse_amount(deserialize_cell(cells.get(column))) for cells in (fix.original, fix.cells or {}))
        value.explained += (there or _NOTHING) - (here or _NOTHING)
        value.tally.add_differences([_value_difference("fixed here", table, fix.key, (here, there), fix.settled_by)])


def _reconcile_inquiry(table: Table, row: tuple[Any, ...], value: PipelineValue) -> None:
    """Add one inquiry to both sums, and name the difference between them with its explanation."""
    key, state, is_here, here, imported, kept, is_in_table, is_dismissed, author = row
    cell = imported if state == "live" else deserialize_cell(kept)
    place = place_of_inquiry(state, is_in_table=is_in_table, is_dismissed=is_dismissed, is_signed=author is not None)
    value.access.add_inquiry(place, parse_stated_amount(cell))
    there = parse_amount(cell)
    distance = (there or _NOTHING) - (here or _NOTHING)
    explanation: Explanation = "edited here" if author or state == "merged" else "unexplained"
    if state in {"quarantined", "archived"}:
        explanation = "in quarantine"
    value.inquiries_here += is_here
    value.value_here += here or _NOTHING
    value.not_in_table += not is_here
    if explanation == "unexplained":
        value.unexplained += distance
    else:
        value.explained += distance
    if state != "merged" and (distance or not is_here):
        value.tally.add_differences([_value_difference(explanation, table, key, (here, there), author or "")])


def _value_difference(
    explanation: Explanation, table: Table, key: str, amounts: tuple[Decimal | None, Decimal | None], author: str
) -> Difference:
    here, there = (None if amount is None else f"{amount:,.2f}" for amount in amounts)
    return Difference(explanation, table.name, format_key(key), value_column(table), here, there, author)
