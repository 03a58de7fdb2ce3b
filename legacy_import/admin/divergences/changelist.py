"""Which divergences a page shows: filters, the order of an index, capped pages; blocks shows them."""

from operator import itemgetter
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from legacy_import.admin.capped_paginator import CappedPaginator
from legacy_import.sources import sources_of_database

ORDER: Final = ("target_key", "column", "pk")
"""As an index has it, one target row after the other."""


class DecisionFilter(admin.SimpleListFilter):
    """What is left to decide, unless a person asks for what was decided."""

    title = "decision"
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002  # Django's
        """Return the choices beside the usual one."""
        return [("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Yield the choices; the first is what Django calls all."""
        for position, choice in enumerate(super().choices(changelist)):
            yield choice if position else {**choice, "display": "To decide"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen ones."""
        match self.value():
            case "decided":
                return queryset.exclude(choice="")
            case "all":
                return queryset
        return queryset.filter(choice="")


class TargetTableFilter(admin.SimpleListFilter):
    """A filter over the database's own tables."""

    title = "table"
    parameter_name = "target_table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002
        """Return the tables that the database's sources fill, as the admin calls them."""
        labels = {table.model for source in sources_of_database(model_admin.alias) for table in source.tables}
        metas = [apps.get_model(label)._meta for label in labels]
        names = [(meta.db_table, str(meta.verbose_name_plural)) for meta in metas]
        return [(table, name[:1].upper() + name[1:]) for table, name in sorted(names, key=itemgetter(1))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen table's."""
        return queryset if self.value() is None else queryset.filter(target_table=self.value())


class DivergenceList(ChangeList):
    """A list in the order of the target rows, found by the keys that the paginator has seen."""

    def get_results(self, request: HttpRequest) -> None:
        """Fill the list; where there are too many to be seen whole, in the order of the index."""
        super().get_results(request)
        paginator = self.paginator
        if not isinstance(paginator, CappedPaginator) or paginator.is_capped:
            return
        # The few rows by their keys: in the order of the index PostgreSQL would walk past a million others.
        rows = self.root_queryset.filter(pk__in=paginator.row_keys).order_by("target_table", *ORDER)
        if self.multi_page and not (self.show_all and self.can_show_all):
            first = (self.page_num - 1) * self.list_per_page
            rows = rows[first : first + self.list_per_page]
        self.result_list = rows
