"""The hidden key of a row within a set of forms.

What lives here: the field that knows its own row. What does not: the sets (conflicts_inline.py, conflicts_list.py).
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model

if TYPE_CHECKING:
    _ModelChoiceField = forms.ModelChoiceField[Model]
else:
    _ModelChoiceField = forms.ModelChoiceField


class RowKeyField(_ModelChoiceField):
    """A key that is its own row's; Django's field asks the database for it, row by row."""

    def __init__(self, row: Model, plain: "forms.ModelChoiceField[Any]") -> None:
        """Take the row, and Django's field in whose place this one stands."""
        super().__init__(plain.queryset, initial=plain.initial, required=plain.required, widget=plain.widget)
        self._row = row

    def to_python(self, value: Any) -> Model | None:
        """Return the row of the key. Raises ValidationError where it can be chosen no more."""
        return self._row if str(value) == str(self._row.pk) else super().to_python(value)


def know_own_row(form: Any) -> None:
    """Have the form of a row that exists take its key without asking for it."""
    name = form.instance._meta.pk.name
    plain = form.fields.get(name)
    if isinstance(plain, forms.ModelChoiceField) and not form.instance._state.adding:
        form.fields[name] = RowKeyField(form.instance, plain)
