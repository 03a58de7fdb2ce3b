"""Lists whose cells are edited in place while somebody else edits the same rows.

What lives here: the formset that saves what it may and refuses, row by row, what would be lost, with the words for it.
What does not: the fields (watched_fields.py), and pages of single rows (tables.py).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import router
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from synapse.foundation.text.visible import visible
from synapse.kit.admin.accessible_names import name_fields
from synapse.kit.admin.concurrent_edits.conflict_report import cut, who_changed, worded
from synapse.kit.admin.concurrent_edits.field_merge import WatchedField
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_key_field import know_own_row
from synapse.kit.admin.concurrent_edits.row_locks import key_of, lock_rows
from synapse.kit.admin.concurrent_edits.row_merge import CONFLICT, ExactModelForm

if TYPE_CHECKING:
    from django.db.models import Model

    _ModelFormSet = BaseModelFormSet[Any, Any]
else:
    _ModelFormSet = BaseModelFormSet


class MeetingListFormSet(_ModelFormSet):
    """A list's forms. Rows changed or deleted meanwhile leave it once the others can be saved, each with a word."""

    on_refusal: Callable[[ExactModelForm], None]
    """Called with each row that is refused while the others are saved."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        if self.is_bound and form.instance._state.adding:
            form.mark_gone()
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the hidden key, of a row that exists without a query, and name the fields after their row."""
        super().add_fields(form, index)
        know_own_row(form)
        name_fields(form)

    def is_valid(self) -> bool:
        """Judge the rows; what somebody else changed meanwhile is refused by itself and does not stop the others."""
        if super().is_valid():
            return True
        if any(not _is_only_conflict(form) for form in self.forms) or self.non_form_errors():
            return False
        refused = [form for form in self.forms if form.errors]
        self.forms = [form for form in self.forms if not form.errors]
        for form in refused:
            type(self).on_refusal(form)
        return True


def lock_listed_rows(model: "type[Model]", request: HttpRequest, prefix: str) -> None:
    """Lock the rows the list was sent with, so that what they hold now stays so until they are saved."""
    name = f"-{model._meta.pk.name}"
    sent = [text for key, text in request.POST.items() if key.startswith(f"{prefix}-") and key.endswith(name)]
    keys = [key for text in sent if (key := key_of(model, text)) is not None]
    lock_rows(model, router.db_for_write(model), pk__in=keys)


def tell_refused(request: HttpRequest, form: ExactModelForm, tell: Callable[[SafeString], None]) -> None:
    """Say of a refused row what was changed by whom, what was typed here, and where to go on."""
    if form.is_gone:
        tell(format_html("A row you changed was deleted meanwhile. You had typed: {}.", _typed(form)))
        return
    model = form._meta.model
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[form.instance.pk])
    row = form.instance
    row.refresh_from_db()
    name = visible(str(row))
    history = row_history().latest_changes(row)
    for field in form.conflicts:
        who = who_changed(request, field, history)
        tell(
            format_html(
                "{}: {} changed {} to “{}” meanwhile; you chose “{}”. What {} saved stays."
                ' Choose again in the list, or <a class="underline" href="{}">open {}</a>.',
                name,
                who,
                str(field.label).lower(),
                cut(worded(field, field.as_sent(field.initial))),
                cut(worded(field, field.sent())),
                who,
                page,
                name,
            )
        )


def _typed(form: ExactModelForm) -> str:
    fields = [form.watched(name) for name in form.changed_data]
    return ", ".join(_cell(field) for field in fields if field.field.show_hidden_initial)


def _cell(field: WatchedField) -> str:
    return f"{str(field.label).lower()} “{cut(worded(field, field.sent()))}”"


def _is_only_conflict(form: Any) -> bool:
    errors = (error for errors in form.errors.as_data().values() for error in errors)
    return all(error.code == CONFLICT for error in errors)
