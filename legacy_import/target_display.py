"""Target rows, their fields and their values in words for people; the page that shows them escapes them.

Legacy cells are legacy_import.cell_display.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from legacy_import.cell_display import visible
from legacy_import.sources import SOURCES

NOTHING: Final = "nothing"
"""NULL in words."""

EMPTY_TEXT: Final = "(empty text)"

_MAX_NAME_LENGTH: Final = 60
_NAMING_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "posts": ("content",),
    "consultation_inquiries": ("contact_name", "company"),
    "business_pipeline": ("month",),
    "content_analysis": ("post_id",),
    "content_patterns": ("pattern_type", "pattern_value"),
    "performance_predictions": ("post_id",),
    "attribution_tracking": ("content_id", "touchpoint"),
    "revenue_opportunities": ("customer_segment", "lead_source"),
    "ab_tests": ("test_name",),
    "test_variants": ("variant_name",),
    "content_recommendations": ("content_topic",),
    "content_pieces": ("original_content",),
    "platform_adaptations": ("platform", "adapted_content"),
}
"""The columns whose first words name a row."""


@cache
def target_model(table: str) -> type[models.Model]:
    """Return the model of a target table. Raises LookupError where no source declares it."""
    labels = {mapping.model for source in SOURCES for mapping in source.tables}
    found = next((model for model in map(apps.get_model, sorted(labels)) if model._meta.db_table == table), None)
    if found is None:
        raise LookupError(f"{table} is no target of a declared source")
    return found


@cache
def find_model_field(table: str, column: str) -> "models.Field[Any, Any] | None":
    """Return the field behind a column, None where the table has lost it."""
    return next((field for field in target_model(table)._meta.concrete_fields if field.column == column), None)


def parent_table(table: str, column: str) -> str | None:
    """Return the table whose rows the column points to, None where it is no reference."""
    field = find_model_field(table, column)
    if not isinstance(field, models.ForeignKey) or not isinstance(field.related_model, type):
        return None
    return field.related_model._meta.db_table


def field_label(table: str, column: str) -> str:
    """Return what the admin calls the column."""
    field = find_model_field(table, column)
    words = str(field.verbose_name) if field is not None else column.replace("_", " ")
    return words[:1].upper() + words[1:]


def describe_row(table: str, row: Mapping[str, Any] | None) -> str:
    """Return words that name a row; `row` is None where it is not there any more."""
    noun = str(target_model(table)._meta.verbose_name)
    if row is None:
        return f"{noun} deleted here"
    texts = (" ".join(str(row.get(column) or "").split()).lstrip("#*> ") for column in _NAMING_COLUMNS.get(table, ()))
    words = ", ".join(filter(None, texts))
    if not words:
        return f"{noun} without words"
    return visible(words if len(words) <= _MAX_NAME_LENGTH else f"{words[:_MAX_NAME_LENGTH].rstrip()}…")


def format_value(table: str, column: str, value: object, *, parents: Mapping[str, str] | None = None) -> str:
    """Return a column's JSON value; `parents` are the words of the rows that references point to, by key."""
    field = find_model_field(table, column)
    match value, field:
        case None, _:
            words = NOTHING
        case "", _:
            words = EMPTY_TEXT
        case _, models.ForeignKey():
            words = (parents or {}).get(str(value)) or f"a row that is not there any more ({value})"
        case _, models.DateTimeField():
            words = format_moment(str(value))
        case _, models.DecimalField(decimal_places=places):
            words = f"{Decimal(str(value)):,.{places}f}"
        case bool(), _:
            words = "yes" if value else "no"
        case _, models.JSONField():
            words = json.dumps(value, ensure_ascii=False, indent=2)
        case _:
            words = str(value)
    return visible(words)


def format_moment(iso: str) -> str:
    """Return a moment, an ISO timestamp, in local time; microseconds only where there are any."""
    try:
        moment = timezone.localtime(datetime.fromisoformat(iso))
    except (ValueError, OverflowError):
        return visible(iso)
    fraction = f".{moment.microsecond:06d}" if moment.microsecond else ""
    return f"{date_format(moment, 'j F Y, H:i:s')}{fraction} {moment:%Z}"
