"""The base classes of the import's pages: read-only, one database each, the same cost at any number of rows."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from legacy_import.admin.capped_paginator import CappedPaginator, KeyedChangeList
from legacy_import.services.legacy_tables import legacy_tables
from legacy_import.sources import sources_of_database
from synapse.kit.admin.read_only import ReadOnlyAdmin

_M = TypeVar("_M", bound=Model)


class DatabaseAdmin(ReadOnlyAdmin[_M]):
    """A read-only list in the order of an index: no count beyond the paginator's cap, no sorting by a click."""

    paginator = CappedPaginator
    # No sorting by a click: without an index behind it, PostgreSQL would sort a million rows.
    sortable_by = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; an address with NUL asks for what PostgreSQL cannot even be asked."""
        # The words of a search are what people type: Django answers for them in a sentence.
        asked = ((name, values) for name, values in request.GET.lists() if name != SEARCH_VAR)
        if any("\0" in text for name, values in asked for text in (name, *values)):
            raise Http404
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _M | None:
        """Return the row of this key; none has NUL in it, which PostgreSQL would answer with an error."""
        if "\0" in object_id:
            raise Http404
        return super().get_object(request, object_id, from_field)

    @property
    def alias(self) -> str:
        """The database this page shows."""
        return str(self.model.database_alias)  # type: ignore[attr-defined]  # registered are the pinned proxies only

    def row_link(self, proxies: Sequence[type[Model]], key: object, words: object) -> SafeString | str:
        """Return a link to a row's page on this database, of a table's three proxies."""
        proxy = next(proxy for proxy in proxies if getattr(proxy, "database_alias", None) == self.alias)
        return admin_link(proxy, key, words)


class LargeTableAdmin(DatabaseAdmin[_M]):
    """A page over a table that may hold a row per legacy row, in the order of the key."""

    ordering = ["pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002  # Django's signature
        """Return the list that finds its rows by their keys."""
        return KeyedChangeList


class SourceFilter(admin.SimpleListFilter):
    """A filter over the database's declared sources; distinct ones of a million rows would cost a scan."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002  # Django's
        """Return the declared sources."""
        return [(source.name, source.name) for source in sources_of_database(model_admin.alias)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen source's rows."""
        return queryset if self.value() is None else queryset.filter(source=self.value())


class TableFilter(admin.SimpleListFilter):
    """A filter over the tables of the imported files."""

    title = "table"
    parameter_name = "legacy_table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002
        """Return the known tables' names."""
        return [(name, name) for name in sorted({table.name for _, table in legacy_tables(model_admin.alias)})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen table's rows, of named sources: those lead the ledger's index."""
        if self.value() is None:
            return queryset
        sources = [source.name for source in sources_of_database(queryset.db)]
        return queryset.filter(source__in=sources, legacy_table=self.value())


def admin_link(model: type[Model], key: object, words: object) -> SafeString | str:
    """Return a link to a row's page, the words alone where its model has none."""
    try:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return str(words)
    return format_html('<a href="{}">{}</a>', address, words)


def parse_row_key(text: str) -> UUID | None:
    """Return the key a person typed, None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
