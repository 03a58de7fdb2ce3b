"""Accessible names (aria-label) of fields in a table's cells, where no label stands beside them.

A screen reader then says column and row: "Status of Ann Example". Called by the formsets of lists and inline rows.
"""

from typing import Any, Final

from django.forms.formsets import DELETION_FIELD_NAME

from synapse.foundation.text.visible import visible

_MAX_NAME_LENGTH: Final = 80


def set_accessible_names(form: Any) -> None:
    """Give each field of a form within a formset an aria-label of its own: "Status of Ann Example"."""
    instance = form.instance
    is_new = instance._state.adding
    row = f"the new {instance._meta.verbose_name}" if is_new else visible(str(instance))[:_MAX_NAME_LENGTH]
    for name, field in form.fields.items():
        label = field.label or name.replace("_", " ").capitalize()
        # RelatedFieldWidgetWrapper renders the widget it wraps, and ignores attributes of its own.
        widget = getattr(field.widget, "widget", field.widget)
        words = f"{label} {row}" if name == DELETION_FIELD_NAME else f"{label} of {row}"
        widget.attrs.setdefault("aria-label", words)
