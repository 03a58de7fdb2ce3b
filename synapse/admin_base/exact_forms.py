"""Forms that change what a person changed, and nothing else.

What lives here: the form base, the text field and the field of known values that keep untouched values exactly.
What does not: which fields an admin page shows (the apps' admin) and saving (synapse.admin_base).

A plain ModelForm rewrites rows it only showed: it strips text, turns NULL into '' and rewrites line ends, drops
microseconds, and moves a time in the doubled hour of autumn.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import EMPTY_VALUES

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    # Django's class can't be subscribed with its model when the program runs.
    _ModelForm = forms.ModelForm


class ExactTextField(forms.CharField):
    """A text whose surrounding blanks and line ends don't count as a change."""

    def to_python(self, value: Any) -> str | None:
        """Return the text stripped, with the line ends it had before the browser rewrote them."""
        text: str | None = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether a person typed something else."""
        return not self.disabled and self.to_python(initial) != self.to_python(data)


class KnownValueField(forms.ChoiceField):
    """A choice of the known values; the value a row already has, known or not, may stay."""

    def __init__(
        self,
        *,
        known: Sequence[tuple[str, str]] = (),
        empty_value: str | None = "",
        max_length: None = None,
        **kwargs: Any,
    ) -> None:
        """Take the known values with their labels; `max_length` comes with every text column and means nothing here."""
        del max_length
        self._offered = list(known)
        super().__init__(choices=self._offered, **kwargs)
        self.empty_value = empty_value

    def offer(self, value: str) -> None:
        """Add a value to the choices where it isn't one of them."""
        if not self.valid_value(value):
            self._offered = [*self._offered, (value, value)]
            self.choices = self._offered

    def clean(self, value: Any) -> str | None:
        """Return the chosen value, the column's own emptiness for none. Raises ValidationError for one not offered."""
        return super().clean(value) or self.empty_value


class ExactModelForm(_ModelForm):
    """A form whose untouched fields keep their values, down to the microsecond."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            value = self.initial.get(name)
            if isinstance(field, KnownValueField) and value:
                field.offer(value)

    def clean(self) -> dict[str, Any]:
        """Put back the exact value of every field that wasn't touched: it is not this person's to mend."""
        super().clean()
        for name, value in self._untouched().items():
            self.errors.pop(name, None)
            self.cleaned_data[name] = value
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned

    def _untouched(self) -> dict[str, Any]:
        """Return the columns on the form that nobody changed, with the row's own values."""
        if self.instance._state.adding:
            return {}
        columns = (column for column in self.instance._meta.concrete_fields if not column.is_relation)
        return {
            column.name: column.value_from_object(self.instance)
            for column in columns
            if column.name in self.fields and column.name not in self.changed_data
        }

    def _get_validation_exclusions(self) -> set[str]:
        """Don't ask to fill in what the row has had empty all along; Django's own way to skip a model's checks."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return exclusions | {name for name, value in self._untouched().items() if value in EMPTY_VALUES}
