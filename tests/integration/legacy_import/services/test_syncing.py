"""An import somebody has undone stays undone: no tick overrules a person, whenever the undo came."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from pytest_django import Settings

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun
from legacy_import.services import syncing, unchanged_file
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from tests.imports import run_import
from tests.integration.legacy_import.services.ticks import sync_of, tick
from tests.legacy_files import DUPLICATE, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_RENAMED = "UPDATE consultation_inquiries SET company = 'Renamed GmbH'"


@pytest.fixture
def imported(settings: Settings, legacy_dir: Path) -> Path:
    settings.LEGACY_DIR = legacy_dir
    assert run_import("duplicate", legacy_dir).error is None
    return legacy_dir


def undo() -> None:
    undo_run(UndoRequest("default", latest_import("duplicate").pk, requested_by="olga"))


def test_an_undo_between_the_look_and_the_import_is_heeded(imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = unchanged_file.look_at_file

    def overtaken(*args: object, **names: object) -> unchanged_file.Look:
        answer = look(*args, **names)  # type: ignore[arg-type]
        undo()
        return answer

    monkeypatch.setattr(syncing, "look_at_file", overtaken)
    change(imported / DUPLICATE, _RENAMED)

    held = tick("duplicate")

    assert (held.state, "olga has undone its import" in held.sentence) == ("held", True)
    assert not ConsultationInquiry.objects.exists()
    assert "olga has undone its import" in sync_of("duplicate").error


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_undo_after_which_the_clock_was_set_is_heeded(imported: Path, hours: int) -> None:
    change(imported / DUPLICATE, _RENAMED)
    assert tick("duplicate").state == "imported"
    undo()
    undos = ImportRun.objects.using("default").filter(kind=ImportRun.Kind.UNDO)
    undos.update(finished_at=F("finished_at") + timedelta(hours=hours))

    assert tick("duplicate").state == "held"

    assert run_import("duplicate", imported).error is None
    assert tick("duplicate").state == "unchanged"
