"""A paginator with a capped count, and a change list by keys, for tables of millions of rows.

Django's own counts all rows for each page; here no more are looked at than a person can page through. Called by
database_page and divergences.changelist.
"""

from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    # Django's class can't be subscribed when the program runs.
    _Paginator = Paginator

MAX_LISTED_ROWS: Final = 10_000
"""Rows a list lets one page through; who looks for more narrows it down by a filter or a key."""


class CappedPaginator(_Paginator):
    """Counts and pages through the first 10,000 rows only, so that a list costs the same at any size."""

    template_name = "admin/legacy_import/capped_pagination.html"

    @cached_property
    def row_keys(self) -> list[Any]:
        """The keys of the rows in no order, one more than the cap where there are more."""
        # Keys without an order: PostgreSQL stops at the cap, where a count or a sort would read every row.
        rows: Any = self.object_list
        return list(rows.order_by().values_list("pk", flat=True)[: MAX_LISTED_ROWS + 1])

    @cached_property
    def is_capped(self) -> bool:
        """Whether there are more rows than can be paged through."""
        return len(self.row_keys) > MAX_LISTED_ROWS

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most the cap."""
        return min(len(self.row_keys), MAX_LISTED_ROWS)


class KeyedChangeList(ChangeList):
    """A list that finds its few rows by the keys the paginator has seen.

    Asked for the first fifty in the order of the key, PostgreSQL would walk a million rows to find three.
    """

    def get_results(self, request: HttpRequest) -> None:
        """Fill the list; where the rows are too many to be seen whole, as Django does."""
        super().get_results(request)
        paginator = self.paginator
        if not isinstance(paginator, CappedPaginator) or paginator.is_capped:
            return
        keys = sorted(paginator.row_keys)
        if self.multi_page and not (self.show_all and self.can_show_all):
            keys = keys[(self.page_num - 1) * self.list_per_page :][: self.list_per_page]
        self.result_list = self.root_queryset.filter(pk__in=keys).order_by("pk")
