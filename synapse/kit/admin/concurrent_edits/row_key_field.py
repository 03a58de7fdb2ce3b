"""The hidden key field of a row within a formset, without a query per row.

Used by inline_rows.py and list_cells.py: Django's field would look each row up by the key it is built from.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model

if TYPE_CHECKING:
    _ModelChoiceField = forms.ModelChoiceField[Model]
else:
    _ModelChoiceField = forms.ModelChoiceField


class RowKeyField(_ModelChoiceField):
    """The key of the form's own row."""

    def __init__(self, row: Model, plain: "forms.ModelChoiceField[Any]") -> None:
        """Take the row, and Django's field that this one replaces."""
        super().__init__(plain.queryset, initial=plain.initial, required=plain.required, widget=plain.widget)
        self._row = row

    def to_python(self, value: Any) -> Model | None:
        """Return the row of the key. Raises ValidationError where it can be chosen no more."""
        return self._row if str(value) == str(self._row.pk) else super().to_python(value)


def replace_key_field(form: Any) -> None:
    """Replace the key field of a stored row's form by one that needs no query."""
    name = form.instance._meta.pk.name
    plain = form.fields.get(name)
    if isinstance(plain, forms.ModelChoiceField) and not form.instance._state.adding:
        form.fields[name] = RowKeyField(form.instance, plain)
