"""The front page's content, handed to the theme's index page (settings.UNFOLD, DASHBOARD_CALLBACK).

The panels are the apps': each registers its own in synapse.kit.panels.front_page.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from synapse.kit.panels.contained_panels import build_contained_panel
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS


@dataclass(frozen=True, slots=True)
class FilledPanel:
    """A panel's template and what it gets as `panel`."""

    template: str
    content: Any
    is_narrow: bool


def fill_front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the index page's context with the panels that this person may see."""
    now = timezone.now()
    today = timezone.localdate(now)
    filled = []
    for panel in FRONT_PAGE_PANELS.in_order():
        template, content = build_contained_panel(panel.name, panel.template, partial(panel.build, request, now))
        if content is not None:
            filled.append(FilledPanel(template, content, panel.is_narrow))
    return {
        **context,
        "title": f"Today, {today:%A} {today.day} {today:%B %Y}",
        "wide_panels": [panel for panel in filled if not panel.is_narrow],
        "narrow_panels": [panel for panel in filled if panel.is_narrow],
        "nothing_to_see": not filled,
    }
