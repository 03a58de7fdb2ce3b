"""Whether a person may look at a model's rows, and the address of the list that shows them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    """Say whether the person may look at the model's rows, as the model's own admin page answers it."""
    # Typed Any: a proxy's page may be registered for the proxy alone, which django-stubs can't tell.
    page: Any = admin.site.get_model_admin(model)
    return bool(page.has_view_permission(request))


def changelist_address(model: type[Model]) -> str:
    """Return the address of the model's list in the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
