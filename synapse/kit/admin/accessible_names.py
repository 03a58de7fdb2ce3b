"""Names for fields that stand in a table's cells, where no label stands beside them.

What lives here: the name that a screen reader says, the column's and the row's. What does not: the labels of a form.
"""

from typing import Any, Final

from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME

from synapse.foundation.text.visible import visible

_LONGEST: Final = 80


def name_fields(form: Any) -> None:
    """Give each field of a form within a set a name of its own: "Status of Ann Example"."""
    row = _words(form.instance)
    for name, field in form.fields.items():
        label = field.label or name.replace("_", " ").capitalize()
        # A related row's field is wrapped in one that has no attributes of its own.
        widget = getattr(field.widget, "widget", field.widget)
        words = f"{label} {row}" if name == DELETION_FIELD_NAME else f"{label} of {row}"
        widget.attrs.setdefault("aria-label", words)


def _words(row: Model) -> str:
    if row._state.adding:
        return f"the new {row._meta.verbose_name}"
    return visible(str(row))[:_LONGEST]
