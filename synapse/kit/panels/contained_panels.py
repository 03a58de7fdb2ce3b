"""Containment of panels: one that cannot be built or rendered is a line on its page, and the others are shown.

Used by the pages that show panels; the template tag `contained_panel` is template_tags'.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404

from synapse.foundation.containment import contain_errors

T = TypeVar("T")

FAILED_TEMPLATE: Final = "synapse/kit/panels/failed.html"
"""Its `panel` is the error id."""

PASSING_ERRORS: Final = (Http404, PermissionDenied)
"""Errors by which a panel answers for its whole page."""


def build_contained_panel(name: str, template: str, build: Callable[[], T]) -> tuple[str, T | str]:
    """Return a panel's template and content; where building it failed, those that say so with the error's id."""
    with contain_errors(f"panel {name}", passing=PASSING_ERRORS) as trouble:
        return template, build()
    return FAILED_TEMPLATE, trouble.error_id
