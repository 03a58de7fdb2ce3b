"""Totals below a list: its number of rows and the sums of columns, over all its pages, in one query.

The template is templates/synapse/kit/admin/list_totals.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Count, Model, Sum
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    # Django's class can't be subscribed when the program runs.
    _Paginator = Paginator


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column over the list; `value` is None where no row has one."""

    column: str
    label: str
    value: int | Decimal | None

    @property
    def exact_text(self) -> str:
        """The sum as a program reads it, empty where there is none."""
        return "" if self.value is None else str(self.value)

    @property
    def readable_text(self) -> str:
        """The sum as people read it."""
        return "none" if self.value is None else f"{self.value:,}"


class SummingPaginator(_Paginator):
    """Counts the rows and sums their columns in the one query that Django's counts them with."""

    def __init__(self, rows: Any, per_page: int, *, columns: Sequence[str] = (), **kwargs: Any) -> None:
        """Take the columns to sum, annotations among them."""
        super().__init__(rows, per_page, **kwargs)
        self.columns = columns

    @cached_property
    def count(self) -> int:
        """Return the number of rows."""
        return int(self._count_and_sums["rows"])

    @property
    def column_totals(self) -> list[Total]:
        """Return the sums in the order of the columns."""
        rows: Any = self.object_list
        return [
            Total(name, _column_label(rows.model, name), self._count_and_sums[f"sum_{name}"]) for name in self.columns
        ]

    @cached_property
    def _count_and_sums(self) -> dict[str, Any]:
        rows: Any = self.object_list
        if not self.columns:
            # Not aggregate(): count() drops annotations that only the page shows.
            return {"rows": rows.count()}
        sums = {f"sum_{name}": Sum(name) for name in self.columns}
        summed: dict[str, Any] = rows.order_by().aggregate(rows=Count("*"), **sums)
        return summed


class ListTotals:
    """Shows below an admin list how many rows it has and what its columns come to."""

    list_totals: ClassVar[Sequence[str]] = ()
    """Columns and annotations of numbers that are summed below the list."""

    list_after_template = "synapse/kit/admin/list_totals.html"

    def get_total_columns(self, request: HttpRequest) -> Sequence[str]:  # noqa: ARG002  # for pages to narrow
        """Return the columns to sum for this person."""
        return self.list_totals

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; one that is shown whole doesn't offer to show all."""
        changelist: Any = super().get_changelist_instance(request)  # type: ignore[misc]  # likewise
        if not changelist.query and not changelist.get_filters_params():
            changelist.full_result_count = changelist.result_count
        return changelist

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        """Return the paginator that sums; a page with a paginator of its own keeps it, and shows no totals."""
        # Django pages the history of a row with this paginator as well, and its rows have other columns.
        elsewhere = queryset.model is not self.model  # type: ignore[attr-defined]  # a mixin of admin classes
        if elsewhere or self.paginator is not Paginator:  # type: ignore[attr-defined]  # likewise
            return super().get_paginator(request, queryset, per_page, *args, **kwargs)  # type: ignore[misc]
        names = ("orphans", "allow_empty_first_page")
        named = dict(zip(names, args, strict=False))
        return SummingPaginator(queryset, per_page, columns=self.get_total_columns(request), **named, **kwargs)


def _column_label(model: type[Model], name: str) -> str:
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name.replace("_", " ")
