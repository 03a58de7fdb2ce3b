"""Tables, columns and values of the change log in words that a person reads.

Text only, with invisible characters made visible; templates escape it. Whole changes are timeline.py's.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE
from synapse.foundation.text.visible import visible

DATABASE_WORDS: Final = {BUSINESS_CORE: "Business core", ANALYTICS: "Analytics", REVENUE: "Revenue"}

NOTHING: Final = "empty"
"""The word for NULL."""

EMPTY_TEXT: Final = "empty text"


@cache
def find_table_model(table: str) -> type[models.Model] | None:
    """Return the model of a table, None where no app has one."""
    own = (model for model in apps.get_models() if not model._meta.proxy and model._meta.managed)
    return next((model for model in own if model._meta.db_table == table), None)


def row_noun(table: str, count: int = 1) -> str:
    """Return the noun for one row (or `count` rows) of the table."""
    model = find_table_model(table)
    if model is None:
        return f"row of {table}" if count == 1 else f"rows of {table}"
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def format_row_count(table: str, count: int) -> str:
    """Return a number of rows with their noun: "3 posts"."""
    return f"{count:,} {row_noun(table, count)}"


@cache
def find_column_field(table: str, column: str) -> "models.Field[Any, Any] | None":
    """Return the field behind a column, None where the table has lost it."""
    model = find_table_model(table)
    fields = model._meta.concrete_fields if model is not None else ()
    return next((field for field in fields if field.column == column), None)


def column_label(table: str, column: str) -> str:
    """Return the column's label, as the admin has it."""
    field = find_column_field(table, column)
    words = str(field.verbose_name) if field is not None else column.replace("_", " ")
    return visible(words[:1].upper() + words[1:])


def format_column_value(table: str, column: str, value: object, *, parents: Mapping[str, str] | None = None) -> str:
    """Return a column's JSON value; `parents` are the words of the rows that references point to, by key."""
    field = find_column_field(table, column)
    match value, field:
        case None, _:
            words = NOTHING
        case "", _:
            words = EMPTY_TEXT
        case _, models.ForeignKey():
            words = (parents or {}).get(str(value)) or f"a row that is not there any more ({value})"
        case str(), models.DateTimeField():
            words = _format_iso_timestamp(value)
        case str(), models.DateField():
            words = _format_iso_date(value)
        case _, models.DecimalField(decimal_places=places):
            words = _format_decimal(value, places)
        case bool(), _:
            words = "Yes" if value else "No"
        case _, models.JSONField():
            words = json.dumps(value, ensure_ascii=False, indent=2)
        case _:
            words = _known_labels(table, column).get(str(value), str(value))
    return visible(words)


def author_label(author: str | None) -> str:
    """Return a label for the author of a change; None is somebody who wrote from outside the admin."""
    return visible(author) if author else "somebody outside the admin"


def format_local_time(moment: datetime) -> str:
    """Return a time in the local zone; seconds only where there are any."""
    local = timezone.localtime(moment)
    return date_format(local, "j M Y, H:i:s" if local.second or local.microsecond else "j M Y, H:i")


def format_time_ago(moment: datetime) -> str:
    """Return how long ago a time was, in one unit: "3 hours ago"."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


@cache
def _known_labels(table: str, column: str) -> Mapping[str, str]:
    """Return the labels of the values that the column, or its admin page, knows."""
    field, model = find_column_field(table, column), find_table_model(table)
    if field is None or model is None:
        return {}
    page = admin.site.get_model_admin(model) if admin.site.is_registered(model) else None
    known = getattr(page, "known_values", {}).get(field.name)
    choices = known.choices if known is not None else field.flatchoices
    return {str(value): str(label) for value, label in choices}


def _format_iso_timestamp(iso: str) -> str:
    try:
        return format_local_time(datetime.fromisoformat(iso))
    except (ValueError, OverflowError):
        return iso


def _format_iso_date(iso: str) -> str:
    try:
        return date_format(date.fromisoformat(iso), "j M Y")
    except ValueError:
        return iso


def _format_decimal(value: object, places: int) -> str:
    try:
        return f"{Decimal(str(value)):,.{places}f}"
    except InvalidOperation:
        return str(value)
