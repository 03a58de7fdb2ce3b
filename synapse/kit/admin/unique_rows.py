"""Unique values among the inline rows of one parent, checked before the database refuses them.

Django leaves a unique constraint out of validation where the parent is one of its columns: the inline form has no field
for it. Followed save by save, for two rows that swap their names collide in between. Rows that repeat each other within
what was typed are found by Django's formset itself.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import router

_STILL_HELD: Final = (
    "Another row has this until both are saved: give one of the two a third name and save, then the name it shall have."
)


def refuse_duplicate_rows(formset: Any) -> None:
    """Add an error to each inline form whose row would, when it is saved in its turn, repeat another row."""
    if formset.instance._state.adding:
        return
    for constraint in formset.model._meta.total_unique_constraints:
        if formset.fk.name in constraint.fields:
            _refuse_duplicates_in(formset, constraint.fields)


def _refuse_duplicates_in(formset: Any, names: Sequence[str]) -> None:
    columns = [formset.model._meta.get_field(name).attname for name in names]
    model = formset.model
    # The parent's stored rows, also those added since the page was opened.
    rows = model._base_manager.using(router.db_for_write(model)).filter(**{formset.fk.name: formset.instance.pk})  # noqa: SLF001  # documented
    held = {key: tuple(values) for key, *values in rows.values_list("pk", *columns)}
    for form in formset.deleted_forms:
        held.pop(form.instance.pk, None)
    kept = [form for form in formset.forms if form not in formset.deleted_forms]
    back = [form for form in kept if form.instance in formset.brought_back]
    # The forms to be saved, in the order of editable.save_changed_columns.
    waiting = [*back, *(form for form in kept if form not in back and form.has_changed())]
    renamed = {form.instance.pk for form in waiting if held.get(form.instance.pk) != _form_values(form, columns)}
    for form in waiting:
        key, values = form.instance.pk, _form_values(form, columns)
        holders = {other for other, theirs in held.items() if theirs == values and other != key}
        # NULLs are distinct in a unique constraint.
        if holders and None not in values and not form.errors:
            name = next((name for name in names if name in form.fields and name != formset.fk.name), None)
            form.add_error(name, ValidationError(_STILL_HELD if holders <= renamed else formset.get_form_error()))
        held[key] = values
        renamed.discard(key)


def _form_values(form: Any, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(form.instance, column) for column in columns)
