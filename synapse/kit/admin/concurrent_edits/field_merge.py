"""The three-way merge of one field: what the page showed (base), what is stored (theirs), what was typed (mine).

The page carries what it showed in a hidden input beside the field (Django's `show_hidden_initial`). Where it carries
none, the stored value counts as shown; a change of it is refused, for nobody can tell what it would overwrite.

Called by row_merge.py, which decides what follows; the words are conflict_report.py's.
"""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.forms import BoundField, MultiWidget
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm

CHOICE_PREFIX: Final = "choice-"
"""Before a field's name in POST: what the person chose where both changed it, one of CHOICES."""

MINE_PREFIX: Final = "mine-"
"""Before a field's name in POST: what the person had typed when the page first showed the conflict."""

OPENED_PREFIX: Final = "opened-"
"""Before a field's name in POST: the base, what the page showed when it was opened."""

THEIRS_CHOSEN: Final = "theirs"
MINE_CHOSEN: Final = "mine"
HAND_CHOSEN: Final = "hand"
CHOICES: Final = frozenset({THEIRS_CHOSEN, MINE_CHOSEN, HAND_CHOSEN})


class ThreeWayField(BoundField):
    """A bound field that tells this person's change from one stored by somebody else while the page was open.

    `initial` is the stored value: the form is built from the row as it is now, under the row lock.
    """

    @property
    def is_watched(self) -> bool:
        """Say whether the three values can be compared: the row is stored, and the page carried what it showed."""
        return self._belongs_to_stored_row and self._carries_shown_value

    @property
    def lacks_shown_value(self) -> bool:
        """Say whether the page should have carried what it showed, and did not."""
        return self._belongs_to_stored_row and self.field.show_hidden_initial and not self._carries_shown_value

    @property
    def shown_value(self) -> Any:
        """Return what the page showed, as the browser sent it back."""
        return self._hidden_widget.value_from_datadict(self.form.data, self.form.files, self.html_initial_name)

    @property
    def changed_elsewhere(self) -> bool:
        """Say whether the row holds something else by now than the page showed."""
        return self.is_watched and self.field.has_changed(self.initial, self.shown_value)

    @property
    def changed_here(self) -> bool:
        """Say whether the person typed something else than the page showed."""
        if not self._carries_shown_value:
            return self.field.has_changed(self.initial, self.data)
        if isinstance(self.field, forms.ModelChoiceField):
            # Compare the keys: Django would query the row behind the key, and take a deleted one for a change.
            return str(self.shown_value or "") != str(self.data or "")
        return super()._has_changed()  # type: ignore[misc, no-any-return]  # not in the stubs

    @property
    def is_kept_as_it_is(self) -> bool:
        """Say whether the stored value stays: nothing else was typed, or the person chose theirs."""
        return self._belongs_to_stored_row and not self._has_changed()

    @property
    def is_conflict(self) -> bool:
        """Say whether both changed the field, to different values, and the person has not chosen yet."""
        if not self.is_watched or not self.field.has_changed(self.initial, self.data):
            return False
        # The page of conflicts makes theirs the new base; its `opened-` input says that the choice is still to be made.
        is_asked = OPENED_PREFIX + self.html_input_names()[0] in self.form.data
        is_chosen = self.name in cast("ThreeWayMergeForm", self.form).chosen
        return (is_asked and not is_chosen) or (self.changed_elsewhere and self.changed_here)

    def _has_changed(self) -> bool:
        """Say whether there is anything to save; what is stored already isn't.

        Overrides Django's, so that `form.changed_data` is the merge's result: fields where mine is to be written.
        """
        if not self._belongs_to_stored_row or not self.field.show_hidden_initial:
            return super()._has_changed()  # type: ignore[misc, no-any-return]
        if cast("ThreeWayMergeForm", self.form).chosen.get(self.name) == THEIRS_CHOSEN:
            return False
        return self.changed_here and self.field.has_changed(self.initial, self.data)

    def value(self) -> Any:
        """Return what the field shows; on a refused save theirs where this person changed nothing."""
        if self.is_watched and self.is_kept_as_it_is:
            return self.field.prepare_value(self.initial)
        return super().value()

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> SafeString:  # noqa: FBT001, FBT002  # Django's signature
        """Render the field; with `only_initial` the hidden input with the base that the next save is compared with."""
        if not only_initial or not self.form.is_bound:
            return super().as_widget(widget, attrs, only_initial)
        hidden = self._hidden_widget
        value = self.shown_value if self._carries_shown_value and not self.is_watched else None
        # The refused page shows every change made elsewhere, so the stored value becomes the new base.
        value = self.field.prepare_value(self.initial) if value is None else value
        named = {"id": self.html_initial_id} if self.auto_id else {}
        rendered: SafeString = hidden.render(self.html_initial_name, value, attrs=named, renderer=self.form.renderer)
        return rendered

    def html_input_names(self) -> list[str]:
        """Return the names under which the browser sends the field's value: several of a split date and time."""
        widget = self.field.widget
        is_split = isinstance(widget, MultiWidget)
        return [self.html_name + part for part in widget.widgets_names] if is_split else [self.html_name]

    def texts_of_value(self, value: Any) -> list[str]:
        """Return a value as the page would carry it, one text per name."""
        hidden, value = self._hidden_widget, self.field.prepare_value(value)
        if not isinstance(hidden, MultiWidget):
            return [_none_as_empty(hidden.format_value(value))]
        texts: Any = hidden.decompress(value)
        parts = zip(hidden.widgets, texts, strict=True)
        return [_none_as_empty(widget.format_value(part)) for widget, part in parts]

    def sent_texts(self, prefix: str = "") -> list[str]:
        """Return what was sent under the field's names after a prefix."""
        return [_none_as_empty(self.form.data.get(prefix + name)) for name in self.html_input_names()]

    def shown_texts(self) -> list[str]:
        """Return what the page showed, one text per name."""
        shown = self.shown_value
        return [_none_as_empty(part) for part in shown] if isinstance(shown, list) else [_none_as_empty(shown)]

    @property
    def _hidden_widget(self) -> Any:
        return self.field.hidden_widget()

    @property
    def _belongs_to_stored_row(self) -> bool:
        form = cast("ThreeWayMergeForm", self.form)
        return form.is_bound and not form.instance._state.adding

    @property
    def _carries_shown_value(self) -> bool:
        if not self.field.show_hidden_initial:
            return False
        data, files = self.form.data, self.form.files
        return not self._hidden_widget.value_omitted_from_data(data, files, self.html_initial_name)


def _none_as_empty(value: Any) -> str:
    return "" if value is None else str(value)
