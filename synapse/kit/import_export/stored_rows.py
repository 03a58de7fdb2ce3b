"""What a table holds of the rows that a file names, read in a few queries.

What lives here: the rows themselves, and the rows that they refer to. What does not: comparing them (planning.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from synapse.kit.import_export.cells import Cell
from synapse.kit.import_export.columns import Column, key_of, target_of
from synapse.kit.import_export.errors import CellError

Values = Mapping[str, Any]
"""A row's values by column; of a relation what a file names the other row by."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows found, by primary key and by the key people know them by."""

    by_pk: Mapping[Any, Values]
    by_key: Mapping[tuple[Any, ...], Values]

    def of_pk(self, pk: Any) -> Values | None:
        """Return the row of a primary key."""
        return None if pk is None else self.by_pk.get(pk)

    def of_key(self, key: tuple[Any, ...]) -> Values | None:
        """Return the row of a key, None where a part of it is NULL."""
        return None if None in key else self.by_key.get(key)


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """The primary keys of the rows that a file refers to, by column and by what the file names them."""

    keys: Mapping[str, Mapping[Any, Any]]

    def key_of(self, column: Column, named: Any) -> Any:
        """Return the primary key, None where there is no such row."""
        return self.keys[column.name].get(named)

    def target(self, column: Column) -> str:
        """Return the column of the other table by which the file names its rows."""
        return target_of(column.field)

    def noun(self, column: Column) -> str:
        """Return what a row of the other table is called."""
        related: Any = column.field.related_model
        return str(related._meta.verbose_name)


def read_stored_rows(
    model: type[Model], alias: str, columns: Sequence[Column], sought: Sequence[Values], *, lock: bool
) -> StoredRows:
    """Return the rows with one of the keys; `lock` keeps them from changing until the transaction ends."""
    own_key, key = str(model._meta.pk.name), key_of(model)
    wanted = Q(pk__in=_values(sought, own_key))
    if key != (own_key,):
        named = Q()
        for name in key:
            named &= Q(**{f"{name}__in": _values(sought, name)})
        wanted |= named
    rows = model._base_manager.using(alias).filter(wanted)  # noqa: SLF001  # public in all but name
    if lock:
        # By itself, in one order: a join can't be locked, and two imports must not wait for each other.
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    names = [column.name for column in columns]
    found = [dict(zip(names, values, strict=True)) for values in rows.values_list(*(c.expression for c in columns))]
    return StoredRows({row[own_key]: row for row in found}, {tuple(row[name] for name in key): row for row in found})


def read_related_rows(alias: str, columns: Iterable[Column], cells: Sequence[Mapping[str, Cell]]) -> RelatedRows:
    """Return the keys of the rows that the cells refer to, one query per relation."""
    relations = [column for column in columns if column.field.remote_field is not None]
    return RelatedRows({column.name: _keys(alias, column, cells) for column in relations})


def _keys(alias: str, column: Column, cells: Sequence[Mapping[str, Cell]]) -> dict[Any, Any]:
    named = {value for row in cells if (value := _cleaned(column, row.get(column.name))) is not None}
    if not named:
        return {}
    target = target_of(column.field)
    related: Any = column.field.related_model
    rows = related._base_manager.using(alias)  # noqa: SLF001  # public in all but name
    return dict(rows.filter(**{f"{target}__in": named}).values_list(target, "pk"))


def _cleaned(column: Column, cell: Cell) -> Any:
    try:
        return column.widget.clean(cell)
    except CellError:
        return None


def _values(sought: Sequence[Values], name: str) -> set[Any]:
    return {value for row in sought if (value := row.get(name)) is not None}
