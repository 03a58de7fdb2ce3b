"""Rows, fields and values in words."""

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from legacy_import.sources import SOURCES
from legacy_import.target_display import describe_row, field_label, format_value, target_model


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("posts", {"content": "  Ten times\nteams  "}, "Ten times teams"),
        ("posts", {"content": "x" * 70}, f"{'x' * 60}…"),
        ("posts", {"content": ""}, "post without words"),
        ("posts", None, "post deleted here"),
        ("consultation_inquiries", {"contact_name": "Ada", "company": "Acme"}, "Ada, Acme"),
        ("consultation_inquiries", {"contact_name": "Ada\u202e", "company": None}, "Ada⟨U+202E⟩"),
        ("content_patterns", {"pattern_type": "hook", "pattern_value": "question"}, "hook, question"),
    ],
)
def test_a_row_is_called_by_its_first_words(table: str, row: dict[str, Any] | None, expected: str) -> None:
    assert describe_row(table, row) == expected


def test_every_target_has_words_of_its_own_columns() -> None:
    for label in {mapping.model for source in SOURCES for mapping in source.tables}:
        table = apps.get_model(label)._meta.db_table
        columns = {str(field.column): "something" for field in target_model(table)._meta.concrete_fields}
        assert describe_row(table, columns).startswith("something"), table


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("posts", "likes", 5, "5"),
        ("posts", "likes", None, "nothing"),
        ("posts", "week_theme", "", "(empty text)"),
        ("posts", "actual_engagement_rate", 0.8, "0.8000"),
        ("consultation_inquiries", "estimated_value", 25000, "25,000.00"),
        ("posts", "posted_at", "2025-01-20T05:00:00+00:00", "20 January 2025, 07:00:00 EET"),
        ("posts", "posted_at", "2025-08-19T17:00:47.930332+00:00", "19 August 2025, 20:00:47.930332 EEST"),
        ("posts", "posted_at", "infinity", "infinity"),
        ("content_analysis", "personal_story", False, "no"),
        ("performance_predictions", "key_factors", ["ă"], '[\n  "ă"\n]'),
        ("consultation_inquiries", "source_post_id", "a", "a row that is not there any more (a)"),
    ],
)
def test_a_value_is_said_as_its_column_means_it(table: str, column: str, value: object, expected: str) -> None:
    with timezone.override("Europe/Bucharest"):
        assert format_value(table, column, value) == expected


def test_fields_are_called_as_the_admin_calls_them() -> None:
    assert field_label("posts", "dm_inquiries") == "DM inquiries"
    assert field_label("consultation_inquiries", "source_post_id") == "Source post"
