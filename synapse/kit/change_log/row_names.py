"""The names of the rows that changes are about, and the links to their pages; one query per table.

Used by every page of the change log. Values are formatted by formatting.py.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from synapse.foundation.text.visible import visible
from synapse.kit.change_log.formatting import find_column_field, find_table_model, row_noun
from synapse.kit.change_log.permissions import may_view

_MAX_NAME_LENGTH: Final = 80

Place = tuple[str, UUID]
"""A table and the key of one of its rows."""


def read_row_names(alias: str, places: Collection[Place]) -> dict[Place, str]:
    """Return the names of the rows that exist."""
    names: dict[Place, str] = {}
    for table in sorted({table for table, _ in places}):
        model = find_table_model(table)
        if model is None:
            continue
        keys = {key for name, key in places if name == table}
        for row in model._default_manager.using(alias).filter(pk__in=keys):  # noqa: SLF001  # public in all but name
            names[table, row.pk] = format_row_name(row)
    return names


def format_row_name(row: Model) -> str:
    """Return the row's own name (`str`), on one line of at most 80 characters."""
    words = visible(" ".join(str(row).split())) or f"{row._meta.verbose_name} without words"
    return words if len(words) <= _MAX_NAME_LENGTH else f"{words[:_MAX_NAME_LENGTH].rstrip()}…"


def format_deleted_row_name(table: str, values: Mapping[str, Any]) -> str:
    """Return the name of a deleted row, from its logged columns."""
    model = find_table_model(table)
    if model is None:
        return row_noun(table)
    fields = {field.attname: values.get(str(field.column)) for field in model._meta.concrete_fields}
    return format_row_name(model(**fields))


def row_link(request: HttpRequest, table: str, key: UUID) -> str:
    """Return the address of the row's page, empty where the person may not see it or there is none."""
    model = find_table_model(table)
    if model is None or not may_view(request, table):
        return ""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return ""


def read_parent_names(alias: str, values: Iterable[tuple[str, str, object]]) -> dict[str, str]:
    """Return the names of the rows that the references among the values (table, column, value) point to, by key."""
    places = {
        (parent, key)
        for table, column, value in values
        if (parent := _parent_table(table, column)) and (key := _parse_uuid(value)) is not None
    }
    return {str(key): name for (_, key), name in read_row_names(alias, places).items()}


def _parent_table(table: str, column: str) -> str:
    field = find_column_field(table, column)
    related = field.related_model if field is not None and field.is_relation else None
    return related._meta.db_table if isinstance(related, type) else ""


def _parse_uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
