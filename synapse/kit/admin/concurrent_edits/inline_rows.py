"""Inline rows edited by two people at the same time: locked through their parent, merged one by one.

A row that somebody deleted meanwhile is marked so and waits for the person's choice: it stays deleted, or it is
inserted again as the change log has it, with this person's changes. Each row's fields are merged by row_merge.py.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import router
from django.db.models import Model
from unfold.forms import PaginationInlineFormSet

from synapse.kit.admin.accessible_names import set_accessible_names
from synapse.kit.admin.concurrent_edits.field_merge import CHOICE_PREFIX, MINE_CHOSEN
from synapse.kit.admin.concurrent_edits.row_history import row_history
from synapse.kit.admin.concurrent_edits.row_key_field import replace_key_field
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, parse_key
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm
from synapse.kit.admin.unique_rows import refuse_duplicate_rows

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet

    _InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    _InlineFormSet = PaginationInlineFormSet


class ConcurrentInlineFormSet(_InlineFormSet):
    """A formset of inline rows, each merged with what is stored now; a deleted one waits for the person's choice.

    `brought_back` has the deleted rows that are to be inserted again, for `editable.save_changed_columns`.
    """

    model: type[Model]

    may_bring_back = False
    """Whether this person may add rows, and so bring a deleted one back; set by the page."""

    is_refused = False
    """Whether the page is only shown again: then nothing is saved, hence nothing locked; set by the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brought_back: list[Model] = []
        if self.is_bound and not self.instance._state.adding and not self.is_refused:
            # Before the forms are built: they compare with the rows as read from here on.
            lock_rows(self.model, router.db_for_write(self.model), **{self.fk.name: self.instance.pk})

    def align_rows(self) -> None:
        """Pair each sent form with its own row on the page that is shown again.

        Django pairs them by position with the rows stored by now, of which there may be more, or fewer.
        """
        self._queryset = [form.instance for form in self.initial_forms]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        is_old = self.is_bound and i < self.initial_form_count()
        if is_old and isinstance(form, ThreeWayMergeForm) and form.instance._state.adding:
            form.mark_row_deleted()
        return form

    def clean(self) -> None:
        """Refuse rows that repeat a unique value, among themselves or of a stored row."""
        super().clean()
        refuse_duplicate_rows(self)

    def get_form_error(self) -> str:
        """Return the sentence beside a row that repeats another one."""
        return f"Another {self.model._meta.verbose_name} here has the same already; give each its own."

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the hidden key field, which costs no query of a stored row, and name the fields after their row."""
        super().add_fields(form, index)
        replace_key_field(form)
        set_accessible_names(form)

    def _existing_object(self, pk: Any) -> Any:
        """Return the stored row; where the person chose to bring a deleted one back, that row as it was."""
        row = super()._existing_object(pk)  # type: ignore[misc]
        if row is not None or pk not in self._keys_to_bring_back():
            return row
        deletion = row_history().find_deletion(self.model, pk, router.db_for_write(self.model))
        if deletion is None or not deletion.row:
            return None
        row = _rebuild_row(self.model, deletion.row)
        # The key comes from the browser: it may be that of another parent's row.
        if getattr(row, self.fk.attname) != self.instance.pk:
            return None
        self.brought_back.append(row)
        return row

    def _keys_to_bring_back(self) -> set[Any]:
        """Return the keys of the deleted rows of which the person chose "Bring it back, with my changes"."""
        if not self.may_bring_back:
            return set()
        prefixes = map(self.add_prefix, range(self.initial_form_count()))
        chosen = [prefix for prefix in prefixes if self.data.get(f"{CHOICE_PREFIX}{prefix}") == MINE_CHOSEN]
        return {parse_key(self.model, self.data.get(f"{prefix}-{self.model._meta.pk.name}")) for prefix in chosen}

    def _should_delete_form(self, form: Any) -> bool:
        """Say whether the row is deleted: not before the person has seen what somebody else changed in it."""
        marked = bool(super()._should_delete_form(form))  # type: ignore[misc]
        return marked and not (isinstance(form, ThreeWayMergeForm) and form.deletes_unseen_changes)


def _rebuild_row(model: type[Model], columns: Mapping[str, Any]) -> Model:
    """Return a deleted row as the change log has it, to be inserted again."""
    row = model(
        **{
            field.attname: field.to_python(columns[str(field.column)])
            for field in model._meta.concrete_fields
            if field.column in columns
        }
    )
    # Else the form would take it for a new row and compare nothing.
    row._state.adding = False
    row._state.db = router.db_for_write(model)
    return row
