"""Holding a file's shape against its declaration, and remembering it for the rebuild.

What lives here: what stops an import (a required table or column is missing) and what is only remarked on.
What does not: reading the shape (legacy_schema).
"""

from legacy_import.errors import TerminalError
from legacy_import.mapping import Source, Table
from legacy_import.models import LegacyFile
from legacy_import.pipeline.legacy_schema import LegacySchema, LegacyTable


def check_shape(source: Source, schema: LegacySchema, *, file: str) -> list[str]:
    """Return remarks on what is not declared; raises TerminalError where something required is missing."""
    remarks = []
    for table in source.tables:
        legacy = schema.table(table.name)
        if legacy is None:
            raise TerminalError(
                f"{file}: table {table.name} is missing; the file is not what {source.name} is declared as"
            )
        remarks += _check_columns(table, legacy, file=file)
    known = {table.name.lower() for table in source.tables} | {name.lower() for name in source.archived}
    remarks += [
        f"table {legacy.name} is not declared; its rows are archived"
        for legacy in schema.tables
        if legacy.name.lower() not in known
    ]
    return remarks


def remember_shape(alias: str, source: Source, schema: LegacySchema) -> None:
    """Keep the file's shape, written only where it has changed."""
    shape = {"path": source.path, "pragmas": schema.pragmas, "schema": schema.as_json()}
    files = LegacyFile.objects.using(alias)
    known = files.filter(pk=source.name).values("path", "pragmas", "schema").first()
    if known != shape:
        files.update_or_create(source=source.name, defaults=shape)


def _check_columns(table: Table, legacy: LegacyTable, *, file: str) -> list[str]:
    present = set(legacy.column_names)
    remarks = []
    for column in table.columns:
        missing = [name for name in column.legacy_names if name not in present]
        if missing and not column.optional:
            raise TerminalError(f"{file}: table {table.name} has no column {missing[0]}, which the import needs")
        remarks += [f"table {table.name} has no column {name}" for name in missing]
    undeclared = [name for name in legacy.column_names if name not in table.declared_names]
    return remarks + [f"column {table.name}.{name} is not declared; the ledger keeps it" for name in undeclared]
