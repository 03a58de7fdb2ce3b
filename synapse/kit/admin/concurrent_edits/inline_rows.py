"""Inline rows that two people edit at the same time.

What lives here: the formset that locks them, notices deleted ones and brings one back. What does not: the fields
(watched_fields.py) and the words (conflicts.py).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import router
from django.db.models import Model
from unfold.forms import PaginationInlineFormSet

from synapse.kit.admin.accessible_names import name_fields
from synapse.kit.admin.concurrent_edits.field_merge import CHOICE, MINE_CHOSEN
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_key_field import know_own_row
from synapse.kit.admin.concurrent_edits.row_locks import key_of, lock_rows
from synapse.kit.admin.concurrent_edits.row_merge import ExactModelForm
from synapse.kit.admin.unique_rows import refuse_repeats

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet

    _InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    _InlineFormSet = PaginationInlineFormSet


class MeetingInlineFormSet(_InlineFormSet):
    """Inline rows, each compared with what it holds now; a deleted one waits for the person's choice."""

    model: type[Model]

    may_bring_back = False
    """Whether this person may add rows, and so bring a deleted one back; set by the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brought_back: list[Model] = []
        if self.is_bound and not self.instance._state.adding:
            lock_rows(self.model, router.db_for_write(self.model), **{self.fk.name: self.instance.pk})

    def align_rows(self) -> None:
        """Have the page pair each sent form with its own row: Django pairs them with the rows there are by now."""
        self._queryset = [form.instance for form in self.initial_forms]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        is_old = self.is_bound and i < self.initial_form_count()
        if is_old and isinstance(form, ExactModelForm) and form.instance._state.adding:
            form.mark_gone()
        return form

    def clean(self) -> None:
        """Refuse rows that are alike where they may not be, among themselves or with what is stored."""
        super().clean()
        refuse_repeats(self)

    def get_form_error(self) -> str:
        """Return the sentence beside a row that is like another one."""
        return f"Another {self.model._meta.verbose_name} here has the same already; give each its own."

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the hidden key, of a row that exists without a query, and name the fields after their row."""
        super().add_fields(form, index)
        know_own_row(form)
        name_fields(form)

    def _existing_object(self, pk: Any) -> Any:
        """Return the row, a deleted one as it was where the person chose to bring it back."""
        row = super()._existing_object(pk)  # type: ignore[misc]
        if row is not None or pk not in self._keys_to_bring_back():
            return row
        told = row_history().deletion(self.model, pk, router.db_for_write(self.model))
        if told is None or not told.row:
            return None
        row = _as_it_was(self.model, told.row)
        # Anybody can send the key of another parent's row.
        if getattr(row, self.fk.attname) != self.instance.pk:
            return None
        self.brought_back.append(row)
        return row

    def _keys_to_bring_back(self) -> set[Any]:
        if not self.may_bring_back:
            return set()
        prefixes = map(self.add_prefix, range(self.initial_form_count()))
        chosen = [prefix for prefix in prefixes if self.data.get(f"{CHOICE}{prefix}") == MINE_CHOSEN]
        return {key_of(self.model, self.data.get(f"{prefix}-{self.model._meta.pk.name}")) for prefix in chosen}

    def _should_delete_form(self, form: Any) -> bool:
        """Say whether the row goes: not before the person has seen what somebody else changed in it."""
        marked = bool(super()._should_delete_form(form))  # type: ignore[misc]
        return marked and not (isinstance(form, ExactModelForm) and form.deletes_unseen_changes)


def _as_it_was(model: type[Model], columns: Mapping[str, Any]) -> Model:
    """Return a deleted row as the log has it, to be saved anew."""
    row = model(
        **{
            field.attname: field.to_python(columns[str(field.column)])
            for field in model._meta.concrete_fields
            if field.column in columns
        }
    )
    # The form compares it like a row that is there.
    row._state.adding = False
    row._state.db = router.db_for_write(model)
    return row
