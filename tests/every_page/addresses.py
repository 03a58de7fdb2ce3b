"""Every address that Synapse answers, read from its URL configuration, with rows to open them by.

What lives here: the inventory, so that a new page can't be forgotten. What does not: what is expected of the pages
(tests/integration/every_page, tests/e2e/test_accessibility.py).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver

_MODEL_PAGE: Final = re.compile(r"admin/(?P<app>\w+)/(?P<model>\w+)/")


@dataclass(frozen=True, slots=True)
class Address:
    """A named pattern of the URL configuration; `model` is the admin's model whose pages it is among, if any."""

    name: str
    pattern: str
    model: type[Model] | None

    @property
    def page(self) -> str:
        """The page's own name: `change` for admin:business_core_post_change, the whole name elsewhere."""
        if self.model is None:
            return self.name
        return self.name.removeprefix(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_")

    def __str__(self) -> str:
        """Return the name, or the pattern of what has none."""
        return self.name or self.pattern


def every_address() -> list[Address]:
    """Return the addresses in the order of the configuration, each name once."""
    found = {str(address): address for address in _walk(get_resolver().url_patterns)}
    return list(found.values())


def _walk(patterns: Sequence[Any], space: str = "", before: str = "") -> Iterator[Address]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space, route)
        elif isinstance(one, URLPattern):
            yield Address(f"{space}{one.name}" if one.name else "", route, _model_of(route))


def _model_of(route: str) -> type[Model] | None:
    match = _MODEL_PAGE.match(route)
    if match is None:
        return None
    models = {(model._meta.app_label, model._meta.model_name): model for model in admin.site._registry}
    return models.get((match["app"], match["model"]))


_EXPRESSION: Final = re.compile(r"\^?\(\?P<(?P<name>\w+)>[^)]*\)(?P<slash>/?)\$")
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


def filled(address: Address, values: Callable[[Address, str], object]) -> str:
    """Return the path with each parameter filled in by `values(address, parameter)`."""
    # Django writes two of the admin's addresses as regular expressions: its list of an app, and what nothing else is.
    path = _EXPRESSION.sub(lambda match: f"{values(address, match['name'])}{match['slash']}", address.pattern)
    return "/" + _PARAMETER.sub(lambda match: str(values(address, match["name"])), path)


def first_row(model: type[Model]) -> Model | None:
    """Return a row that the admin's page of the model shows, None where there is none."""
    request = HttpRequest()
    request.user = User(is_superuser=True)
    # The page's own rows: one table may have several pages, each showing some of its rows.
    return admin.site.get_model_admin(model).get_queryset(request).first()
