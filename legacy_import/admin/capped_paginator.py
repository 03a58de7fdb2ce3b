"""Pages over tables of millions of rows."""

from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    # Django's class can't be subscribed when the program runs.
    _Paginator = Paginator

CAP: Final = 10_000
"""Rows a list lets one page through; who looks for more narrows it down by a filter or a key."""


class CappedPaginator(_Paginator):
    """Counts and pages through the first 10,000 rows only, so that a list costs the same at any size."""

    @cached_property
    def capped(self) -> bool:
        """Whether there are more rows than can be paged through."""
        return self._counted > CAP

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most the cap."""
        return min(self._counted, CAP)

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: CAP + 1].count())
