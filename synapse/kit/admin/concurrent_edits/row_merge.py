"""The three-way merge of one row: the form that saves what a person changed, and nothing else.

What lives here: which edits are kept, which fields conflict, and what the person chose. Its cleaned data hold the
stored value of every field that was not changed, down to the microsecond; a plain ModelForm rewrites rows it only
showed (see exact_fields.py) and overwrites what somebody else saved meanwhile.

Used by the pages of a row, by inline rows and by lists edited in place. The comparison of one field is
field_merge.py's.
"""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.forms.formsets import DELETION_FIELD_NAME

from synapse.kit.admin.concurrent_edits.field_merge import (
    CHOICE_PREFIX,
    CHOICES,
    HAND_CHOSEN,
    MINE_PREFIX,
    THEIRS_CHOSEN,
    ThreeWayField,
)
from synapse.kit.admin.exact_fields import KnownValueField

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    # Django's class can't be subscribed with its model when the program runs.
    _ModelForm = forms.ModelForm

CONFLICT: Final = "conflict"
"""The code of an error that says: somebody else changed this too."""

SHOWN_VALUE_MISSING: Final = "untold"
"""The code of an error that says: nobody can tell whether somebody else changed this."""

_SHOWN_VALUE_MISSING_WORDS: Final = (
    "The page did not say what it had shown of this, so it may overwrite somebody's edit. Open it anew."
)


class ThreeWayMergeForm(_ModelForm):
    """A form of a stored row: fields that were not changed keep the stored value, exactly; conflicts are refused.

    `chosen` holds the person's choice (THEIRS_CHOSEN, MINE_CHOSEN, HAND_CHOSEN) by field, where it still counts.
    """

    bound_field_class = ThreeWayField

    refusal = ""
    """A sentence where nothing can be saved now, whatever was typed (refusals.py)."""

    is_row_deleted = False
    """Set by mark_row_deleted: somebody deleted the row while the page was open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            value = self.initial.get(name)
            if isinstance(field, KnownValueField) and value:
                field.offer_value(value)
        self.chosen: dict[str, str] = {}
        if self.is_bound:
            self._apply_choices()

    @property
    def conflicting_fields(self) -> list[ThreeWayField]:
        """Return the fields that both changed, to different values, and of which nothing is chosen yet: conflicts."""
        return [field for field in map(self.three_way_field, self.fields) if field.is_conflict]

    @property
    def merged_fields(self) -> list[ThreeWayField]:
        """Return the fields somebody else changed while the page was open and this person did not: merges."""
        fields = (self.three_way_field(name) for name in self.fields)
        return [field for field in fields if field.changed_elsewhere and field.is_kept_as_it_is]

    @property
    def deletes_unseen_changes(self) -> bool:
        """Say whether the person marked the row for deletion before seeing what somebody else changed in it."""
        marked = DELETION_FIELD_NAME in self.fields and bool(self[DELETION_FIELD_NAME].data)
        return marked and any(self.three_way_field(name).changed_elsewhere for name in self.fields)

    @property
    def stays_deleted(self) -> bool:
        """Say whether the deleted row may stay so: this person changed nothing in it, or said so."""
        chosen = self.data.get(f"{CHOICE_PREFIX}{self.prefix}") == THEIRS_CHOSEN
        typed = any(self.fields[name].show_hidden_initial for name in self.changed_data)
        return self.is_row_deleted and (chosen or DELETION_FIELD_NAME in self.changed_data or not typed)

    def three_way_field(self, name: str) -> ThreeWayField:
        """Return the bound field."""
        return cast("ThreeWayField", self[name])

    def mark_row_deleted(self) -> None:
        """Note that the row was deleted while the page was open; unknown values that it had stay on offer."""
        self.is_row_deleted = True
        for name, field in self.fields.items():
            if isinstance(field, KnownValueField) and self.three_way_field(name).shown_value:
                field.offer_value(str(self.three_way_field(name).shown_value))

    def full_clean(self) -> None:
        """Validate what was typed; of a deleted row the only error is that it is deleted."""
        super().full_clean()
        if not self.is_bound or not self.is_row_deleted:
            return
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        if not self.stays_deleted:
            self.add_error(None, ValidationError("Somebody deleted this row while you had it open.", code=CONFLICT))

    def clean(self) -> dict[str, Any]:
        """Return the merged row: the exact stored value of every field that was not changed, mine of the others."""
        super().clean()
        if self.refusal:
            self.add_error(None, ValidationError(self.refusal, code="refused"))
        for name in self._unchanged_columns():
            # A stored value that today's rules would refuse is not this person's to correct.
            self.errors.pop(name, None)
        self.cleaned_data |= self._unchanged_values()
        for name in self._unchanged_columns():
            if self.fields[name].show_hidden_initial and self.instance._meta.get_field(name).is_relation:
                # The row points there already; setting it would cost a query for the related row.
                self.cleaned_data.pop(name, None)
        self._refuse_what_would_be_lost()
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned

    def has_changed(self) -> bool:
        """Say whether there is anything to save."""
        return not (self.is_row_deleted and self.stays_deleted) and super().has_changed()

    def _apply_choices(self) -> None:
        """Read the choices that the page of conflicts sent, and put what the person had typed back into the data.

        A choice counts only while the row still holds what the page showed: changed once more, it is asked again.
        """
        names = [name for name in self.fields if self.data.get(CHOICE_PREFIX + self.add_prefix(name)) in CHOICES]
        typed: dict[str, Any] = {}
        for field in map(self.three_way_field, names):
            choice = self.data[CHOICE_PREFIX + field.html_name]
            if not field.changed_elsewhere:
                self.chosen[field.name] = choice
            if choice != HAND_CHOSEN:
                typed |= {
                    name: self.data[MINE_PREFIX + name]
                    for name in field.html_input_names()
                    if MINE_PREFIX + name in self.data
                }
        if typed:
            data: Any = self.data
            self.data = data.copy()
            for name, text in typed.items():
                # Not with update(): a QueryDict's appends to what was sent under the name.
                cast("Any", self.data)[name] = text

    def _refuse_what_would_be_lost(self) -> None:
        """Add an error to each field in which saving would overwrite an edit this person has not seen."""
        is_stored = not self.instance._state.adding
        for name in self.changed_data:
            if is_stored and self.three_way_field(name).lacks_shown_value:
                self.add_error(name, ValidationError(_SHOWN_VALUE_MISSING_WORDS, code=SHOWN_VALUE_MISSING))
        if self.deletes_unseen_changes:
            message = "Somebody changed this row while you had it open. Look at it; to delete it anyway, save again."
            self.add_error(None, ValidationError(message, code=CONFLICT))
        else:
            for field in self.conflicting_fields:
                self.add_error(field.name, ValidationError("Somebody else changed this too: choose.", code=CONFLICT))

    def _unchanged_columns(self) -> list[str]:
        """Return the columns on the form that this person did not change; none of a new row."""
        if self.instance._state.adding:
            return []
        names = (column.name for column in self.instance._meta.concrete_fields)
        return [name for name in names if name in self.fields and name not in self.changed_data]

    def _unchanged_values(self) -> dict[str, Any]:
        """Return the columns that this person did not change and that point to no other row, with the stored values."""
        columns = (self.instance._meta.get_field(name) for name in self._unchanged_columns())
        return {
            column.name: cast("Any", column).value_from_object(self.instance)
            for column in columns
            if not column.is_relation
        }

    def _get_validation_exclusions(self) -> set[str]:
        """Return the fields whose model checks are skipped (Django's hook): also those that were empty and stay so."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        empty = {name for name, value in self._unchanged_values().items() if value in EMPTY_VALUES}
        return exclusions | empty
