"""The stage: a staging table (temporary) that holds one legacy table's rows as text, each cell in its own column.

Each row gets the ids everything later joins by: `ledger_id`, of source, table and legacy key, and `target_key`, of the
target and the row's identity. It is filled by extract.py or restage.py and read through decoded_sql.py.
"""

from dataclasses import dataclass, replace
from typing import Self

from django.db.backends.utils import CursorWrapper

from legacy_import.cells import exact_sql
from legacy_import.codecs import Storage
from legacy_import.mapping import Column, Source, Table
from legacy_import.pipeline.quoting import ledger_path, literal, literal_list
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.stand_ins import text_of_missing
from legacy_import.pipeline.target_table import TargetTable, target_table_of


@dataclass(frozen=True, slots=True)
class Stage:
    """One staged legacy table. `table` is None where it has no target; `odd` names columns that hold odd cells.

    `partial` says that it holds only some of the table's rows: another, not staged, may have the identity of one.
    `fixed` names columns in which a person's fix replaces some row's cell. Only then the stage has a column `original`:
    for such a row all its exact cells, as the file has them; for others NULL.
    `vanished` names a temporary table of the ledger ids of rows that the file no longer holds. It is there where the
    stage was filled by the diff: of all the rows (`rows`) it holds those that differ, and whatever they meet.
    """

    name: str
    source: Source
    legacy: LegacyTable
    table: Table | None
    odd: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    partial: bool = False
    rows: int = 0
    vanished: str = ""

    def with_counts(self, *, rows: int, odd: frozenset[str]) -> Self:
        """Return the stage with what its filling found."""
        return replace(self, rows=rows, odd=odd)

    def with_fixed_columns(self, columns: frozenset[str]) -> Self:
        """Return the stage with these columns fixed: they are read strictly, for a fix may hold anything."""
        return replace(self, fixed=columns, odd=self.odd | columns)

    @property
    def declared_table(self) -> Table:
        """The declaration of a stage that has a target."""
        if self.table is None:
            raise TypeError(f"{self.legacy.name} has no target")
        return self.table

    @property
    def target(self) -> TargetTable:
        """The target table of a stage that has one."""
        return target_table_of(self.declared_table.model)

    @property
    def mapped_columns(self) -> tuple[Column, ...]:
        """The declared columns that this variant of the file has."""
        return self.declared_table.columns_present_in(self.legacy.column_names)

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The target columns that the stage fills, the target's key not among them."""
        mapped = tuple(column.target for column in self.mapped_columns if column.target)
        return mapped + tuple(self.declared_table.constants)

    @property
    def missing_texts(self) -> dict[str, str]:
        """The texts that a new target row demands and this variant of the file has no column for: their stand-ins.

        They are inserted, never updated: a column that a file once had and lost leaves what it said.
        """
        table, present = self.declared_table, self.mapped_columns
        missing = [column for column in table.columns if column not in present]
        return {column.target: text for column in missing if (text := text_of_missing(table, column)) is not None}

    @property
    def compared_columns(self) -> tuple[str, ...]:
        """The target columns in which two legacy rows can disagree: constants only name the file."""
        return tuple(name for name in self.target_columns if name not in self.declared_table.constants)

    @property
    def has_unique_identities(self) -> bool:
        """Whether the file's own primary key already rules out two rows of one identity."""
        mapping = self.declared_table
        unique = self.legacy.key_columns == (mapping.key,) == mapping.identity
        return unique and mapping.key not in self.odd

    def has_odd_cells(self, column: Column) -> bool:
        """Say whether some cell of the column needs the strict reading."""
        return not self.odd.isdisjoint(column.legacy_names)

    def storage_class_of(self, column: str) -> Storage:
        """Return the class a clean cell of the column has: its codec's, else by SQLite's affinity."""
        for declared in self.table.columns if self.table else ():
            if column in declared.legacy_names:
                return declared.codec.storage
        return next(c.storage for c in self.legacy.columns if c.name == column)

    def cell_sql(self, column: str, alias: str = "s") -> str:
        """Return SQL for the plain cell of a legacy column."""
        return f"{alias}.c{self.legacy.column_names.index(column)}"

    def column_cells_sql(self, column: Column, alias: str = "s") -> tuple[str, ...]:
        """Return SQL for the plain cells a mapped column is read from."""
        return tuple(self.cell_sql(name, alias) for name in column.legacy_names)

    def exact_cell_sql(self, column: str, alias: str = "s") -> str:
        """Return SQL for the exact spelling of the file's cell, also where a fix replaces it."""
        as_read = self.read_cell_sql(column, alias)
        if column not in self.fixed:
            return as_read
        original = f"{alias}.original"
        return f"CASE WHEN {original} IS NULL THEN {as_read} ELSE {original} ->> {literal(column)} END"

    def read_cell_sql(self, column: str, alias: str = "s") -> str:
        """Return SQL for the exact spelling of what the row is read from: a person's fix goes before the cell."""
        return exact_sql(self.cell_sql(column, alias), self.storage_class_of(column))

    def all_cells_sql(self, alias: str = "s") -> str:
        """Return SQL for a JSON object of all the row's exact cells."""
        names = literal_list(self.legacy.column_names)
        cells = ", ".join(self.exact_cell_sql(name, alias) for name in self.legacy.column_names)
        return f"jsonb_object(ARRAY[{names}]::text[], ARRAY[{cells}]::text[])"

    def lacks_sql(self, ledger: str = "l") -> str:
        """Return SQL that says of a ledger row of the table whether the file no longer holds its legacy row."""
        if self.vanished:
            return f"{ledger}.id IN (SELECT v.ledger_id FROM {self.vanished} AS v)"
        return f"NOT EXISTS (SELECT FROM {self.name} AS s WHERE s.ledger_id = {ledger}.id)"

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The legacy columns whose cells identify a row; empty where nothing does."""
        return (self.table.key,) if self.table else self.legacy.key_columns

    def key_sql(self, alias: str = "s") -> str:
        """Return SQL for the legacy key as the ledger spells it."""
        prefix = f"{alias}." if alias else ""
        cells = [f"{prefix}c{self.legacy.column_names.index(name)}" for name in self.key_columns]
        return f"coalesce({prefix}surrogate, {' || chr(31) || '.join(cells) or 'NULL'})"

    def ledger_path(self) -> str:
        """Return the prefix of the key in the text that a ledger id is the md5 of."""
        return ledger_path(self.source.name, self.legacy.name)


def create_stage(cursor: CursorWrapper, stage: Stage) -> None:
    """Create the temporary table, dropped with the transaction."""
    cells = [f"c{position} text" for position in range(len(stage.legacy.columns))]
    ledger_id = f"md5({literal(stage.ledger_path())} || {stage.key_sql(alias='')})::uuid"
    target_key = "NULL::uuid"
    if stage.table is not None:
        # A generated column may name no alias.
        identity = [f"c{stage.legacy.column_names.index(name)}" for name in stage.table.identity]
        target_key = target_key_sql(stage.target.name, identity)
    definitions = [
        "row_id bigint",
        "surrogate text",
        *cells,
        f"ledger_id uuid GENERATED ALWAYS AS ({ledger_id}) STORED",
        f"target_key uuid GENERATED ALWAYS AS ({target_key}) STORED",
    ]
    cursor.execute(f"CREATE TEMPORARY TABLE {stage.name} ({', '.join(definitions)}) ON COMMIT DROP")


def assign_surrogate_keys(cursor: CursorWrapper, stage: Stage) -> None:
    """Give rows whose key is NULL or repeated a surrogate key: their checksum and their ordinal among equals."""
    if stage.legacy.key_columns == stage.key_columns and len(stage.key_columns) == 1:
        # A single declared key column repeats nothing but NULL (SQLite allows it in most primary keys).
        shared = "ledger_id IS NULL"
    else:
        shared = (
            f"ledger_id IS NULL OR ledger_id IN "
            f"(SELECT ledger_id FROM {stage.name} GROUP BY ledger_id HAVING count(*) > 1)"
        )
    checksum = f"md5({stage.all_cells_sql()}::text)"
    cursor.execute(
        f"""
        UPDATE {stage.name} AS s
        SET surrogate = '#' || numbered.checksum || ':' || numbered.ordinal
        FROM (
            SELECT ctid AS place, {checksum} AS checksum,
                   row_number() OVER (PARTITION BY {checksum} ORDER BY row_id) AS ordinal
            FROM {stage.name} AS s
            WHERE {shared}
        ) AS numbered
        WHERE s.ctid = numbered.place
        """
    )
    # Autovacuum does not see temporary tables: without statistics the joins on them are planned as nested loops.
    cursor.execute(f"ANALYZE {stage.name} (ledger_id, target_key)")


def target_key_sql(target: str, cells: list[str]) -> str:
    """Return SQL for the deterministic key of a target row: md5 of its table and identity."""
    identity = " || chr(31) || ".join(f"legacy_text({cell})" for cell in cells)
    return f"md5({literal(target + ':')} || {identity})::uuid"
