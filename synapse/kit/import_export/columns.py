"""The columns of a table as imports and exports see them, drawn from the model by django-import-export.

What lives here: each column's widget, the table's natural key, and what is read of a row. Nothing is declared twice:
all of it follows from the apps' models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.db import models
from django.db.models import CheckConstraint, F, Field, Model, Q, TextField, UniqueConstraint
from django.db.models.functions import Cast
from import_export.resources import ModelResource, modelresource_factory

from synapse.kit.import_export.json_widget import JsonWidget
from synapse.kit.import_export.time_widgets import DateWidget, MomentWidget
from synapse.kit.import_export.widgets import (
    BooleanWidget,
    DecimalWidget,
    ExactWidget,
    FloatWidget,
    IntegerWidget,
    TextWidget,
    UuidWidget,
)

_INTEGER_BITS: Final = {"SmallIntegerField": 15, "SmallAutoField": 15, "IntegerField": 31, "AutoField": 31}
_BIGINT_BITS: Final = 63
_NO_SHARES: Final = frozenset({"improvement_rate"})
"""Columns with the digits of a share (0 to 1) whose values may be negative or above 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in files, the model's field, its widget; `path` leads to its value, across a relation too."""

    name: str
    field: "Field[Any, Any]"
    widget: ExactWidget
    path: str

    @property
    def query_expression(self) -> Any:
        """Return what a query reads of the column."""
        # As text, for Python would lose digits of JSON's numbers.
        return Cast(self.path, TextField()) if isinstance(self.widget, JsonWidget) else F(self.path)

    @property
    def is_required(self) -> bool:
        """Say whether a new row must bring a value."""
        field = self.field
        return not (field.null or field.has_default() or field.has_db_default())


class TableResource(ModelResource):  # type: ignore[misc]  # the library brings no types
    """A table's columns with exact widgets."""

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Any:  # noqa: FBT001  # the library's
        """Return the column of a model's field, named after it."""
        widget = build_field_widget(django_field)
        return cls.DEFAULT_RESOURCE_FIELD(
            attribute=field_name, column_name=field_name, widget=widget, readonly=readonly
        )


@cache
def model_columns(model: type[Model], names: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Return the model's columns, or those named, in the table's order."""
    fields = {field.name: field for field in model._meta.concrete_fields if not names or field.name in names}
    resource = modelresource_factory(model, resource_class=TableResource, meta_options={"fields": tuple(fields)})
    made = resource().fields
    return tuple(Column(name, field, made[name].widget, field_lookup_path(field)) for name, field in fields.items())


@cache
def natural_key_columns(model: type[Model]) -> tuple[str, ...]:
    """Return the natural key: the columns of the first unique constraint without NULLs, else the primary key."""
    for constraint in unique_column_sets(model):
        if not any(model._meta.get_field(name).null for name in constraint):
            return constraint
    return (model._meta.pk.name,)


@cache
def unique_column_sets(model: type[Model]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of each unique constraint that holds for all rows."""
    constraints = (c for c in model._meta.constraints if isinstance(c, UniqueConstraint))
    return tuple(tuple(c.fields) for c in constraints if c.fields and c.condition is None)


def field_lookup_path(field: Any) -> str:
    """Return the lookup that gives what a file holds of the field: of a relation the other row's own key."""
    if field.remote_field is None:
        return str(field.name)
    key = natural_key_columns(field.related_model)
    return (
        f"{field.name}__{key[0]}"
        if len(key) == 1 and key[0] != field.related_model._meta.pk.name
        else str(field.attname)
    )


def related_key_column(field: Any) -> str:
    """Return the column of the related table by which a file names its rows."""
    path = field_lookup_path(field)
    return path.partition("__")[2] or str(field.related_model._meta.pk.name)


def build_field_widget(field: Any) -> ExactWidget:
    """Return the widget of a model's field."""
    if field.remote_field is not None:
        return build_field_widget(field.related_model._meta.get_field(related_key_column(field)))
    makers = (make for kind, make in _WIDGETS if isinstance(field, kind))
    return next(makers, lambda _: TextWidget())(field)


def _decimal_widget(field: Any) -> DecimalWidget:
    smallest, largest = _allowed_range(field)
    if smallest is None and field.max_digits - field.decimal_places == 1 and field.name not in _NO_SHARES:
        # One digit before the point: rates, confidences and splits, all of them shares.
        smallest, largest = Decimal(0), Decimal(1)
    return DecimalWidget(field.max_digits, field.decimal_places, smallest=smallest, largest=largest)


def _integer_widget(field: Any) -> IntegerWidget:
    bound = 2 ** _INTEGER_BITS.get(field.get_internal_type(), _BIGINT_BITS)
    smallest, largest = _allowed_range(field)
    return IntegerWidget(-bound if smallest is None else int(smallest), bound - 1 if largest is None else int(largest))


def _allowed_range(field: Any) -> tuple[Decimal | None, Decimal | None]:
    """Return the range that a check of the table allows the column, None and None without one."""
    for constraint in field.model._meta.constraints:
        if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
            for condition in constraint.condition.children:
                if isinstance(condition, tuple) and condition[0] == f"{field.name}__range":
                    return Decimal(condition[1][0]), Decimal(condition[1][1])
    return None, None


_WIDGETS: Final[tuple[tuple[type[Any], Callable[[Any], ExactWidget]], ...]] = (
    (models.JSONField, lambda _: JsonWidget()),
    (models.BooleanField, lambda _: BooleanWidget()),
    (models.DecimalField, _decimal_widget),
    (models.FloatField, lambda _: FloatWidget()),
    (models.IntegerField, _integer_widget),
    (models.DateTimeField, lambda _: MomentWidget()),
    (models.DateField, lambda _: DateWidget()),
    (models.UUIDField, lambda _: UuidWidget()),
)
"""The first that fits counts: a DateTimeField is a DateField, too."""
