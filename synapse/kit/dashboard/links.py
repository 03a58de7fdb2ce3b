"""Links from a number to the admin's list of the rows it comes from: Django lookups as a query string."""

import json
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode


def list_link(request: HttpRequest, model: type[Model], **lookups: Any) -> str:
    """Return the address of the model's list narrowed to the lookups; empty where this person may not view it.

    The lookups are those of `filter()`, so that a query and its link can't differ: build both from one dict.
    Raises ValueError for a value of `__in` that holds a comma: `__not_among` and `__exact` take any.
    """
    if not admin.site.get_model_admin(model).has_view_permission(request):
        return ""
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    query = urlencode({name: _encode_lookup_value(name, value) for name, value in lookups.items()})
    return f"{page}?{query}" if query else page


def _encode_lookup_value(lookup: str, value: Any) -> str:
    if lookup.endswith("__not_among"):
        return json.dumps(sorted(value))
    if lookup.endswith("__in"):
        texts = [str(one) for one in value]
        # The admin splits __in at commas, so a value with one would become two.
        if any("," in text for text in texts):
            raise ValueError(f"{lookup} can't carry a value with a comma in an address.")
        return ",".join(texts)
    return value.isoformat() if isinstance(value, date) else str(value)
