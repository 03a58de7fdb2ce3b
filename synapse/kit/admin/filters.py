"""Filters over a column's known values: without a query of their own, so that a list of a million rows opens fast."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest


class KnownValuesFilter(admin.SimpleListFilter):
    """A filter over the known values of a column; Django's own would ask for all distinct ones of a million rows."""

    known: ClassVar[type[TextChoices]]
    other = "(other)"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002
        """Return the known values, and the one word for all others."""
        return [*self.known.choices, (self.other, "Other")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows of the chosen value."""
        value, column = self.value(), str(self.parameter_name)
        if value is None:
            return queryset
        if value == self.other:
            return queryset.exclude(**{f"{column}__in": self.known.values})
        return queryset.filter(**{column: value})


def known_values_filter(column: str, known: type[TextChoices]) -> type[KnownValuesFilter]:
    """Return a filter over a column's known values."""
    words = {"title": column.replace("_", " "), "parameter_name": column, "known": known}
    return type(f"{known.__name__}Filter", (KnownValuesFilter,), words)
