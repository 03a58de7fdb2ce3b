"""The sync reads a file again where the import's code, clock or record of it is another, and only there."""

from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.models import SourceSync
from legacy_import.pipeline import fingerprint
from tests.integration.legacy_import.services.ticks import sync_of, tick

VERSION_0_1 = "3336baabc66c8433cdb33c44b00e32135c3e3a2b28f130ab1a81cf8ec440fc84"
"""The code's part as version 0.1 computed it."""

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.mark.parametrize("what", ["the code", "the clock", "nothing known"])
def test_another_reading_reads_the_file_again(
    imported_primary: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    assert tick("primary").state == "unchanged"
    if what == "the code":
        monkeypatch.setattr(fingerprint, "loaded_code", lambda: "of another version")
    elif what == "the clock":
        settings.LEGACY_TIME_ZONE = "Europe/Paris"
    else:
        SourceSync.objects.all().delete()

    assert [tick("primary").state for _ in range(2)] == ["imported", "unchanged"]


def test_an_earlier_fingerprint_that_is_declared_equal_is_current_and_replaced(
    imported_primary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = fingerprint._hash_parts(VERSION_0_1, fingerprint._migration_state("default"))
    SourceSync.objects.filter(source="primary").update(reading=earlier)
    monkeypatch.setattr(fingerprint, "EQUIVALENT_CODE", {fingerprint.loaded_code(): frozenset({VERSION_0_1})})

    assert tick("primary").state == "unchanged"
    assert sync_of("primary").reading == fingerprint.import_fingerprint("default")


@pytest.mark.parametrize("equal_to", ["nothing", "other code"])
def test_an_earlier_fingerprint_that_is_not_declared_equal_reads_the_file_again(
    imported_primary: Path, monkeypatch: pytest.MonkeyPatch, equal_to: str
) -> None:
    earlier = fingerprint._hash_parts(VERSION_0_1, fingerprint._migration_state("default"))
    SourceSync.objects.filter(source="primary").update(reading=earlier)
    declared = {"other": frozenset({VERSION_0_1})} if equal_to == "other code" else {}
    monkeypatch.setattr(fingerprint, "EQUIVALENT_CODE", declared)

    assert tick("primary").state == "imported"
