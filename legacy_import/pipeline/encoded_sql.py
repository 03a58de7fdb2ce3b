"""The encoded relation: what each legacy table would hold if its file were written from PostgreSQL now, as SQL.

A row that owns its target is encoded from it by the codecs' `encode`, and its residue (the cells that encoding does not
give back, kept in the ledger) put over that. Rows without a target of their own are in the ledger whole. Read by the
rebuild, the validation, and by the merge when a target changes its owner.
"""

from legacy_import.mapping import Column, Source, Table
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.decoded_sql import encoded_cells_sql, parent_rows_sql
from legacy_import.pipeline.stage.legacy_schema import LegacyTable
from legacy_import.pipeline.target_table import target_table_of

_WHOLE_STATES = "('merged', 'archived', 'quarantined')"


def encoded_table_sql(source: Source, legacy: LegacyTable) -> str:
    """Return a relation (ledger_id, row_id, c0 …) of all of a table's rows that its file still holds."""
    cells = ", ".join(f"l.cells ->> {literal(name)} AS c{i}" for i, name in enumerate(legacy.column_names))
    whole = (
        f"SELECT l.id AS ledger_id, l.row_id, {cells} FROM ledger AS l"
        f" WHERE {_rows_of_table_sql(source, legacy)} AND l.state IN {_WHOLE_STATES}"
    )
    table = source.find_table(legacy.name)
    if table is None:
        return f"({whole})"
    live = encoded_rows_sql(source, table, legacy, target=identifier(target_table_of(table.model).name))
    return f"(SELECT * FROM {live} AS live UNION ALL {whole})"


def encoded_rows_sql(
    source: Source, table: Table, legacy: LegacyTable, *, target: str, where: str = "l.state = 'live'"
) -> str:
    """Return a relation (ledger_id, row_id, c0 …) of rows that own a target, encoded from the relation `target`.

    `where` selects the ledger rows `l`. A residue cell is taken as long as encoding the target gives what it gave when
    the residue was kept; once an edit here changes that, the encoded value is.
    """
    present = table.columns_present_in(legacy.column_names)
    columns = {name: (column, i) for column in present for i, name in enumerate(column.legacy_names)}
    references = [column for column in present if column.reference]
    # A column without a target is in the ledger alone (`kept`, or undeclared).
    cells = ", ".join(
        (_encoded_cell_sql(name, *columns[name]) if name in columns else f"n.kept_cells ->> {literal(name)}")
        + f" AS c{position}"
        for position, name in enumerate(legacy.column_names)
    )
    key = identifier(target_table_of(table.model).key)
    joins = " ".join(
        f"LEFT JOIN {parent_rows_sql(column)} AS p{i} ON p{i}.parent_key = t.{identifier(column.target)}"
        for i, column in enumerate(references)
    )
    texts = ", ".join(
        ["l.key", *(f"p{i}.parent_text AS {identifier('r_' + c.target)}" for i, c in enumerate(references))]
    )
    return f"""(
        SELECT n.ledger_id, n.row_id, {cells}
        FROM (SELECT t.*, l.id AS ledger_id, l.row_id, l.cells AS kept_cells, l.encoded AS kept_encoded, {texts}
              FROM ledger AS l JOIN {target} AS t ON t.{key} = l.target_key {joins}
              WHERE {_rows_of_table_sql(source, legacy)} AND {where}) AS n
    )"""


def _encoded_cell_sql(name: str, column: Column, position: int) -> str:
    encoded = encoded_cells_sql(column, alias="n", prefix="")[position]
    kept = literal(name)
    return (
        f"CASE WHEN n.kept_cells ? {kept} AND (n.kept_encoded ->> {kept}) IS NOT DISTINCT FROM ({encoded})"
        f" THEN n.kept_cells ->> {kept} ELSE ({encoded}) END"
    )


def _rows_of_table_sql(source: Source, legacy: LegacyTable) -> str:
    return f"l.source = {literal(source.name)} AND l.legacy_table = {literal(legacy.name)}"
