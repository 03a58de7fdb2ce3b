"""Two people on one row, told to the second of them: what each typed, who the other is, and what to choose from.

What lives here: the words of the page. What does not: noticing it (exact_forms.py), the past (row_history.py), the
markup (templates/synapse/kit/admin/concurrent_edits/conflicts.html). Texts are safe to read; the template escapes them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from synapse.kit.admin.concurrent_edits.field_merge import CHOICE, MINE, OPENED, WatchedField
from synapse.kit.admin.concurrent_edits.row_history import Told, row_history
from synapse.kit.admin.concurrent_edits.row_merge import ExactModelForm

if TYPE_CHECKING:
    from django.db.models import Model

EMPTY: Final = "(empty)"
_SOMEBODY: Final = "Somebody"
_SHORT: Final = 12
"""Values up to here differ as a whole; marking letters in them would only be noise."""
_LONGEST: Final = 2_000
_TRUTHS: Final = {"true": "Yes", "false": "No", "unknown": "Unknown", "": "Unknown"}


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two says. `at` is None where nothing tells."""

    who: str
    at: datetime | None
    segments: Sequence[Segment]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both changed. `kept` are hidden fields that carry what was said so far to the next save."""

    field: WatchedField
    label: str
    opened: str
    theirs: Side
    mine: Side
    kept: Sequence[tuple[str, str]]
    was_asked: bool

    @property
    def choice_name(self) -> str:
        """Return the name of the choice."""
        return CHOICE + self.field.html_name


@dataclass(frozen=True, slots=True)
class GoneRow:
    """An inline row this person changed and somebody else deleted. `may_return` says whether it can be brought back."""

    label: str
    told: Told | None
    choice_name: str
    typed: Sequence[tuple[str, str]]
    may_return: bool


def found_conflicts(request: HttpRequest, forms_by_label: Iterable[tuple[str, ExactModelForm]]) -> list[Conflict]:
    """Return the conflicts of a page's forms, each form's label before its fields' (empty for the row itself)."""
    found = []
    for label, form in forms_by_label:
        if form.is_gone or form.deletes_unseen_changes or not (fields := form.conflicts):
            continue
        history = row_history().latest_changes(form.instance)
        found += [_conflict(request, label, field, history) for field in fields]
    return found


def gone_rows(
    request: HttpRequest, forms_by_label: Iterable[tuple[str, ExactModelForm]], *, may_return: Collection[str]
) -> list[GoneRow]:
    """Return the rows that this person changed on the page while somebody else deleted them.

    `may_return` has the prefixes of the forms whose rows this person may bring back.
    """
    return [
        _gone_row(request, label, form, may_return=form.prefix in may_return)
        for label, form in forms_by_label
        if form.is_gone and not form.stays_gone
    ]


def told_merges(request: HttpRequest, forms_by_label: Iterable[tuple[str, ExactModelForm]]) -> list[str]:
    """Return a sentence per person who changed other fields meanwhile: who, and which."""
    by_whom: dict[str, list[str]] = {}
    for label, form in forms_by_label:
        if not (fields := form.merged):
            continue
        history = row_history().latest_changes(form.instance)
        for field in fields:
            by_whom.setdefault(who_changed(request, field, history), []).append(_labelled(label, field))
    return [f"{who} changed {get_text_list(names, 'and')} meanwhile" for who, names in by_whom.items()]


def deletion_of(form: ExactModelForm) -> Told | None:
    """Return who deleted the row of an inline form, as its page named it."""
    model = form._meta.model
    key = form.data.get(form.add_prefix(model._meta.pk.name))
    return row_history().deletion(model, key, router.db_for_write(model)) if key else None


def who_changed(request: HttpRequest, field: WatchedField, history: Mapping[str, Told]) -> str:
    """Return who last changed the field's column, in words that can begin a sentence."""
    return begun(_told_of(request, field, history))


def begun(told: Told | None) -> str:
    """Return who made a change, in words that can begin a sentence."""
    return _SOMEBODY if told is None else told.who[:1].upper() + told.who[1:] if not told.author else told.who


def as_seen_by(request: HttpRequest, told: Told | None) -> Told | None:
    """Return the change, of this very person in words for them."""
    if told is None or not told.author or told.author != request.user.get_username():
        return told
    return replace(told, who="you, in another window,", author="")


def worded(field: WatchedField, sent: Sequence[str]) -> str:
    """Return a value as the page carries it, in words; long ones are cut."""
    text = " ".join(part for part in sent if part)
    form_field = field.field
    if isinstance(form_field, forms.NullBooleanField):
        return _TRUTHS.get(text.lower(), text)
    if text and isinstance(form_field, forms.ModelChoiceField):
        text = _name_of(form_field, text)
    elif isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        text = next((str(label) for value, label in choices if text and str(value) == text), text)
    return visible(text.replace("\r\n", "\n")) or EMPTY


def cut(text: str) -> str:
    """Return the text, shortened to what a page can hold."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def _gone_row(request: HttpRequest, label: str, form: ExactModelForm, *, may_return: bool) -> GoneRow:
    told = as_seen_by(request, deletion_of(form))
    return GoneRow(
        label=visible(label),
        told=told,
        choice_name=f"{CHOICE}{form.prefix}",
        typed=[(str(field.label), worded(field, field.sent())) for field in _fields(form) if field.changed_here],
        may_return=may_return and told is not None and bool(told.row),
    )


def _conflict(request: HttpRequest, label: str, field: WatchedField, history: Mapping[str, Told]) -> Conflict:
    was_asked = OPENED + field.sent_names()[0] in field.form.data
    opened = field.sent(OPENED) if was_asked else field.sent_as_shown()
    theirs, mine = _compared(worded(field, field.as_sent(field.initial)), worded(field, field.sent()))
    told = _told_of(request, field, history)
    names = field.sent_names()
    kept = [(OPENED, opened), (MINE, field.sent())]
    return Conflict(
        field=field,
        label=_labelled(label, field),
        opened=cut(worded(field, opened)),
        theirs=Side(_SOMEBODY if told is None else told.who, None if told is None else told.at, theirs),
        mine=Side("You", None, mine),
        kept=[(prefix + name, text) for prefix, sent in kept for name, text in zip(names, sent, strict=True)],
        was_asked=was_asked,
    )


def _compared(theirs: str, mine: str) -> tuple[Sequence[Segment], Sequence[Segment]]:
    if max(len(theirs), len(mine)) <= _SHORT or EMPTY in {theirs, mine}:
        return [Segment(cut(theirs), differs=False)], [Segment(cut(mine), differs=False)]
    return compare_texts(theirs, mine)


def _told_of(request: HttpRequest, field: WatchedField, history: Mapping[str, Told]) -> Told | None:
    column: Any = field.form.instance._meta.get_field(field.name)  # type: ignore[attr-defined]  # a model's form
    return as_seen_by(request, history.get(column.column))


def _labelled(label: str, field: WatchedField) -> str:
    name = str(field.label)
    return f"{visible(label)}: {name.lower()}" if label else name


def _fields(form: ExactModelForm) -> Iterator[WatchedField]:
    return (form.watched(name) for name in form.fields if form.fields[name].show_hidden_initial)


def _name_of(form_field: "forms.ModelChoiceField[Model]", key: str) -> str:
    queryset = form_field.queryset
    try:
        row = None if queryset is None else queryset.filter(pk=key).first()
    except (ValueError, ValidationError):
        row = None
    return f"{key} (not there)" if row is None else form_field.label_from_instance(row)
