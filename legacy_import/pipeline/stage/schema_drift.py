"""Schema drift: how a file's tables and columns differ from their declaration and from the last import.

Only a missing table, or a column that the target cannot do without (stand_ins.py), stops the file; all other drift is a
remark in the report. The schema is
stored for the rebuild and the next comparison; reading it from the file is in legacy_schema.py.
"""

from legacy_import.errors import TerminalError
from legacy_import.mapping import Source, Table
from legacy_import.models import LegacyFile
from legacy_import.pipeline.stage.legacy_schema import LegacySchema, LegacyTable
from legacy_import.pipeline.stand_ins import is_optional_column, text_of_missing


def check_declared_schema(source: Source, schema: LegacySchema, *, file: str) -> list[str]:
    """Return remarks on drift from the declaration; raises TerminalError where something required is missing."""
    if not source.is_declared:
        return []
    remarks = []
    for table in source.tables:
        legacy = schema.find_table(table.name)
        if legacy is None:
            raise TerminalError(f"{file}: table {table.name} is missing, and {source.name} cannot do without it")
        remarks += _check_columns(table, legacy, file=file)
    known = {table.name for table in source.tables} | set(source.archived)
    remarks += [f"table {name} is missing" for name in source.archived if schema.find_table(name) is None]
    remarks += [
        f"table {legacy.name} is not declared; its rows are archived"
        for legacy in schema.tables
        if legacy.name not in known
    ]
    return remarks


def read_stored_schema(alias: str, source: str) -> LegacySchema | None:
    """Return the schema of a source's file as of its last import, None before the first."""
    file = LegacyFile.objects.using(alias).filter(pk=source).first()
    return LegacySchema.from_json(file.schema, file.pragmas) if file else None


def read_stored_table_schema(alias: str, source: str, table: str) -> LegacyTable:
    """Return the schema of a legacy table whose rows the ledger holds; raises LookupError where there is none."""
    schema = read_stored_schema(alias, source)
    found = schema.find_table(table) if schema else None
    if found is None:
        raise LookupError(f"{source}/{table} holds rows but is not in the remembered shape of its file")
    return found


def store_schema(alias: str, source: Source, schema: LegacySchema) -> list[str]:
    """Store the file's schema, only where it differs; return remarks on its drift since the last import."""
    before = read_stored_schema(alias, source.name)
    shape = {"path": source.path, "pragmas": schema.pragmas, "schema": schema.as_json()}
    files = LegacyFile.objects.using(alias)
    if files.filter(pk=source.name).values("path", "pragmas", "schema").first() != shape:
        files.update_or_create(source=source.name, defaults=shape)
    return list(schema.drift_since(before)) if before else []


def _check_columns(table: Table, legacy: LegacyTable, *, file: str) -> list[str]:
    present = set(legacy.column_names)
    remarks = []
    for column in table.columns:
        missing = [name for name in column.legacy_names if name not in present]
        if missing and not is_optional_column(table, column):
            raise TerminalError(f"{file}: table {table.name} has no column {missing[0]}, which the import needs")
        text = text_of_missing(table, column)
        said = "" if text is None else f"; new rows say '{text}' there"
        remarks += [f"table {table.name} has no column {name}{said}" for name in missing]
    undeclared = [name for name in legacy.column_names if name not in table.declared_names]
    return remarks + [f"column {table.name}.{name} is not declared; the ledger keeps it" for name in undeclared]
