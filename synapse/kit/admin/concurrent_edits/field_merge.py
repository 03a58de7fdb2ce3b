"""A field on a page that somebody else may edit at the same time: what was shown, what is there now, what was typed.

What lives here: comparing the three. What does not: what follows from it (exact_forms.py) and its words (conflicts.py).

The page carries what it showed in a hidden field of its own. Where it carries none, the row's present value counts as
shown; a change of it is refused, for nobody can tell what it would overwrite.
"""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.forms import BoundField, MultiWidget
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from synapse.kit.admin.concurrent_edits.row_merge import ExactModelForm

CHOICE: Final = "choice-"
"""Before a field's name: what the person chose where both changed it."""

MINE: Final = "mine-"
"""Before a field's name: what the person had typed when the page first told of the other's change."""

OPENED: Final = "opened-"
"""Before a field's name: what the person's page showed first."""

THEIRS_CHOSEN: Final = "theirs"
MINE_CHOSEN: Final = "mine"
HAND_CHOSEN: Final = "hand"
CHOICES: Final = frozenset({THEIRS_CHOSEN, MINE_CHOSEN, HAND_CHOSEN})


class WatchedField(BoundField):
    """A field that tells a person's change from one made elsewhere while the page was open."""

    @property
    def is_watched(self) -> bool:
        """Say whether the field belongs to a row that exists and the page carried what it showed."""
        return self._is_of_a_sent_row and self._carries_what_it_showed

    @property
    def is_untold(self) -> bool:
        """Say whether the page should have carried what it showed, and did not."""
        return self._is_of_a_sent_row and self.field.show_hidden_initial and not self._carries_what_it_showed

    @property
    def shown(self) -> Any:
        """Return what the page showed, as the browser sent it back."""
        return self._hidden_widget.value_from_datadict(self.form.data, self.form.files, self.html_initial_name)

    @property
    def changed_elsewhere(self) -> bool:
        """Say whether the row holds something else by now than the page showed."""
        return self.is_watched and self.field.has_changed(self.initial, self.shown)

    @property
    def changed_here(self) -> bool:
        """Say whether the person typed something else than the page showed."""
        if not self._carries_what_it_showed:
            return self.field.has_changed(self.initial, self.data)
        if isinstance(self.field, forms.ModelChoiceField):
            # Django would ask for the row behind the key, and take one that is gone for a change.
            return str(self.shown or "") != str(self.data or "")
        return super()._has_changed()  # type: ignore[misc, no-any-return]  # not in the stubs

    @property
    def is_kept_as_it_is(self) -> bool:
        """Say whether the row's present value stays: nothing else was typed, or the person chose it."""
        return self._is_of_a_sent_row and not self._has_changed()

    def _has_changed(self) -> bool:
        """Say whether there is anything to save; what the row holds already isn't."""
        if not self._is_of_a_sent_row or not self.field.show_hidden_initial:
            return super()._has_changed()  # type: ignore[misc, no-any-return]
        if cast("ExactModelForm", self.form).chosen.get(self.name) == THEIRS_CHOSEN:
            return False
        return self.changed_here and self.field.has_changed(self.initial, self.data)

    def value(self) -> Any:
        """Return what the field shows; after a refused save the other's change where this person made none."""
        if self.is_watched and self.is_kept_as_it_is:
            return self.field.prepare_value(self.initial)
        return super().value()

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> SafeString:  # noqa: FBT001, FBT002  # Django's signature
        """Render the field; with `only_initial` what the next save is compared with."""
        if not only_initial or not self.form.is_bound:
            return super().as_widget(widget, attrs, only_initial)
        hidden = self._hidden_widget
        value = self.shown if self._carries_what_it_showed and not self.is_watched else None
        # The refused page tells of every change made elsewhere, so from now on it is what the person has seen.
        value = self.field.prepare_value(self.initial) if value is None else value
        named = {"id": self.html_initial_id} if self.auto_id else {}
        rendered: SafeString = hidden.render(self.html_initial_name, value, attrs=named, renderer=self.form.renderer)
        return rendered

    def sent_names(self) -> list[str]:
        """Return the names under which the browser sends the field's value."""
        widget = self.field.widget
        return [self.html_name + part for part in widget.widgets_names] if _is_split(widget) else [self.html_name]

    def as_sent(self, value: Any) -> list[str]:
        """Return a value as the page would carry it, one text per name."""
        hidden, value = self._hidden_widget, self.field.prepare_value(value)
        if not _is_split(hidden):
            return [_text(hidden.format_value(value))]
        parts = zip(hidden.widgets, hidden.decompress(value), strict=True)
        return [_text(widget.format_value(part)) for widget, part in parts]

    def sent(self, prefix: str = "") -> list[str]:
        """Return what was sent under the field's names after a prefix."""
        return [_text(self.form.data.get(prefix + name)) for name in self.sent_names()]

    def sent_as_shown(self) -> list[str]:
        """Return what the page showed, one text per name."""
        shown = self.shown
        return [_text(part) for part in shown] if isinstance(shown, list) else [_text(shown)]

    @property
    def _hidden_widget(self) -> Any:
        return self.field.hidden_widget()

    @property
    def _is_of_a_sent_row(self) -> bool:
        form = cast("ExactModelForm", self.form)
        return form.is_bound and not form.instance._state.adding

    @property
    def _carries_what_it_showed(self) -> bool:
        if not self.field.show_hidden_initial:
            return False
        data, files = self.form.data, self.form.files
        return not self._hidden_widget.value_omitted_from_data(data, files, self.html_initial_name)


def _is_split(widget: Any) -> bool:
    return isinstance(widget, MultiWidget)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
