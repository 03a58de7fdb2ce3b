"""Which declared columns a file may lack, for every column of every mapped table."""

import pytest
from django.apps import apps
from django.db.models import TextField

from legacy_import.errors import TerminalError
from legacy_import.mapping import Column, Source, Table
from legacy_import.pipeline.stage.legacy_schema import LegacyColumn, LegacySchema, LegacyTable
from legacy_import.pipeline.stage.schema_drift import check_declared_schema
from legacy_import.sources import SOURCES

MAPPED = [(source, table, column) for source in SOURCES for table in source.tables for column in table.columns]


def is_needed(table: Table, column: Column) -> bool:
    """Say whether a file without the column must be refused: an identity, or a demanded value that nothing replaces."""
    if {table.key, *table.identity}.intersection(column.legacy_names):
        return True
    field = next(f for f in apps.get_model(table.model)._meta.concrete_fields if f.column == column.target)
    return not (field.null or field.has_db_default() or isinstance(field, TextField))


def schema_without(source: Source, table: Table, missing: str) -> LegacySchema:
    """Return the schema of a file that has every declared column but one."""
    tables = [
        LegacyTable(
            name=declared.name,
            columns=tuple(
                LegacyColumn(name, "TEXT", 0)
                for name in sorted(declared.declared_names)
                if (declared.name, name) != (table.name, missing)
            ),
            row_id_name="rowid",
        )
        for declared in source.tables
    ]
    archived = [LegacyTable(name=name, columns=(), row_id_name="rowid") for name in source.archived]
    return LegacySchema(tuple(tables + archived), (), {})


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_column_may_be_missing_where_the_target_can_do_without(source: Source) -> None:
    for table in source.tables:
        for column in table.columns:
            for name in column.legacy_names:
                schema = schema_without(source, table, name)
                if is_needed(table, column):
                    sentence = f"table {table.name} has no column {name}, which the import needs"
                    with pytest.raises(TerminalError, match=sentence):
                        check_declared_schema(source, schema, file=source.path)
                else:
                    (remark,) = check_declared_schema(source, schema, file=source.path)
                    assert remark.startswith(f"table {table.name} has no column {name}")


def test_both_kinds_are_there() -> None:
    needed = [is_needed(table, column) for _, table, column in MAPPED]

    assert needed.count(True) > 50
    assert needed.count(False) > 150
