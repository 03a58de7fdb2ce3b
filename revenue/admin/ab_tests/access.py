"""Who may see a test's result, and who may decide on it.

What lives here: those two questions, answered by Django's own permissions on the models shown and written.
"""

from django.contrib import admin
from django.http import HttpRequest

from revenue.models import ABTest, ABTestVariant
from synapse.kit.admin.permissions import may_view

_SHOWN = (ABTest, ABTestVariant)


def may_view_result(request: HttpRequest) -> bool:
    """Say whether this person may see tests and variants."""
    return all(may_view(request, model) for model in _SHOWN)


def may_decide(request: HttpRequest) -> bool:
    """Say whether this person may change tests and variants: a decision writes both."""
    return all(admin.site.get_model_admin(model).has_change_permission(request) for model in _SHOWN)
