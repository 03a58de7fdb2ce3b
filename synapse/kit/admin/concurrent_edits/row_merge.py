"""Forms that change what a person changed, and nothing else.

What lives here: the form base, the fields of text, JSON and known values that keep untouched values exactly, and
noticing that somebody else changed the row while the page was open. What does not: which fields an admin page shows
(the apps' admin), saving (tables.py), telling a person of the other's change (conflicts.py).

A plain ModelForm rewrites rows it only showed: it strips text, turns NULL into '' and rewrites line ends, drops
microseconds, and moves a time in the doubled hour of autumn.
"""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.forms.formsets import DELETION_FIELD_NAME

from synapse.kit.admin.concurrent_edits.field_merge import (
    CHOICE,
    CHOICES,
    HAND_CHOSEN,
    MINE,
    OPENED,
    THEIRS_CHOSEN,
    WatchedField,
)
from synapse.kit.admin.exact_fields import KnownValueField

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    # Django's class can't be subscribed with its model when the program runs.
    _ModelForm = forms.ModelForm

CONFLICT: Final = "conflict"
"""The code of an error that says: somebody else changed this too."""

UNTOLD: Final = "untold"
"""The code of an error that says: nobody can tell whether somebody else changed this."""

_UNTOLD: Final = "The page did not say what it had shown of this, so it may overwrite somebody's edit. Open it anew."


class ExactModelForm(_ModelForm):
    """A form whose untouched fields keep their values, down to the microsecond, and the other's edits their place."""

    bound_field_class = WatchedField

    is_gone = False
    """Set by mark_gone: somebody deleted the row while the page was open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            value = self.initial.get(name)
            if isinstance(field, KnownValueField) and value:
                field.offer(value)
        self.chosen: dict[str, str] = {}
        if self.is_bound:
            self._apply_choices()

    @property
    def conflicts(self) -> list[WatchedField]:
        """Return the fields that both changed, to different values, and of which nothing is chosen yet."""
        return [self.watched(name) for name in self.fields if self._has_conflict(name)]

    @property
    def merged(self) -> list[WatchedField]:
        """Return the fields somebody else changed while the page was open and this person did not."""
        fields = (self.watched(name) for name in self.fields)
        return [field for field in fields if field.changed_elsewhere and field.is_kept_as_it_is]

    @property
    def deletes_unseen_changes(self) -> bool:
        """Say whether the person marked the row for deletion before seeing what somebody else changed in it."""
        marked = DELETION_FIELD_NAME in self.fields and bool(self[DELETION_FIELD_NAME].data)
        return marked and any(self.watched(name).changed_elsewhere for name in self.fields)

    @property
    def stays_gone(self) -> bool:
        """Say whether the deleted row may stay so: this person changed nothing in it, or said so."""
        chosen = self.data.get(f"{CHOICE}{self.prefix}") == THEIRS_CHOSEN
        typed = any(self.fields[name].show_hidden_initial for name in self.changed_data)
        return self.is_gone and (chosen or DELETION_FIELD_NAME in self.changed_data or not typed)

    def watched(self, name: str) -> WatchedField:
        """Return the field on the page."""
        return cast("WatchedField", self[name])

    def mark_gone(self) -> None:
        """Note that the row was deleted while the page was open; odd values that it had stay on the page."""
        self.is_gone = True
        for name, field in self.fields.items():
            if isinstance(field, KnownValueField) and self.watched(name).shown:
                field.offer(str(self.watched(name).shown))

    def full_clean(self) -> None:
        """Judge what was typed; of a deleted row nothing can be said but that."""
        super().full_clean()
        if not self.is_bound or not self.is_gone:
            return
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        if not self.stays_gone:
            self.add_error(None, ValidationError("Somebody deleted this row while you had it open.", code=CONFLICT))

    def clean(self) -> dict[str, Any]:
        """Put back the exact value of every field that wasn't touched: it is not this person's to mend."""
        super().clean()
        for name in self._untouched():
            self.errors.pop(name, None)
        self.cleaned_data |= self._untouched_values()
        for name in self._untouched_relations():
            # The row points there already; asking for what it points to would cost a query.
            self.cleaned_data.pop(name, None)
        self._refuse_what_would_be_lost()
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned

    def has_changed(self) -> bool:
        """Say whether there is anything to save."""
        return not (self.is_gone and self.stays_gone) and super().has_changed()

    def _apply_choices(self) -> None:
        """Let the choices of the page speak where they were made in sight of what the row still holds."""
        names = [name for name in self.fields if self.data.get(CHOICE + self.add_prefix(name)) in CHOICES]
        typed: dict[str, Any] = {}
        for field in map(self.watched, names):
            choice = self.data[CHOICE + field.html_name]
            if not field.changed_elsewhere:
                self.chosen[field.name] = choice
            if choice != HAND_CHOSEN:
                typed |= {name: self.data[MINE + name] for name in field.sent_names() if MINE + name in self.data}
        if typed:
            data: Any = self.data
            self.data = data.copy()
            for name, text in typed.items():
                # Not with update(): that would add to what was sent under the name.
                cast("Any", self.data)[name] = text

    def _has_conflict(self, name: str) -> bool:
        field = self.watched(name)
        if not field.is_watched or not field.field.has_changed(field.initial, field.data):
            return False
        told_before = OPENED + field.sent_names()[0] in self.data and name not in self.chosen
        return told_before or (field.changed_elsewhere and field.changed_here)

    def _refuse_what_would_be_lost(self) -> None:
        """Add an error to each field in which saving would overwrite an edit this person has not seen."""
        for field in map(self.watched, self._untold()):
            self.add_error(field.name, ValidationError(_UNTOLD, code=UNTOLD))
        if self.deletes_unseen_changes:
            message = "Somebody changed this row while you had it open. Look at it; to delete it anyway, save again."
            self.add_error(None, ValidationError(message, code=CONFLICT))
        else:
            for field in self.conflicts:
                self.add_error(field.name, ValidationError("Somebody else changed this too: choose.", code=CONFLICT))

    def _untold(self) -> list[str]:
        """Return the changed fields of which the page that was sent did not say what it had shown."""
        if self.instance._state.adding:
            return []
        return [name for name in self.changed_data if self.watched(name).is_untold]

    def _untouched(self) -> list[str]:
        """Return the columns on the form that nobody changed."""
        if self.instance._state.adding:
            return []
        names = (column.name for column in self.instance._meta.concrete_fields)
        return [name for name in names if name in self.fields and name not in self.changed_data]

    def _untouched_values(self) -> dict[str, Any]:
        """Return the columns that nobody changed and that point to no other row, with the row's own values."""
        columns = (self.instance._meta.get_field(name) for name in self._untouched())
        return {
            column.name: cast("Any", column).value_from_object(self.instance)
            for column in columns
            if not column.is_relation
        }

    def _untouched_relations(self) -> list[str]:
        watched = {name for name in self._untouched() if self.fields[name].show_hidden_initial}
        return [name for name in watched if self.instance._meta.get_field(name).is_relation]

    def _get_validation_exclusions(self) -> set[str]:
        """Don't ask to fill in what the row has had empty all along; Django's own way to skip a model's checks."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        empty = {name for name, value in self._untouched_values().items() if value in EMPTY_VALUES}
        return exclusions | empty
