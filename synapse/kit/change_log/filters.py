"""Filters of the change log's lists; none queries the distinct values of a long log."""

from typing import Any, Final

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from synapse.foundation.text.visible import visible
from synapse.kit.change_log.formatting import row_noun
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.reverting.catalogue import logged_tables

_MAX_AUTHORS: Final = 100
_IMPORTS: Final = "imports"
_NOBODY: Final = "nobody"
_PERSON: Final = "person:"


class LoggedTableFilter(admin.SimpleListFilter):
    """A filter over the tables that carry the log's triggers, asked of the catalogue."""

    title = "table"
    parameter_name = "table_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return the tables."""
        return [(name, row_noun(name, 2).capitalize()) for name in logged_tables(model_admin.get_queryset(request).db)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ChangeLogEntry]) -> QuerySet[ChangeLogEntry]:  # noqa: ARG002
        """Return the chosen table's changes."""
        return queryset if self.value() is None else queryset.filter(table_name=self.value())


class AuthorFilter(admin.SimpleListFilter):
    """A filter over who made the change: members of staff, imports, or nobody who signed."""

    title = "who"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002
        """Return the members of staff by name, imports, and nobody."""
        names = get_user_model().objects.filter(is_staff=True).order_by("username").values_list("username", flat=True)
        people = [(f"{_PERSON}{name}", visible(str(name))) for name in names[:_MAX_AUTHORS]]
        return [*people, (_IMPORTS, "Imports"), (_NOBODY, "Somebody outside the admin")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ChangeLogEntry]) -> QuerySet[ChangeLogEntry]:  # noqa: ARG002
        """Return the chosen author's changes."""
        match self.value():
            case None:
                return queryset
            case "imports":
                return queryset.filter(import_run__isnull=False)
            case "nobody":
                return queryset.filter(import_run__isnull=True, author__isnull=True)
            case chosen:
                return queryset.filter(author=chosen.removeprefix(_PERSON), import_run__isnull=True)
