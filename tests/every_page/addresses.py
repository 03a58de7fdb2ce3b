"""Every address that Synapse answers, read from its URL configuration, with rows to open them by.

What lives here: the inventory, so that a new page can't be forgotten. What does not: what is expected of the pages
(tests/integration/every_page, tests/e2e/test_accessibility.py).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from synapse.databases import ALIASES

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


_PARAMETER: Final = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


def filled(address: Address, values: Callable[[Address, str], object]) -> str:
    """Return the path with each parameter filled in by `values(address, parameter)`."""
    path = _PARAMETER.sub(lambda match: str(values(address, match["name"])), address.pattern)
    path = path.replace("^(?P<app_label>", "").split("|")[0] if "(?P<app_label>" in path else path
    return "/" + path.replace("(?P<url>.*)$", "no-such-page/")


def first_row(model: type[Model]) -> Model | None:
    """Return a row of the admin's model from the database it is shown from, None where there is none."""
    alias = getattr(model, "database_alias", None)
    rows = model._default_manager.using(alias) if alias in ALIASES else model._default_manager.all()
    return rows.first()
