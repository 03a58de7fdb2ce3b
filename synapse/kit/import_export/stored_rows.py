"""What the table holds of the rows that a file names, and of the rows they refer to, read in a few queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from synapse.kit.import_export.cells import Cell
from synapse.kit.import_export.columns import Column, natural_key_columns, related_key_column
from synapse.kit.import_export.errors import CellError

Values = Mapping[str, Any]
"""A row's values by column; of a relation what a file names the other row by."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows found, by primary key and by the key people know them by."""

    by_pk: Mapping[Any, Values]
    by_key: Mapping[tuple[Any, ...], Values]

    def find_by_primary_key(self, pk: Any) -> Values | None:
        """Return the row of a primary key."""
        return None if pk is None else self.by_pk.get(pk)

    def find_by_natural_key(self, key: tuple[Any, ...]) -> Values | None:
        """Return the row of a key, None where a part of it is NULL."""
        return None if None in key else self.by_key.get(key)


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """The primary keys of the rows that a file refers to, by column and by what the file names them."""

    keys: Mapping[str, Mapping[Any, Any]]

    def find_primary_key(self, column: Column, named: Any) -> Any:
        """Return the primary key, None where there is no such row."""
        return self.keys[column.name].get(named)

    def target_column(self, column: Column) -> str:
        """Return the column of the other table by which the file names its rows."""
        return related_key_column(column.field)

    def row_noun(self, column: Column) -> str:
        """Return what a row of the other table is called."""
        related: Any = column.field.related_model
        return str(related._meta.verbose_name)


def read_stored_rows(
    model: type[Model], alias: str, columns: Sequence[Column], sought: Sequence[Values], *, lock: bool
) -> StoredRows:
    """Return the rows with one of the keys; `lock` locks them until the transaction ends."""
    own_key, key = str(model._meta.pk.name), natural_key_columns(model)
    wanted = Q(pk__in=_sought_values(sought, own_key))
    if key != (own_key,):
        named = Q()
        for name in key:
            named &= Q(**{f"{name}__in": _sought_values(sought, name)})
        wanted |= named
    rows = model._base_manager.using(alias).filter(wanted)  # noqa: SLF001  # public in all but name
    if lock:
        # A query of its own, for PostgreSQL locks no outer join; in the order of keys, so that two imports can't
        # deadlock.
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    names = [column.name for column in columns]
    found = [
        dict(zip(names, values, strict=True)) for values in rows.values_list(*(c.query_expression for c in columns))
    ]
    return StoredRows({row[own_key]: row for row in found}, {tuple(row[name] for name in key): row for row in found})


def read_related_rows(alias: str, columns: Iterable[Column], cells: Sequence[Mapping[str, Cell]]) -> RelatedRows:
    """Return the keys of the rows that the cells refer to, one query per relation."""
    keys: dict[str, dict[Any, Any]] = {}
    for column in columns:
        if column.field.remote_field is None:
            continue
        named = {value for row in cells if (value := _clean_or_none(column, row.get(column.name))) is not None}
        target = related_key_column(column.field)
        related: Any = column.field.related_model
        rows = related._base_manager.using(alias).filter(**{f"{target}__in": named})  # noqa: SLF001  # public in all but name
        keys[column.name] = dict(rows.values_list(target, "pk")) if named else {}
    return RelatedRows(keys)


def _clean_or_none(column: Column, cell: Cell) -> Any:
    """Return the cell's value; a bad cell gets its problem in planning.py."""
    try:
        return column.widget.clean(cell)
    except CellError:
        return None


def _sought_values(sought: Sequence[Values], name: str) -> set[Any]:
    return {value for row in sought if (value := row.get(name)) is not None}
