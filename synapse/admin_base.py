"""What every admin page of Synapse stands on.

What lives here: the bases of editable and of read-only pages, the panels that upper rooms add to them, and filters that
ask no query.
What does not: any registered page; those are in the apps' admin folders.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Field, Model, QuerySet, TextChoices, TextField
from django.http import HttpRequest, HttpResponse

from synapse.exact_forms import ExactModelForm, ExactTextField, KnownValueField

_ROWS_OF_LONG_TEXT = 8

_M = TypeVar("_M", bound=Model)
_P = TypeVar("_P", bound=Model)

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet

    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
else:

    class _ModelAdmin(admin.ModelAdmin):
        """Django's class, which can't be subscribed with its model when the program runs."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls

    class _TabularInline(admin.TabularInline):
        """Django's class, which can't be subscribed with its models when the program runs."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a row's page that another room knows how to fill.

    `context` returns what the template gets as `panel`; None where the person may not see it or it has nothing to say.
    """

    title: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]


_panels: defaultdict[type[Model], list[Panel]] = defaultdict(list)


def register_panel(model: type[Model], panel: Panel) -> None:
    """Show the panel on the pages of the model's rows, below their fields, after those registered before it."""
    _panels[model].append(panel)


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
        # Without it a nullable column left as shown would be saved as NULL instead of the server's default.
        if db_field.has_db_default() and not hasattr(db_field.db_default, "resolve_expression"):
            kwargs.setdefault("initial", db_field.db_default)
        # The page carries what it showed: a column somebody else changed meanwhile doesn't count as changed here.
        kwargs.setdefault("show_hidden_initial", not db_field.is_relation)
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin of admin classes

    def _text_arguments(self, column: "TextField[Any, Any]") -> dict[str, Any]:
        empty = {"empty_value": None if column.null else ""}
        known = self.known_values.get(column.name)
        if known is not None:
            blank = [("", "---------")] if column.null else []
            return {**empty, "form_class": KnownValueField, "known": [*blank, *known.choices], "widget": forms.Select}
        rows = _ROWS_OF_LONG_TEXT if column.name in self.long_texts else 1
        return {**empty, "form_class": ExactTextField, "widget": AdminTextareaWidget(attrs={"rows": rows})}


class TableAdmin(ExactFields, _ModelAdmin[_M]):
    """An editable page: saves the columns a person changed, and no others."""

    form = ExactModelForm
    change_form_template = "admin/table_change_form.html"
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form of a row, an existing one with its panels."""
        row: _M | None = context["original"]
        context["panels"] = [] if row is None else self._filled_panels(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _filled_panels(self, request: HttpRequest, row: _M) -> list[dict[str, Any]]:
        filled = ((panel, panel.context(request, row)) for panel in _panels.get(self.model, ()))
        return [
            {"title": panel.title, "template": panel.template, "context": context}
            for panel, context in filled
            if context is not None
        ]

    def save_model(self, request: HttpRequest, obj: _M, form: Any, change: Any) -> None:  # noqa: ARG002  # Django's
        """Save the row; of an existing one only what the form changed, so that no one else's edit is undone."""
        obj.save(update_fields=_changed_columns(obj, form.changed_data) if change else None)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:  # noqa: ARG002
        """Save the inline rows, of the existing ones only what changed."""
        save_changed_columns(formset)


class TableInline(ExactFields, _TabularInline[_M, _P]):
    """Editable rows within their parent's page."""

    form = ExactModelForm
    extra = 0
    show_change_link = True


class ReadOnlyAdmin(_ModelAdmin[_M]):
    """A page to look at: nobody adds, changes or deletes, and looking needs the view permission.

    A model that stands in all three databases is shown by one proxy per database with a `database_alias`.
    """

    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[_M]:
        """Return the rows of the database the model is pinned to, if it is."""
        queryset = super().get_queryset(request)
        alias: str | None = getattr(self.model, "database_alias", None)
        return queryset if alias is None else queryset.using(alias)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody deletes."""
        return False


class ViewAdmin(ReadOnlyAdmin[_M]):
    """A page for a database view: a list without pages of single rows, whose key need not be unique."""

    list_display_links = None

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _M | None:  # noqa: ARG002
        """Return the first row of that key, None where there is none."""
        return self.get_queryset(request).filter(pk=object_id).first()


class KnownValuesFilter(admin.SimpleListFilter):
    """A filter over the known values of a column; Django's own would ask for all distinct ones of a million rows."""

    known: ClassVar[type[TextChoices]]
    other = "(other)"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:  # noqa: ARG002
        """Return the known values, and the one word for all others."""
        return [*self.known.choices, (self.other, "Other")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows of the chosen value."""
        value, column = self.value(), str(self.parameter_name)
        if value is None:
            return queryset
        if value == self.other:
            return queryset.exclude(**{f"{column}__in": self.known.values})
        return queryset.filter(**{column: value})


def known_values_filter(column: str, known: type[TextChoices]) -> type[KnownValuesFilter]:
    """Return a filter over a column's known values."""
    words = {"title": column.replace("_", " "), "parameter_name": column, "known": known}
    return type(f"{known.__name__}Filter", (KnownValuesFilter,), words)


def save_changed_columns(formset: "BaseInlineFormSet[Any, Any, Any]") -> None:
    """Save a formset: new rows whole, existing ones only where they changed, deleted ones away."""
    formset.save(commit=False)
    for row in formset.deleted_objects:
        row.delete()
    for row, changed in formset.changed_objects:
        row.save(update_fields=_changed_columns(row, changed))
    for row in formset.new_objects:
        row.save()
    formset.save_m2m()


def _changed_columns(row: Model, changed: Sequence[str]) -> list[str]:
    return [column.name for column in row._meta.concrete_fields if column.name in changed]
