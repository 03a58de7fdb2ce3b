"""The job load-legacy, which a start queues: it imports, has the result validated, and says how far it is."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from business_core.models import Post
from legacy_import.jobs import await_load, queue_load
from legacy_import.jobs.loading import STARTED_BY, Loading, read_loading
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import JobFailedError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import run_job_by_hand
from tests.legacy_files import DUPLICATE, PRIMARY, only

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@pytest.fixture
def two_files(settings: Settings, legacy_dir: Path, tmp_path: Path) -> Path:
    (tmp_path / "few").mkdir()
    settings.LEGACY_DIR = only(legacy_dir, PRIMARY, DUPLICATE, into=tmp_path / "few")
    return tmp_path / "few"


def jobs() -> list[tuple[str, str]]:
    return list(JobRun.objects.order_by("queued_at").values_list("job", "state"))


def a_run(job: str, state: JobRun.State, **values: Any) -> JobRun:
    return JobRun.objects.create(job=job, key=f"{job} a", state=state, requested_by=STARTED_BY, **values)


def test_it_imports_and_then_queues_the_validation(two_files: Path) -> None:
    run = run_job_by_hand("load-legacy", requested_by=STARTED_BY)

    assert run.state == JobRun.State.DONE
    assert Post.objects.exists()
    assert jobs() == [("load-legacy", "done"), ("validate", "queued")]
    assert read_loading() == Loading(is_validating=True, progress="waiting for a worker", to_come="")
    assert await_load(timeout_seconds=0) == (
        "The legacy files are in step (11 absent, 2 imported). A worker validates them now."
    )


def test_a_source_that_fails_leaves_the_others_and_the_validation(two_files: Path) -> None:
    (two_files / PRIMARY).write_bytes(b"no database" * 1000)

    with pytest.raises(JobFailedError):
        run_job_by_hand("load-legacy", requested_by=STARTED_BY)

    assert jobs() == [("load-legacy", "settled"), ("validate", "queued")]
    assert Post.objects.exists()
    said = await_load(timeout_seconds=0)
    assert said.startswith("Not every legacy file could be imported: The legacy file ")
    assert said.endswith(" The page Operations has the rest.")


def test_without_any_file_it_says_so(settings: Settings, two_files: Path) -> None:
    shutil.rmtree(two_files)

    run_job_by_hand("load-legacy", requested_by=STARTED_BY)

    assert "nothing to pull in" in await_load(timeout_seconds=0)


def test_a_second_start_queues_no_second_load() -> None:
    queue_load()
    queue_load()

    assert jobs() == [("load-legacy", "queued")]


def test_a_start_after_a_finished_load_queues_another(two_files: Path) -> None:
    run_job_by_hand("load-legacy", requested_by=STARTED_BY)

    queue_load()

    assert ("load-legacy", "queued") in jobs()


@pytest.mark.parametrize(
    ("state", "values", "progress"),
    [
        (JobRun.State.QUEUED, {}, "waiting for a worker"),
        (JobRun.State.RUNNING, {}, "just begun"),
        (
            JobRun.State.RUNNING,
            {"progress": {"done": 2, "total": 13, "words": "week3: merge"}},
            "2 of 13 files, week3: merge",
        ),
        (JobRun.State.RETRYING, {"error": "It is locked."}, "failed and will be tried again, because It is locked."),
    ],
)
def test_an_import_that_takes_longer_is_told_with_what_is_to_come(
    state: JobRun.State, values: dict[str, Any], progress: str
) -> None:
    a_run("load-legacy", state, **values)

    assert read_loading() == Loading(is_validating=False, progress=progress, to_come="the validation")
    assert await_load(timeout_seconds=0) == (
        f"The legacy files are still being imported ({progress}). Still to come: the validation."
        " The front page says how far it is."
    )


def test_a_validation_that_no_start_asked_for_is_no_load() -> None:
    JobRun.objects.create(job="validate", key="nightly", state=JobRun.State.RUNNING, requested_by="the schedule")

    assert read_loading() is None
