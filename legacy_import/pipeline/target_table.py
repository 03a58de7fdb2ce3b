"""A target table's name, key and constraints, read from its Django model."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import models

from legacy_import.sources import sources_of_database


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A target table's name and key, its columns by what they demand, and its unique keys (beside the primary one).

    `required` are NOT NULL, `defaults` have a default in the database, `texts` are of the type text.
    """

    name: str
    key: str
    required: frozenset[str]
    defaults: frozenset[str]
    texts: frozenset[str]
    unique_keys: tuple[tuple[str, ...], ...]


@cache
def target_table_of(model_label: str) -> TargetTable:
    """Return the target table of a model such as "business_core.Post"."""
    meta = apps.get_model(model_label)._meta
    columns = {field.name: field.column for field in meta.concrete_fields}
    single = tuple((field.column,) for field in meta.concrete_fields if field.unique and not field.primary_key)
    joint = tuple(
        tuple(columns[name] for name in constraint.fields)
        for constraint in meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None
    )
    return TargetTable(
        name=meta.db_table,
        key=meta.pk.column,
        required=frozenset(field.column for field in meta.concrete_fields if not field.null),
        defaults=frozenset(field.column for field in meta.concrete_fields if field.has_db_default()),
        texts=frozenset(str(field.column) for field in meta.concrete_fields if isinstance(field, models.TextField)),
        unique_keys=single + joint,
    )


def targets_of_database(alias: str) -> list[TargetTable]:
    """Return the tables of the database that its sources fill, by name."""
    labels = {table.model for source in sources_of_database(alias) for table in source.tables}
    return sorted(map(target_table_of, labels), key=lambda target: target.name)
