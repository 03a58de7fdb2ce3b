"""What the second of two people is shown: conflicts with both values, deleted inline rows, merges.

Texts for the page of a row, for messages and for lists; made visible, and escaped by the template
(templates/synapse/kit/admin/concurrent_edits/conflicts.html). That fields conflict is found in row_merge.py; who made a
change is asked of the change log (row_history.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import router
from django.http import HttpRequest
from django.utils.text import get_text_list

from synapse.foundation.text.difference import Segment, compare_texts
from synapse.foundation.text.visible import visible
from synapse.kit.admin.concurrent_edits.field_merge import CHOICE_PREFIX, MINE_PREFIX, OPENED_PREFIX, ThreeWayField
from synapse.kit.admin.concurrent_edits.row_history import LoggedChange, row_history
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm

if TYPE_CHECKING:
    from django.db.models import Model

EMPTY: Final = "(empty)"
_SOMEBODY: Final = "Somebody"
_MAX_UNMARKED_LENGTH: Final = 12
"""Characters; shorter values are shown whole, for marking single letters in them helps nobody."""
_MAX_TEXT_LENGTH: Final = 2_000
_BOOLEAN_WORDS: Final = {"true": "Yes", "false": "No", "unknown": "Unknown", "": "Unknown"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two values: who saved or typed it, and when; `at` is None where no change is logged."""

    who: str
    at: datetime | None
    segments: Sequence[Segment]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both changed.

    `opened` is the base in words. `kept` are hidden inputs that carry base and mine to the next save; `was_asked` says
    that the page of conflicts was sent before, without a choice.
    """

    field: ThreeWayField
    label: str
    opened: str
    theirs: Side
    mine: Side
    kept: Sequence[tuple[str, str]]
    was_asked: bool

    @property
    def choice_name(self) -> str:
        """Return the name under which the choice is sent."""
        return CHOICE_PREFIX + self.field.html_name


@dataclass(frozen=True, slots=True)
class DeletedInlineRow:
    """An inline row this person changed and somebody else deleted. `may_return` says whether it can be brought back."""

    label: str
    deletion: LoggedChange | None
    choice_name: str
    typed: Sequence[tuple[str, str]]
    may_return: bool


def find_conflicts(request: HttpRequest, forms_by_label: Iterable[tuple[str, ThreeWayMergeForm]]) -> list[Conflict]:
    """Return the conflicts of a page's forms, each form's label before its fields' (empty for the row itself)."""
    found = []
    for label, form in forms_by_label:
        if form.is_row_deleted or form.deletes_unseen_changes or not (fields := form.conflicting_fields):
            continue
        history = row_history().latest_changes(form.instance)
        found += [_describe_conflict(request, label, field, history) for field in fields]
    return found


def find_deleted_rows(
    request: HttpRequest, forms_by_label: Iterable[tuple[str, ThreeWayMergeForm]], *, may_return: Collection[str]
) -> list[DeletedInlineRow]:
    """Return the inline rows that this person changed on the page while somebody else deleted them.

    `may_return` has the prefixes of the forms whose rows this person may bring back.
    """
    rows = []
    for label, form in forms_by_label:
        if not form.is_row_deleted or form.stays_deleted:
            continue
        model = form._meta.model
        # The form has no stored row any more: the page itself names the key.
        key = form.data.get(form.add_prefix(model._meta.pk.name))
        found = row_history().find_deletion(model, key, router.db_for_write(model)) if key else None
        fields = [form.three_way_field(name) for name in form.fields if form.fields[name].show_hidden_initial]
        row = DeletedInlineRow(
            label=visible(label),
            deletion=as_seen_by(request, found),
            choice_name=f"{CHOICE_PREFIX}{form.prefix}",
            typed=[(str(one.label), value_words(one, one.sent_texts())) for one in fields if one.changed_here],
            may_return=form.prefix in may_return and found is not None and bool(found.row),
        )
        rows.append(row)
    return rows


def describe_merges(request: HttpRequest, forms_by_label: Iterable[tuple[str, ThreeWayMergeForm]]) -> list[str]:
    """Return a sentence per person who changed other fields meanwhile: who, and which."""
    by_whom: dict[str, list[str]] = {}
    for label, form in forms_by_label:
        if not (fields := form.merged_fields):
            continue
        history = row_history().latest_changes(form.instance)
        for field in fields:
            by_whom.setdefault(who_changed(request, field, history), []).append(_field_label(label, field))
    return [f"{who} changed {get_text_list(names, 'and')} meanwhile" for who, names in by_whom.items()]


def who_changed(request: HttpRequest, field: ThreeWayField, history: Mapping[str, LoggedChange]) -> str:
    """Return who last changed the field's column, in words that can begin a sentence."""
    return author_words(_latest_change_of(request, field, history))


def author_words(change: LoggedChange | None) -> str:
    """Return who made a change, in words that can begin a sentence; a username keeps its spelling."""
    if change is None:
        return _SOMEBODY
    return change.who if change.author else change.who[:1].upper() + change.who[1:]


def as_seen_by(request: HttpRequest, change: LoggedChange | None) -> LoggedChange | None:
    """Return the change; where this very person made it, in another window, it says so."""
    if change is None or not change.author or change.author != request.user.get_username():
        return change
    return replace(change, who="you, in another window,", author="")


def value_words(field: ThreeWayField, sent: Sequence[str]) -> str:
    """Return a value in words, from its texts as the page carries them: a choice's label, a related row's name."""
    text = " ".join(part for part in sent if part)
    form_field = field.field
    if isinstance(form_field, forms.NullBooleanField):
        return _BOOLEAN_WORDS.get(text.lower(), text)
    if text and isinstance(form_field, forms.ModelChoiceField):
        text = _related_row_name(form_field, text)
    elif isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        text = next((str(label) for value, label in choices if text and str(value) == text), text)
    return visible(text.replace("\r\n", "\n")) or EMPTY


def shorten_text(text: str) -> str:
    """Return the text, shortened to what a page can show, with its full length."""
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[:_MAX_TEXT_LENGTH]}… ({len(text):,} characters)"


def _describe_conflict(
    request: HttpRequest, label: str, field: ThreeWayField, history: Mapping[str, LoggedChange]
) -> Conflict:
    was_asked = OPENED_PREFIX + field.html_input_names()[0] in field.form.data
    opened = field.sent_texts(OPENED_PREFIX) if was_asked else field.shown_texts()
    theirs, mine = value_words(field, field.texts_of_value(field.initial)), value_words(field, field.sent_texts())
    if max(len(theirs), len(mine)) <= _MAX_UNMARKED_LENGTH or EMPTY in {theirs, mine}:
        their_segments = [Segment(shorten_text(theirs), differs=False)]
        my_segments = [Segment(shorten_text(mine), differs=False)]
    else:
        their_segments, my_segments = compare_texts(theirs, mine)
    change = _latest_change_of(request, field, history)
    names = field.html_input_names()
    kept = [(OPENED_PREFIX, opened), (MINE_PREFIX, field.sent_texts())]
    return Conflict(
        field=field,
        label=_field_label(label, field),
        opened=shorten_text(value_words(field, opened)),
        theirs=Side(_SOMEBODY if change is None else change.who, None if change is None else change.at, their_segments),
        mine=Side("You", None, my_segments),
        kept=[(prefix + name, text) for prefix, sent in kept for name, text in zip(names, sent, strict=True)],
        was_asked=was_asked,
    )


def _latest_change_of(
    request: HttpRequest, field: ThreeWayField, history: Mapping[str, LoggedChange]
) -> LoggedChange | None:
    column: Any = field.form.instance._meta.get_field(field.name)  # type: ignore[attr-defined]  # a model's form
    return as_seen_by(request, history.get(column.column))


def _field_label(label: str, field: ThreeWayField) -> str:
    name = str(field.label)
    return f"{visible(label)}: {name.lower()}" if label else name


def _related_row_name(form_field: "forms.ModelChoiceField[Model]", key: str) -> str:
    queryset = form_field.queryset
    try:
        row = None if queryset is None else queryset.filter(pk=key).first()
    # The key comes from the browser and may be no key at all.
    except (ValueError, ValidationError):
        row = None
    return f"{key} (not there)" if row is None else form_field.label_from_instance(row)
