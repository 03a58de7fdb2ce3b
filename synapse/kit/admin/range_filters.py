"""Range filters of a list, from … to …: of numbers and of days, both ends included.

The theme's own end a day at its first moment, and refuse nothing that is no number.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import FieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import INPUT_CLASSES


class RangeFilter(FieldListFilter):
    """A filter of two optional ends, `<column>_from` and `<column>_to` in the address."""

    template = "unfold/filters/filters_numeric_range.html"
    form_field: ClassVar[type[forms.Field]]
    input_type: ClassVar[str]

    def __init__(self, field: Any, request: HttpRequest, params: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(field, request, params, *args, **kwargs)
        self.form = forms.Form(
            {name: _last_value(self.used_parameters.get(name, "")) for name in self._parameter_names()}
        )
        for name, word in zip(self._parameter_names(), ("from", "to"), strict=True):
            attributes = {
                "type": self.input_type,
                "class": " ".join(INPUT_CLASSES),
                "aria-label": f"{self.title} {word}",
                "placeholder": word.capitalize(),
                "step": "any",
            }
            self.form.fields[name] = self.form_field(required=False, widget=forms.TextInput(attributes))

    def expected_parameters(self) -> list[str | None]:
        """Return the names of the two ends in the address."""
        return [*self._parameter_names()]

    def has_output(self) -> bool:
        """Show the filter always."""
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:  # noqa: ARG002  # Django's signature
        """Return the form, as the theme's template wants it."""
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows between the ends. Raises IncorrectLookupParameters where an end can't be read."""
        if not self.form.is_valid():
            raise IncorrectLookupParameters(self.form.errors)
        first, last = (self.form.cleaned_data[name] for name in self._parameter_names())
        return queryset.filter(**self.range_lookups(first, last))

    def range_lookups(self, first: Any, last: Any) -> dict[str, Any]:
        """Return the lookups of the two ends."""
        found = {f"{self.field_path}__gte": first, f"{self.field_path}__lte": last}
        return {lookup: value for lookup, value in found.items() if value is not None}

    def _parameter_names(self) -> tuple[str, str]:
        return f"{self.field_path}_from", f"{self.field_path}_to"


class NumberRangeFilter(RangeFilter):
    """A range of numbers."""

    form_field = forms.DecimalField
    input_type = "number"


class DayRangeFilter(RangeFilter):
    """A range of days in local time, also of a column of times."""

    template = "synapse/kit/admin/day_range_filter.html"
    form_field = forms.DateField
    input_type = "date"

    def range_lookups(self, first: Any, last: Any) -> dict[str, Any]:
        """Return the lookups; of a column of times the last day ends before the next one begins."""
        if not isinstance(self.field, DateTimeField):
            return super().range_lookups(first, last)
        found: dict[str, Any] = {}
        if first is not None:
            found[f"{self.field_path}__gte"] = _start_of_day(first)
        # No day follows the calendar's last one.
        if last is not None and last < date.max:
            found[f"{self.field_path}__lt"] = _start_of_day(last + timedelta(days=1))
        return found


def _start_of_day(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _last_value(value: Any) -> str:
    """Return the last of the values that the address has of a parameter, as Django's own filters do."""
    return str(value[-1]) if isinstance(value, list) else str(value)
