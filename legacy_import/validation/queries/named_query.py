"""A query with a name and a promise."""

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
