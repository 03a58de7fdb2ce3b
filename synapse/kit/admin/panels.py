"""Panels: parts of a row's page that other rooms register and fill.

The page is editable.TableAdmin's; each panel has its template in its own room.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from synapse.kit.panels.contained_panels import build_contained_panel


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a row's page.

    `context` returns what the template gets as `panel`; None where the person may not see it or it has nothing to say.
    """

    title: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]


_panels: defaultdict[type[Model], list[Panel]] = defaultdict(list)


def register_panel(model: type[Model], panel: Panel) -> None:
    """Show the panel on the pages of the model's rows, below their fields, after those registered before it.

    A panel of a base class is shown for every model below it, after their own panels; `Model` means all.
    """
    _panels[model].append(panel)


def build_row_panels(request: HttpRequest, row: Model, *, inherited: bool = True) -> list[dict[str, Any]]:
    """Return the panels that have something to say of the row, each with its title, template and context.

    Without the `inherited` ones: only those registered for the row's own model.
    """
    models = type(row).__mro__ if inherited else (type(row),)
    panels = (panel for model in models for panel in _panels.get(model, ()))
    filled = []
    for panel in panels:
        template, context = build_contained_panel(panel.title, panel.template, partial(panel.context, request, row))
        if context is not None:
            filled.append({"title": panel.title, "template": template, "context": context})
    return filled
