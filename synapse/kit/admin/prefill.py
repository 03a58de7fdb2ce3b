"""Prefilled forms: `…/add/?column=value` begins with the value, where it is one the column can have.

Django takes any text, and fails where the form is drawn: with a key that is none, or a text for a date and time.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest


class CheckedPrefill:
    """Gives an admin class add pages that ignore a prefilled value which its field would refuse."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address prefills, without the values that are none of their columns."""
        asked: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]  # a mixin of admin classes
        form: Any = self.get_form(request)  # type: ignore[attr-defined]  # likewise
        fields: dict[str, forms.Field] = form.base_fields
        checked = {name: _checked_value(fields[name], value) for name, value in asked.items() if name in fields}
        return {name: value for name, value in checked.items() if value is not None}


def _checked_value(field: forms.Field, value: Any) -> Any:
    """Return what the form begins with, None where the field would refuse it."""
    is_moment = isinstance(field, forms.SplitDateTimeField)
    judge = forms.DateTimeField() if is_moment else field
    try:
        clean = judge.clean(value)
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return None
    # Two inputs draw a moment, never its text.
    return clean if is_moment else value
