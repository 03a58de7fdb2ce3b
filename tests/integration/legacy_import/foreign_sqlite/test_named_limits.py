"""What a file asks for and SQLite lacks is named by import, sync, validation and the page of the sources."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from legacy_import.sources import source_named
from legacy_import.validation.migration_validator import MigrationValidator
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.performing import run_job_by_hand
from tests.imports import run_import

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

REVENUE = source_named("revenue")
SENTENCE = "this SQLite lacks the collation GERMAN (table customers); the rows are read as they are"


def test_all_four_say_it(legacy_dir: Path, settings: Settings, admin_client: Client) -> None:
    settings.LEGACY_DIR = legacy_dir
    with closing(sqlite3.connect(legacy_dir / REVENUE.path)) as file, file:
        file.create_collation("GERMAN", lambda one, other: (one > other) - (one < other))
        file.execute("CREATE TABLE customers (name TEXT COLLATE GERMAN PRIMARY KEY)")

    assert SENTENCE in run_import("revenue", legacy_dir).notes

    checks = MigrationValidator(legacy_dir, sources=[REVENUE]).validate_record_counts()
    (named,) = [check for check in checks if check.name == "revenue: what SQLite lacks"]
    assert (named.passed, named.detail) == (True, SENTENCE)

    # Also where the file has not changed since.
    result = run_job_by_hand("sync-legacy", requested_by="olga").result
    assert result is not None
    assert f"revenue: {SENTENCE}." in result["summary"]

    page = admin_client.get("/admin/legacy_import/importsource/").content.decode()
    assert f"{SENTENCE.removeprefix('t')}." in page
