"""What a person typed into the page of a row that somebody deleted meanwhile, shown to be copied.

Read from what was sent alone; the page around it is `ConcurrentEditAdmin._answer_edit_of_deleted_row`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest

from synapse.kit.admin.concurrent_edits.conflict_report import value_words
from synapse.kit.admin.concurrent_edits.field_merge import ThreeWayField
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A field's text as it was sent; `was_changed` says that this person typed it, not the page."""

    name: str
    label: str
    text: str
    was_changed: bool

    @property
    def shown_lines(self) -> int:
        """Return how many lines to show, at most 8."""
        return min(8, 1 + self.text.count("\n") + len(self.text) // 80)


def read_typed_values(page: Any, request: HttpRequest) -> list[TypedValue]:
    """Return what was sent of the row and its inline rows, changed values first; empty ones are left out."""
    form_class = page.get_form(request, fields=flatten_fieldsets(page.get_fieldsets(request)))
    # Without an instance: a model's new row has expressions in place of the server's defaults.
    typed = [_typed_value("", field) for field in _watched_fields(form_class(request.POST))]
    for formset_class, inline in page.get_formsets_with_inlines(request):
        formset = formset_class(data=request.POST, instance=page.model(), prefix=formset_class.get_default_prefix())
        for number, form in enumerate(formset.forms, start=1):
            typed += [_typed_value(f"{inline.opts.verbose_name} {number}: ", field) for field in _watched_fields(form)]
    return sorted((one for one in typed if one.text), key=lambda one: not one.was_changed)


def _watched_fields(form: Any) -> Iterator[ThreeWayField]:
    if isinstance(form, ThreeWayMergeForm):
        yield from (form.three_way_field(name) for name in form.fields if form.fields[name].show_hidden_initial)


def _typed_value(prefix: str, field: ThreeWayField) -> TypedValue:
    sent = field.sent_texts()
    # A reference is shown by the row's name, for its key says nothing to a person; all else as it was typed.
    text = value_words(field, sent) if hasattr(field.field, "queryset") else " ".join(filter(None, sent))
    return TypedValue(field.html_name, f"{prefix}{field.label}", text if any(sent) else "", field.changed_here)
