"""Moments and days at both ends of the calendar, and beyond Python's, in every table: no page breaks on them."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.db.models import DateField, Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.pipeline.quoting import identifier
from tests.every_page.addresses import every_address
from tests.every_page.paths import paths_of
from tests.imports import execute, rows
from tests.integration.every_page.test_hostile_text import _TABLES

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

ENDS = (
    "0001-01-01 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
    "9999-12-31 22:30:00+00",
    "4713-01-01 00:00:00+00 BC",
    "0001-12-31 23:00:00+00 BC",
    "10000-01-01 00:00:00+00",
    "294276-12-31 23:59:59+00",
    "infinity",
    "-infinity",
)


def test_no_page_breaks_on_the_calendars_ends(furnished: Path, admin_client: Client, quiet_refusals: None) -> None:
    written = sum(write_ends(table) for table in _TABLES)
    pages = list(chain.from_iterable(paths_of(address) for address in every_address() if address.name))

    answers = {path: admin_client.get(path) for path in pages}

    assert written > len(_TABLES)
    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    for answer in answers.values():
        b"".join(answer if answer.streaming else [])


def test_filters_take_the_calendars_ends(furnished: Path, admin_client: Client, settings: Settings) -> None:
    east, west = "Pacific/Kiritimati", "America/Los_Angeles"
    wanted = [(settings.TIME_ZONE, table) for table in _TABLES] + [(zone, ConsultationInquiry) for zone in (east, west)]
    broken = []
    for zone, table in wanted:
        settings.TIME_ZONE = zone
        page = reverse(f"admin:{table._meta.app_label}_{table._meta.model_name}_changelist")
        column = next(iter(moments_of(table)), None)
        paths = [f"{page}?{query.format(column=column)}" for query in hostile_queries()] if column else []
        broken += [path for path in paths if admin_client.get(path).status_code >= 500]
    assert broken == []


def hostile_queries() -> Iterator[str]:
    for day in ("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "4713-01-01 BC", "infinity"):
        yield f"{{column}}__gte={day}"
        yield f"{{column}}__date={day}"
        yield f"{{column}}_from={day}"
        yield f"{{column}}_to={day}"


def moments_of(table: type[Model]) -> list[str]:
    return [column.name for column in table._meta.concrete_fields if isinstance(column, DateField)]


def write_ends(table: type[Model]) -> int:
    """Write an end of the calendar into every moment of the table, as SQL can; return how many columns there are."""
    alias = {"business_core": "default"}.get(table._meta.app_label, table._meta.app_label)
    key = identifier(str(table._meta.pk.column))
    name = identifier(table._meta.db_table)
    columns = [column for column in table._meta.concrete_fields if isinstance(column, DateField)]
    for place, (row,) in enumerate(rows(alias, f"SELECT {key} FROM {name} ORDER BY {key}")):
        for turn, column in enumerate(columns):
            moment = ENDS[(place + turn) % len(ENDS)]
            execute(alias, f"UPDATE {name} SET {identifier(str(column.column))} = %s WHERE {key} = %s", [moment, row])
    return len(columns)
