"""Arbitrary legacy files of every source: whatever they hold, each row is accounted for and the file comes back."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.timezone import localtime
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from legacy_import.mapping import Source, fold_case
from legacy_import.models import LedgerRow
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import export_sources
from legacy_import.sources import SOURCES
from tests.imports import run_import, versions
from tests.integration.legacy_import.pipeline.properties.file_dump import dump
from tests.integration.legacy_import.pipeline.properties.file_strategies import DrawnFile, legacy_files
from tests.integration.legacy_import.pipeline.properties.validating import failures
from tests.reliability import Tally

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

Empty = Callable[[str], None]

_HELD = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
_quick = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=_HELD,
    phases=[Phase.explicit, Phase.generate],
)
# Continuous integration judges the same code the same way twice; elsewhere each long run looks in new places.
_long = settings(_quick, max_examples=130, derandomize=os.environ.get("CI") == "true")


@given(file=legacy_files())
@_quick
def test_any_file_is_accounted_for_and_comes_back(
    file: DrawnFile, emptied: Empty, settings: Settings, tally: Tally
) -> None:
    check_one_file(file, emptied, settings, tally)


@pytest.mark.faults
@pytest.mark.timeout(900)
@given(file=legacy_files())
@_long
def test_many_files_are_accounted_for_and_come_back(
    file: DrawnFile, emptied: Empty, settings: Settings, tally: Tally
) -> None:
    check_one_file(file, emptied, settings, tally)


def check_one_file(file: DrawnFile, emptied: Empty, settings: Settings, tally: Tally) -> None:
    emptied(file.source.database)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings.BACKUP_DIR = folder / "backups"
        path = file.write(folder / "legacy")
        before = dump(path)

        report = run_import(file.source.name, folder / "legacy")

        assert report.error is None, report.error
        assert_accounted_for(file.source, report, before["rows"])
        assert_readable(file.source)
        (rebuilt,) = export_sources([file.source], folder / "out")
        assert dump(rebuilt.path) == before
        assert failures(file.source, folder / "legacy") == []
        assert_again_changes_nothing(file.source, report, folder / "legacy")
        tally("arbitrary files imported and rebuilt", 1)
        tally("rows of arbitrary files compared cell by cell", sum(map(len, before["rows"].values())))


def assert_accounted_for(source: Source, report: SourceReport, rows: dict[str, list[tuple[str, ...]]]) -> None:
    read = {fold_case(name): counts.read for name, counts in report.tables.items()}
    assert read == {fold_case(name): len(found) for name, found in rows.items()}
    for counts in report.tables.values():
        told = counts.inserted + counts.updated + counts.unchanged + counts.merged + counts.archived
        assert counts.read == told + counts.quarantined
        assert counts.unchanged == counts.updated == 0
    ledger = LedgerRow.objects.using(source.database).filter(source=source.name)
    assert ledger.count() == sum(read.values())
    assert not ledger.exclude(state__in=["live", "archived", "quarantined"]).exists()
    quarantined = ledger.filter(state="quarantined")
    assert quarantined.count() == sum(counts.quarantined for counts in report.tables.values())
    for row in quarantined:
        assert row.reasons
        assert all(reason["column"] and reason["expected"] for reason in row.reasons)


def assert_readable(source: Source) -> None:
    """What landed can be read by Django, and told by the local clock."""
    for table in source.tables:
        model = apps.get_model(table.model)
        for row in model._default_manager.using(source.database):
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                if field.get_internal_type() == "DateTimeField" and value is not None:
                    assert localtime(value)


def assert_again_changes_nothing(source: Source, first: SourceReport, folder: Path) -> None:
    before = versions(source.database)

    again = run_import(source.name, folder)

    assert again.error is None, again.error
    for name, counts in again.tables.items():
        assert counts.quarantined == first.tables[name].quarantined
        assert counts.unchanged + counts.quarantined == counts.read
    assert versions(source.database) == before


def _versions_of(source: Source) -> st.SearchStrategy[list[DrawnFile]]:
    return st.lists(legacy_files((source,)), min_size=2, max_size=3)


@given(files=st.sampled_from(SOURCES).flatmap(_versions_of))
@settings(_quick, max_examples=8)
def test_after_any_drift_the_last_file_comes_back(files: list[DrawnFile], emptied: Empty, settings: Settings) -> None:
    check_drift(files, emptied, settings)


@pytest.mark.faults
@pytest.mark.timeout(900)
@given(files=st.sampled_from(SOURCES).flatmap(_versions_of))
@settings(_long, max_examples=40)
def test_after_much_drift_the_last_file_comes_back(files: list[DrawnFile], emptied: Empty, settings: Settings) -> None:
    check_drift(files, emptied, settings)


def check_drift(files: list[DrawnFile], emptied: Empty, settings: Settings) -> None:
    source = files[0].source
    emptied(source.database)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings.BACKUP_DIR = folder / "backups"
        for file in files:
            path = file.write(folder / "legacy")
            report = run_import(source.name, folder / "legacy")
            assert report.error is None, report.error
            (rebuilt,) = export_sources([source], folder / "out")
            assert dump(rebuilt.path) == dump(path)
            assert_readable(source)
            assert failures(source, folder / "legacy") == []
            shutil.rmtree(folder / "out")
