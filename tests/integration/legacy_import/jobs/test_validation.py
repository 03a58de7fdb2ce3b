"""The nightly validation as a job: its answer, also where it fails or there is nothing to validate."""

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.models import ValidationRun
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import JobFailedError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick, run_job_by_hand
from synapse.kit.notices.models import Notice
from tests.imports import execute, run_import

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)
TICK = "2026-11-23T01:00:00+00:00"


@pytest.fixture
def legacy_side(legacy_dir: Path, settings: Settings) -> Path:
    settings.LEGACY_DIR = legacy_dir
    return legacy_dir


@pytest.fixture
def imported(legacy_side: Path) -> Path:
    for source in SOURCES:
        assert run_import(source.name, legacy_side).error is None
    return legacy_side


def test_a_failed_validation_is_an_answer_and_no_failure(imported: Path) -> None:
    execute("default", "UPDATE posts SET likes = likes + 1 WHERE data_source = 'week3'")

    perform_tick("validate", TICK)
    perform_tick("validate", TICK)

    run = JobRun.objects.get()
    assert (run.state, run.attempts) == (JobRun.State.DONE, 1)
    assert run.result is not None
    assert run.result["passed"] is False
    assert run.result["summary"].startswith("1 of ")
    assert run.result["failed"] == ["week3: data integrity"]
    assert run.result["validation"] == str(ValidationRun.objects.get().pk)
    assert Notice.objects.filter(resolved_at=None).count() == 1


def test_once_the_legacy_side_is_switched_off_there_is_nothing_to_hold_against(
    legacy_side: Path, settings: Settings
) -> None:
    assert run_import("primary", legacy_side).error is None
    settings.LEGACY_IS_ALIVE = False

    run = run_job_by_hand("validate", requested_by="ada")

    assert run.result == {
        "summary": "The legacy side is switched off (LEGACY_IS_ALIVE=off): nothing to hold the databases against."
    }
    assert not ValidationRun.objects.exists()


def test_a_folder_that_is_lost_needs_a_person(legacy_side: Path) -> None:
    assert run_import("primary", legacy_side).error is None
    shutil.rmtree(legacy_side)

    with pytest.raises(JobFailedError, match="is gone or holds none of the files it held at"):
        run_job_by_hand("validate", requested_by="ada")


def test_before_the_first_import_nobody_is_alarmed(legacy_side: Path) -> None:
    run = run_job_by_hand("validate", requested_by="ada")

    assert run.result == {"summary": "Nothing was imported yet: nothing to validate."}
    assert not Notice.objects.exists()
