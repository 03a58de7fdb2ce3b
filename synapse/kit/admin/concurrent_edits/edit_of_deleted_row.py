"""What a person typed into the page of a row that somebody deleted, to be copied from.

What lives here: reading it from what was sent. What does not: the page around it (conflicts_pages.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest

from synapse.kit.admin.concurrent_edits.conflict_report import worded
from synapse.kit.admin.concurrent_edits.field_merge import WatchedField
from synapse.kit.admin.concurrent_edits.row_merge import ExactModelForm


@dataclass(frozen=True, slots=True)
class Typed:
    """A field's text as it was sent. `was_changed` tells what this person typed from what the page had said."""

    name: str
    label: str
    text: str
    was_changed: bool

    @property
    def lines(self) -> int:
        """Return how many lines to show."""
        return min(8, 1 + self.text.count("\n") + len(self.text) // 80)


def typed_on_page(page: Any, request: HttpRequest) -> list[Typed]:
    """Return what was sent of the row and its inline rows, what was changed first."""
    typed = [_typed("", field) for field in _fields(_row_form(page, request))]
    for formset_class, inline in page.get_formsets_with_inlines(request):
        formset = formset_class(data=request.POST, instance=page.model(), prefix=formset_class.get_default_prefix())
        for number, form in enumerate(formset.forms, start=1):
            typed += [_typed(f"{inline.opts.verbose_name} {number}: ", field) for field in _fields(form)]
    return sorted((one for one in typed if one.text), key=lambda one: not one.was_changed)


def _row_form(page: Any, request: HttpRequest) -> Any:
    names = flatten_fieldsets(page.get_fieldsets(request))
    form_class = page.get_form(request, fields=names)
    # No row of the model: its columns would hold what stands for the server's defaults.
    return form_class(request.POST)


def _fields(form: Any) -> Iterator[WatchedField]:
    if isinstance(form, ExactModelForm):
        yield from (form.watched(name) for name in form.fields if form.fields[name].show_hidden_initial)


def _typed(prefix: str, field: WatchedField) -> Typed:
    sent = field.sent()
    # The key of another row says nothing to a person; all else is given back as it was typed.
    text = worded(field, sent) if hasattr(field.field, "queryset") else " ".join(filter(None, sent))
    return Typed(field.html_name, f"{prefix}{field.label}", text if any(sent) else "", field.changed_here)
