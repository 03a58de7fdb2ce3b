"""The decoded relation: SQL that reads a staging table as typed target values, and what they don't give back (residue).

Built from a mapping's codecs (legacy_import.codecs) and used by classify, judge, merge and divergence. It has `row_id,
key, surrogate, ledger_id, target_key`, the stage's cells (and `original`), one `v_<column>` per target column, and
`r_<column>` (the parent's legacy key) per reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from legacy_import.cells import exact_encoded_sql
from legacy_import.mapping import Column
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.stage import Stage, target_key_sql
from legacy_import.pipeline.stand_ins import stand_in_of
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import SOURCES

_DIFFERS: Final = "{x} IS DISTINCT FROM {e}"


@dataclass(frozen=True, slots=True)
class EncodedColumn:
    """A legacy column with SQL for its exact cell and for what encoding the decoded row gives in its place.

    `differs` is SQL that says whether the two, {x} and {e}, are not equal; it is empty where they are known to be, so
    that no residue need be looked for.
    """

    name: str
    exact: str
    encoded: str
    differs: str


def legacy_zone_sql() -> str:
    """Return SQL for the clock of the naive legacy timestamps."""
    return literal(settings.LEGACY_TIME_ZONE)


def decoded_value_sql(stage: Stage, column: Column, alias: str = "s") -> str:
    """Return SQL for the column's value (for a reference: its text) read from the stage, or its stand-in."""
    value = _read_value_sql(stage, column, alias)
    stand_in = stand_in_of(stage.declared_table, column)
    return value if stand_in is None else f"coalesce({value}, {literal(stand_in)})"


def has_stand_in_sql(stage: Stage, column: Column, alias: str) -> str:
    """Return SQL that says whether the column's value is a stand-in: the row's cell says nothing."""
    if stand_in_of(stage.declared_table, column) is None:
        return "false"
    return f"{_read_value_sql(stage, column, alias)} IS NULL"


def _read_value_sql(stage: Stage, column: Column, alias: str) -> str:
    return column.codec.decode_sql(
        stage.column_cells_sql(column, alias), odd=stage.has_odd_cells(column), zone=legacy_zone_sql()
    )


def decoded_rows_sql(stage: Stage) -> str:
    """Return the decoded relation over the stage's rows, each value computed once."""
    values = [f"{literal(text)} AS {identifier('v_' + name)}" for name, text in stage.declared_table.constants.items()]
    joins = []
    for position, column in enumerate(stage.mapped_columns):
        if column.reference:
            join, key, text = _parent_join_and_keys_sql(stage, column, f"p{position}")
            joins.append(join)
            values += [f"{key} AS {identifier('v_' + column.target)}", f"{text} AS {identifier('r_' + column.target)}"]
        elif column.target:
            values.append(f"{decoded_value_sql(stage, column)} AS {identifier('v_' + column.target)}")
    cells = [f"s.c{position}" for position in range(len(stage.legacy.columns))]
    cells += ["s.original"] if stage.fixed else []
    # OFFSET 0 keeps PostgreSQL from pulling the subquery up: it would compute a value anew wherever one is named.
    return (
        f"(SELECT s.row_id, {stage.key_sql()} AS key, s.surrogate, s.ledger_id, s.target_key,"
        f" {', '.join(cells + values)} FROM {stage.name} AS s {' '.join(joins)} OFFSET 0)"
    )


def parent_rows_sql(column: Column) -> str:
    """Return a relation of the rows a reference may point to: parent_key, parent_text (the legacy key)."""
    reference = column.reference
    if reference is None:
        raise TypeError(f"{column.target} is no reference")
    if reference.text_column:
        key = identifier(_key_column(reference.parent))
        text = identifier(reference.text_column)
        return f"(SELECT {key} AS parent_key, {text} AS parent_text FROM {identifier(reference.parent)})"
    # A parent deleted here still owns its key in the ledger, but nothing may point to it.
    parent = identifier(reference.parent)
    return (
        f"(SELECT l.target_key AS parent_key, l.key AS parent_text FROM ledger AS l"
        f" JOIN {parent} AS t ON t.{identifier(_key_column(reference.parent))} = l.target_key WHERE l.owns)"
    )


def encoded_columns(stage: Stage, alias: str) -> Iterator[EncodedColumn]:
    """Yield, for each legacy column, its exact cell and what encoding the decoded row `alias` gives in its place."""
    by_name = {name: (column, i) for column in stage.mapped_columns for i, name in enumerate(column.legacy_names)}
    for name in stage.legacy.column_names:
        exact = stage.exact_cell_sql(name, alias)
        if name not in by_name:
            yield EncodedColumn(name, exact, "NULL::text", differs=_DIFFERS)
            continue
        column, position = by_name[name]
        encoded = encoded_cells_sql(column, alias=alias, prefix="v_")[position]
        lossless = column.codec.lossless and not stage.has_odd_cells(column) and column.reference is None
        stand_in = stand_in_of(stage.declared_table, column)
        if lossless and stand_in is not None:
            # All but NULL comes back by itself, so a million clean texts are not encoded and compared.
            (encoded,) = column.codec.encode_sql(literal(stand_in), zone=legacy_zone_sql())
            yield EncodedColumn(name, exact, exact_encoded_sql(encoded, column.codec.storage), differs="{x} IS NULL")
            continue
        if not column.target:
            # The key of the ledger is the cell itself, unless it carries a tag or rows were told apart by checksum.
            lossless = stage.legacy.key_columns == (name,) and not stage.has_odd_cells(column)
        yield EncodedColumn(name, exact, encoded, differs="" if lossless else _DIFFERS)


def encoded_cells_sql(column: Column, *, alias: str, prefix: str) -> tuple[str, ...]:
    """Return SQL for the exact cells that a row's value stands for.

    The row answers to `alias`; its values are named prefix + column, a reference's text `r_` + column, its key `key`.
    """
    if column.reference:
        value = f"{alias}.{identifier('r_' + column.target)}"
    elif column.target:
        value = f"{alias}.{identifier(prefix + column.target)}"
    else:
        value = f"{alias}.key"
    plain = column.codec.encode_sql(value, zone=legacy_zone_sql())
    return tuple(exact_encoded_sql(cell, column.codec.storage) for cell in plain)


def decoded_rows_with_residue_sql(stage: Stage) -> str:
    """Return the decoded relation with its residue: `residue_cells`, and `residue_encoded`, encoded in their place.

    Both are NULL where the decoded row gives every cell back.
    """
    differing = [column for column in encoded_columns(stage, "n") if column.differs]
    if not differing:
        return (
            "(SELECT n.*, NULL::jsonb AS residue_cells, NULL::jsonb AS residue_encoded"
            f" FROM {decoded_rows_sql(stage)} AS n)"
        )
    both = ", ".join(f"{column.exact} AS x{i}, {column.encoded} AS e{i}" for i, column in enumerate(differing))
    differs = [c.differs.replace("{x}", f"n.x{i}").replace("{e}", f"n.e{i}") for i, c in enumerate(differing)]
    cells = _json_object_sql([(c.name, f"n.x{i}", differs[i]) for i, c in enumerate(differing)])
    encoded = _json_object_sql(
        [(c.name, f"n.e{i}", f"{differs[i]} AND n.e{i} IS NOT NULL") for i, c in enumerate(differing)]
    )
    some = " OR ".join(differs)
    return (
        f"(SELECT n.*, CASE WHEN {some} THEN {cells} END AS residue_cells,"
        f" CASE WHEN {some} THEN nullif({encoded}, '{{}}') END AS residue_encoded"
        f" FROM (SELECT n.*, {both} FROM {decoded_rows_sql(stage)} AS n OFFSET 0) AS n OFFSET 0)"
    )


def _json_object_sql(members: list[tuple[str, str, str]]) -> str:
    """Return SQL for a JSON object of the members (name, value, condition) whose condition holds."""
    pairs = " || ".join(
        f"CASE WHEN {condition} THEN ARRAY[{literal(name)}, {value}] ELSE '{{}}'::text[] END"
        for name, value, condition in members
    )
    return f"jsonb_object({pairs})"


def _parent_join_and_keys_sql(stage: Stage, column: Column, alias: str) -> tuple[str, str, str]:
    """Return SQL for the joins to a row's parent, the parent's key and the parent's legacy key.

    A parent that was imported is found by its target key, also where its legacy key has been edited here; one that was
    made here only by the legacy key it was given.
    """
    reference = column.reference
    if reference is None:
        raise TypeError(f"{column.target} is no reference")
    # The key is made of the cell with its tag; read once more, a text that looks like a tag would lose its beginning.
    cell, text = stage.column_cells_sql(column)[0], decoded_value_sql(stage, column)
    parents = parent_rows_sql(column)
    join = f"LEFT JOIN {parents} AS {alias} ON {alias}.parent_key = {target_key_sql(reference.parent, [cell])}"
    if not reference.text_column:
        return join, f"{alias}.parent_key", f"{alias}.parent_text"
    made_here = f"{alias}m"
    join += f" LEFT JOIN {parents} AS {made_here} ON {alias}.parent_key IS NULL AND {made_here}.parent_text = {text}"
    key = f"coalesce({alias}.parent_key, {made_here}.parent_key)"
    return join, key, f"CASE WHEN {key} IS NOT NULL THEN {text} END"


def _key_column(table: str) -> str:
    models = {mapping.model for source in SOURCES for mapping in source.tables}
    return next(target.key for target in map(target_table_of, models) if target.name == table)
