"""Form fields of text, JSON and known values that keep an untouched value exactly.

Django's own fields change values that were only shown: they strip text, turn NULL into '' and rewrite line ends. Used
by `editable.ExactFields`; the form that compares them with what is stored is concurrent_edits/row_merge.py.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from synapse.foundation.text.storable import is_storable_json

_LINE_END: Final = re.compile("\r\n?")


class ExactTextField(forms.CharField):
    """A text whose surrounding blanks and line ends don't count as a change."""

    def to_python(self, value: Any) -> str | None:
        """Return the text stripped, with the line ends it had before the browser rewrote them."""
        text: str | None = super().to_python(value)
        return _LINE_END.sub("\n", text) if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether a person typed something else."""
        return not self.disabled and self.to_python(initial) != self.to_python(data)


class PrettyJSONField(forms.JSONField):
    """JSON over several lines; nothing where the column is NULL. What a person typed comes back as it was typed."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text to show."""
        if value is None or isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2, cls=self.encoder)

    def validate(self, value: Any) -> None:
        """Refuse what PostgreSQL can't hold. Raises ValidationError."""
        super().validate(value)
        if not is_storable_json(value):
            raise ValidationError("Delete the character NUL and halves of characters (\\u0000, \\ud800).", "invalid")

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002  # Django's signature
        """Return what was typed, not in a form of our own."""
        return None if data is None else InvalidJSONInput(data)


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

    def offer_value(self, value: str) -> None:
        """Add a value to the choices where it isn't one of them."""
        if not self.valid_value(value):
            self._offered = [*self._offered, (value, value)]
            self.choices = self._offered

    def clean(self, value: Any) -> str | None:
        """Return the chosen value, the column's own emptiness for none. Raises ValidationError for one not offered."""
        return super().clean(value) or self.empty_value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether a person chose something else; the browser rewrites the line ends of an odd value."""
        return not self.disabled and _LINE_END.sub("\n", initial or "") != _LINE_END.sub("\n", data or "")
