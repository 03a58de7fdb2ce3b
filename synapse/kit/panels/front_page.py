"""Panels of the front page (synapse.console.front_page), and the pages on which rows are brought in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from synapse.kit.panels.registry import PanelRegistry


@dataclass(frozen=True, slots=True)
class FrontPagePanel:
    """One app's part of the front page.

    `build` returns what the template gets as `panel`, None for a person who may not see it. A narrow panel stands in
    a column beside the other narrow ones, below the wide ones.
    """

    name: str
    order: int
    template: str
    build: Callable[[HttpRequest, datetime], Any | None]
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A page on which rows are brought in, for a panel that has none to show.

    `address` is empty for a person who may not open the page.
    """

    name: str
    order: int
    address: Callable[[HttpRequest], str]


FRONT_PAGE_PANELS: Final = PanelRegistry[FrontPagePanel]("front page")
IMPORT_PAGES: Final = PanelRegistry[ImportPage]("import pages")


def import_page_address(request: HttpRequest) -> str:
    """Return the address of the first import page that the person may open; empty where there is none."""
    return next(filter(None, (page.address(request) for page in IMPORT_PAGES.in_order())), "")
