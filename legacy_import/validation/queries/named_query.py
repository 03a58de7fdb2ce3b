"""A query with a name and the time it may take, and how it gets an example to ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

PAGE: Final = 50
"""A page of the admin's lists."""


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """What people ask often, and how many milliseconds it may take.

    `rows` builds the queryset; it may ask for an example first (a test, a post), and that is not timed.
    """

    name: str
    target_milliseconds: float
    rows: Callable[[], QuerySet[Any, Any]]


def first_value(rows: QuerySet[Any, Any], column: str) -> object:
    """Return some value of the column, an empty text where there are no rows."""
    return rows.values_list(column, flat=True).first() or ""
