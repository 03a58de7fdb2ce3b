"""Stand-ins: what lands in a target column that demands a text where the legacy file says nothing.

A NULL cell, or a column that this variant of the file lacks, does not keep a row or a file from landing where the
target can do without: the mapping's declared stand-in lands. NULL is kept as the cell's residue, so that the file gets
it back as long as nobody edits the stand-in. Called by judge, stage (drift, decoding), merge and divergence.
"""

from legacy_import.mapping import Column, Table
from legacy_import.pipeline.target_table import target_table_of


def stand_in_of(table: Table, column: Column) -> str | None:
    """Return what lands in the column's target where the file says nothing; None where nothing may stand in.

    That is where the target takes NULL, where it is no text, and where the value tells rows apart.
    """
    target = target_table_of(table.model)
    if column.target not in target.required & target.texts or table.identifies_rows(column):
        return None
    is_unique = any(column.target in unique for unique in target.unique_keys)
    return None if is_unique else column.stand_in


def text_of_missing(table: Table, column: Column) -> str | None:
    """Return the text that a new target row gets where the file lacks the column; None where the target needs none."""
    has_default = column.target in target_table_of(table.model).defaults
    return None if has_default else stand_in_of(table, column)


def is_optional_column(table: Table, column: Column) -> bool:
    """Say whether a file without the column can be imported.

    It cannot where the column identifies rows, or where the target demands a value that is no text and has no default.
    """
    if table.identifies_rows(column):
        return False
    target = target_table_of(table.model)
    is_demanded = column.target in target.required - target.defaults
    return not is_demanded or stand_in_of(table, column) is not None
