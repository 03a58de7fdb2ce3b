"""Editable pages: TableAdmin and TableInline, the bases of every table's page in the apps' admin folders.

They save only the columns that a person changed, and lose nobody's edit (concurrent_edits/). Read-only pages have their
bases in read_only.py.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Field, JSONField, Model, TextChoices, TextField
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from synapse.kit.admin.concurrent_edits.concurrent_edit_admin import ConcurrentEditAdmin
from synapse.kit.admin.concurrent_edits.inline_rows import ConcurrentInlineFormSet
from synapse.kit.admin.concurrent_edits.refusals import request_refusal
from synapse.kit.admin.concurrent_edits.row_merge import ThreeWayMergeForm
from synapse.kit.admin.delete_pages import DeletePages
from synapse.kit.admin.exact_fields import ExactTextField, KnownValueField, PrettyJSONField
from synapse.kit.admin.import_pages import ImportPages
from synapse.kit.admin.panels import build_row_panels
from synapse.kit.admin.prefill import CheckedPrefill
from synapse.kit.admin.totals import ListTotals
from synapse.kit.admin.unfold_classes import ThemedModelAdmin, ThemedTabularInline

_ROWS_OF_LONG_TEXT = 8

_M = TypeVar("_M", bound=Model)
_P = TypeVar("_P", bound=Model)

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet


class ExactFields:
    """Gives an admin class form fields that keep untouched values exactly and start from the server's defaults."""

    long_texts: ClassVar[Sequence[str]] = ()
    """Text columns shown tall; every text column takes several lines, for the legacy ones hold line ends."""

    known_values: ClassVar[dict[str, type[TextChoices]]] = {}
    """Columns offered as a choice of known values."""

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Return the column's form field."""
        if isinstance(db_field, TextField):
            kwargs |= self._text_arguments(db_field)
        if isinstance(db_field, JSONField):
            kwargs |= {"form_class": PrettyJSONField, "widget": UnfoldAdminTextareaWidget(attrs={"rows": 1})}
        # Show the server's default: a nullable column left empty would be saved as NULL instead of it.
        # An expression (now()) has no value before the row is inserted.
        if db_field.has_db_default() and not hasattr(db_field.db_default, "resolve_expression"):
            kwargs.setdefault("initial", db_field.db_default)
        # The base of the three-way merge: the page carries what it showed in a hidden input.
        kwargs.setdefault("show_hidden_initial", True)
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin of admin classes

    def _text_arguments(self, column: "TextField[Any, Any]") -> dict[str, Any]:
        empty = {"empty_value": None if column.null else ""}
        known = self.known_values.get(column.name)
        if known is not None:
            blank = [("", "---------")] if column.null else []
            return {
                **empty,
                "form_class": KnownValueField,
                "known": [*blank, *known.choices],
                "widget": UnfoldAdminSelectWidget,
            }
        rows = _ROWS_OF_LONG_TEXT if column.name in self.long_texts else 1
        return {**empty, "form_class": ExactTextField, "widget": UnfoldAdminTextareaWidget(attrs={"rows": rows})}


# The order matters: ConcurrentEditAdmin locks the row, then the classes after it act on it.
class TableAdmin(
    CheckedPrefill,
    ExactFields,
    ListTotals,
    ConcurrentEditAdmin[_M],
    DeletePages[_M],
    ImportPages[_M],
    ThemedModelAdmin[_M],
):
    """An editable page: saves the columns a person changed, no others, and loses nobody's edit."""

    form = ThreeWayMergeForm
    change_form_template = "admin/table_change_form.html"
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form of a row, an existing one with its panels."""
        row: _M | None = context["original"]
        context["panels"] = [] if row is None else build_row_panels(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: _M, form: Any, change: Any) -> None:
        """Save the row; of an existing one only the columns that the form changed, so that no other edit is undone."""
        if change:
            obj.save(update_fields=_changed_columns(obj, form.changed_data))
        else:
            super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:  # noqa: ARG002
        """Save the inline rows, of the existing ones only what changed."""
        save_changed_columns(formset)


class TableInline(ExactFields, ThemedTabularInline[_M, _P]):
    """Editable rows within their parent's page."""

    form = ThreeWayMergeForm
    formset = ConcurrentInlineFormSet
    extra = 0
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset, which brings deleted rows back for those who may add rows."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.may_bring_back = self.has_add_permission(request, obj)
        formset.is_refused = bool(request_refusal(request))
        return formset


def save_changed_columns(formset: "BaseInlineFormSet[Any, Any, Any]") -> None:
    """Save a formset: delete, restore the rows brought back, update changed columns, insert new rows."""
    formset.save(commit=False)
    for row in formset.deleted_objects:
        row.delete()
    brought_back: Sequence[Model] = getattr(formset, "brought_back", ())
    for row in brought_back:
        row.save(force_insert=True)
    for row, changed in formset.changed_objects:
        if row not in brought_back:
            row.save(update_fields=_changed_columns(row, changed))
    for row in formset.new_objects:
        row.save()
    formset.save_m2m()


def _changed_columns(row: Model, changed: Sequence[str]) -> list[str]:
    return [column.name for column in row._meta.concrete_fields if column.name in changed]
