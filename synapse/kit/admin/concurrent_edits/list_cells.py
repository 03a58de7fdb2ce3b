"""Cells of a list edited in place while somebody else edits the same rows.

Each row is merged by row_merge.py. A row with a conflict is refused with a message, the other rows are saved: a list
has no room for the page of conflicts, so the person goes on in the list or on the row's own page.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import router
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.foundation.text.visible import visible
from synapse.kit.admin.accessible_names import set_accessible_names
from synapse.kit.admin.concurrent_edits.conflict_report import shorten_text, value_words, who_changed
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_key_field import replace_key_field
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, parse_key
from synapse.kit.admin.concurrent_edits.row_merge import CONFLICT, ThreeWayMergeForm

if TYPE_CHECKING:
    from django.db.models import Model

    _ModelFormSet = BaseModelFormSet[Any, Any]
else:
    _ModelFormSet = BaseModelFormSet


class ConcurrentListFormSet(_ModelFormSet):
    """The forms of a list. Rows that conflict or were deleted are taken out of it, so that the others are saved."""

    on_refusal: Callable[[ThreeWayMergeForm], None]
    """Called with each row that is refused while the others are saved."""

    refusal = ""
    """A sentence where nothing can be saved now (refusals.py)."""

    def clean(self) -> None:
        """Refuse all rows where the request was refused."""
        super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        if self.is_bound and form.instance._state.adding:
            form.mark_row_deleted()
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the hidden key field, which costs no query of a stored row, and name the fields after their row."""
        super().add_fields(form, index)
        replace_key_field(form)
        set_accessible_names(form)

    def is_valid(self) -> bool:
        """Say whether the rows can be saved, once those with nothing but conflicts are taken out."""
        if super().is_valid():
            return True
        # A mistake of the person's own keeps all rows on the page, like in any Django list.
        found = [error for form in self.forms for errors in form.errors.as_data().values() for error in errors]
        if any(error.code != CONFLICT for error in found) or self.non_form_errors():
            return False
        refused = [form for form in self.forms if form.errors]
        self.forms = [form for form in self.forms if not form.errors]
        for form in refused:
            type(self).on_refusal(form)
        return True


def lock_listed_rows(model: "type[Model]", request: HttpRequest, prefix: str) -> None:
    """Lock the rows that the list was sent with until the transaction ends; called before Django reads them."""
    name = f"-{model._meta.pk.name}"
    sent = [text for key, text in request.POST.items() if key.startswith(f"{prefix}-") and key.endswith(name)]
    keys = [key for text in sent if (key := parse_key(model, text)) is not None]
    lock_rows(model, router.db_for_write(model), pk__in=keys)


def notify_refused_row(request: HttpRequest, form: ThreeWayMergeForm, notify: Callable[[SafeString], None]) -> None:
    """Tell the person of a refused row: who changed which value to what, what was typed here, where to go on."""
    if form.is_row_deleted:
        fields = [form.three_way_field(name) for name in form.changed_data]
        typed = ", ".join(
            f"{str(field.label).lower()} “{shorten_text(value_words(field, field.sent_texts()))}”"
            for field in fields
            if field.field.show_hidden_initial
        )
        notify(format_html("A row you changed was deleted meanwhile. You had typed: {}.", typed))
        return
    model = form._meta.model
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[form.instance.pk])
    row = form.instance
    # The form has written what was typed into it.
    row.refresh_from_db()
    name = visible(str(row))
    history = row_history().latest_changes(row)
    for field in form.conflicting_fields:
        who = who_changed(request, field, history)
        notify(
            format_html(
                "{}: {} changed {} to “{}” meanwhile; you chose “{}”. What {} saved stays."
                ' Choose again in the list, or <a class="underline" href="{}">open {}</a>.',
                name,
                who,
                str(field.label).lower(),
                shorten_text(value_words(field, field.texts_of_value(field.initial))),
                shorten_text(value_words(field, field.sent_texts())),
                who,
                page,
                name,
            )
        )
