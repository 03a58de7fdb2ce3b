"""Which parameters a page reads, found by listening: a page asks its request for them by name.

What lives here: the listening, and what a list's filters expect. What does not: what is sent (test_hostile_parameters).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from django.contrib.admin import ModelAdmin, site
from django.db.models import DateField, Model
from django.http import HttpResponseBase, QueryDict

from tests.every_page.addresses import Address

_READS: Final = ("get", "getlist", "__getitem__", "__contains__", "pop")
_OF_DJANGO: Final = frozenset({"csrfmiddlewaretoken"})
_MOST_COLUMNS: Final = 4


@contextmanager
def names_read() -> Iterator[set[str]]:
    """Give the names that requests are asked for meanwhile, in address and form alike."""
    names: set[str] = set()

    def listening(read: Any) -> Any:
        def listen(self: QueryDict, name: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(name, str) and name not in _OF_DJANGO:
                names.add(name)
            return read(self, name, *rest, **more)

        return listen

    with _all(patch.object(QueryDict, read, listening(getattr(QueryDict, read))) for read in _READS):
        yield names


def filter_names(response: HttpResponseBase) -> list[str]:
    """Return the parameters of the filters beside a list, none for other pages."""
    changelist = (getattr(response, "context_data", None) or {}).get("cl")
    filters = changelist.filter_specs if changelist else []
    return [name for one in filters for name in one.expected_parameters()]


def column_lookups(address: Address) -> list[str]:
    """Return lookups of the first columns and of a date, which an admin list takes without a filter."""
    if address.model is None or address.page not in {"changelist", "export", "rows"}:
        return []
    columns = address.model._meta.concrete_fields
    dates = [column.name for column in columns if isinstance(column, DateField)][:1]
    exact = [f"{column.name}__exact" for column in columns[:_MOST_COLUMNS]]
    return ["pk__in", *exact, *(f"{name}__{part}" for name in dates for part in ("year", "gte", "day"))]


def prefilled_columns(address: Address) -> list[str]:
    """Return the columns that an add page's address may prefill."""
    if address.model is None or address.page != "add":
        return []
    page: ModelAdmin[Model] = site.get_model_admin(address.model)
    return [field.name for field in (*page.opts.concrete_fields, *page.opts.many_to_many)]


@contextmanager
def _all(managers: Iterator[Any]) -> Iterator[None]:
    from contextlib import ExitStack  # noqa: PLC0415

    with ExitStack() as stack:
        for manager in managers:
            stack.enter_context(manager)
        yield
