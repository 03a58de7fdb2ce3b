"""What the nightly pruning removes and what it leaves; each step by itself, and again without harm."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage
from pytest_django import Settings

from legacy_import.backups.dumps.client import database_name
from legacy_import.models import BeforeImage, ImportRun, ValidationRun
from legacy_import.pipeline.snapshot.snapshot import take_snapshot
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.sources import source_named
from legacy_import.undo import pruning
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import JobFailedError
from synapse.kit.jobs.models import JobEffect, JobRun, WorkerCluster
from synapse.kit.jobs.performing import run_job_by_hand
from synapse.kit.jobs.pruning import prune_effects, prune_runs
from synapse.kit.jobs.queueing import queue_run
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import raise_notice, resolve_notice
from tests.factories import make_validation

pytestmark = pytest.mark.django_db(databases=ALIASES)
State = JobRun.State


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR, settings.UPLOAD_DIR, settings.LEGACY_DIR = (tmp_path / name for name in ("b", "u", "l"))
    for folder in (settings.BACKUP_DIR, settings.UPLOAD_DIR, settings.LEGACY_DIR):
        folder.mkdir()
    return tmp_path


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def pruned() -> dict[str, Any]:
    return dict(run_job_by_hand("prune", requested_by="ada").result or {})


def make_run(state: State, days: float, **columns: Any) -> JobRun:
    at = days_ago(days)
    row = {"job": "validate", "key": f"validate {uuid4()}", "state": state, "queued_at": at, "finished_at": at}
    return JobRun.objects.create(**row | columns)


def make_effects(run: JobRun, days: float) -> None:
    for alias in ALIASES:
        for step in ("", " second step"):
            JobEffect.objects.using(alias).create(key=f"{run.key}{step}", happened_at=days_ago(days))


def effects_of(run: JobRun) -> list[int]:
    return [JobEffect.objects.using(alias).filter(key__startswith=run.key).count() for alias in ALIASES]


def test_nothing_old_says_so() -> None:
    assert pruned() == {"summary": "Nothing was old enough to be removed.", "freed_bytes": 0, "removed": {}}


def test_ended_runs_go_after_90_days_with_the_keys_of_their_effects() -> None:
    old, young = make_run(State.DONE, 91), make_run(State.DONE, 89)
    for run, days in ((old, 91), (young, 89)):
        make_effects(run, days)

    assert pruned()["removed"] == {"job runs": 1, "keys of effects": 6}

    assert not JobRun.objects.filter(pk=old.pk).exists()
    assert JobRun.objects.filter(pk=young.pk).exists()
    assert (effects_of(old), effects_of(young)) == ([0, 0, 0], [2, 2, 2])


@pytest.mark.parametrize("state", [State.GIVEN_UP, State.QUEUED, State.RETRYING, State.RUNNING])
def test_a_run_that_may_still_come_stays_with_the_keys_of_its_effects(state: State) -> None:
    run = make_run(state, 400)
    make_effects(run, 400)

    assert prune_runs(days_ago(90)) == 0
    assert prune_effects(days_ago(90)) == 0

    assert effects_of(run) == [2, 2, 2]


def test_nothing_goes_that_a_waiting_message_could_ask_for_again() -> None:
    queue_run("refresh-views", requested_by="ada")
    run = make_run(State.DONE, 91)
    make_effects(run, 91)
    message = OrmQ.objects.get()
    message.payload = _queued_at(message, days_ago(92))
    message.save()

    assert (prune_runs(days_ago(90)), prune_effects(days_ago(90))) == (0, 0)

    message.delete()
    assert (prune_runs(days_ago(90)), prune_effects(days_ago(90))) == (1, 6)


def test_task_rows_workers_notices_and_validations_go_in_their_time() -> None:
    for days in (91, 89):
        at = days_ago(days)
        Task.objects.create(id=uuid4().hex, name=str(days), func="f", started=at, stopped=at)
        WorkerCluster.objects.create(host=str(days), process_id=1, seen_at=at)
        raise_notice(Kind.OVERDUE_INQUIRIES, key=str(days), title="t", text="", permission="auth.view_user", now=at)
        resolve_notice(Kind.OVERDUE_INQUIRIES, key=str(days), now=at)
    raise_notice(Kind.OVERDUE_INQUIRIES, key="open", title="t", text="", permission="auth.view_user", now=days_ago(400))
    for days in (366, 364, 1):
        make_validation(begun_at=days_ago(days))

    assert pruned()["removed"] == {
        "task rows": 1,
        "rows of former workers": 1,
        "resolved notices": 1,
        "validations": 1,
    }

    assert [task.name for task in Task.objects.all()] == ["89"]
    assert {notice.key for notice in Notice.objects.all()} == {"89", "open"}
    assert [one.begun_at > days_ago(365) for one in ValidationRun.objects.all()] == [True, True]


def test_the_last_validation_stays_however_old_it_is() -> None:
    for days in (500, 400):
        make_validation(begun_at=days_ago(days))

    assert pruned()["removed"] == {"validations": 1}

    assert ValidationRun.objects.get().begun_at > days_ago(401)


def test_old_snapshots_and_uploads_go_and_their_bytes_are_told(folders: Path, settings: Settings) -> None:
    source = source_named("primary")
    live = folders / "l" / source.path
    for days in (50, 31, 29, 1):
        _write_database(live, days)
        take_snapshot(live, directory=folders / "b" / "primary", lock_timeout_seconds=5, now=days_ago(days))
    for name, age_hours in (("old.rows", 25), ("young.rows", 23)):
        (folders / "u" / name).write_bytes(b"x" * 1000)
        os.utime(folders / "u" / name, (time.time() - age_hours * 3600,) * 2)

    result = pruned()

    assert result["removed"] == {"snapshots": 2}
    assert result["freed_bytes"] > 2 * 8192 + 1000
    assert result["summary"].startswith("Removed 2 snapshots. 0.0 MB of files freed.")
    assert [path.name for path in (folders / "u").iterdir()] == ["young.rows"]
    assert len(list((folders / "b" / "primary").glob("*.db"))) == 2


def test_what_one_step_cannot_do_leaves_the_others_be(folders: Path) -> None:
    (folders / "b" / "databases" / database_name("default") / ".lock").mkdir(parents=True)
    make_run(State.DONE, 91)

    with pytest.raises(JobFailedError, match=r"Removed 1 job runs\. Not removed: dumps of synapse_business_core: "):
        pruned()

    assert not JobRun.objects.filter(job="validate").exists()


def test_images_go_in_batches_and_never_of_a_source_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "_BATCH_ROWS", 2)
    free, held = (
        ImportRun.objects.using("default").create(source=name, status="completed", finished_at=days_ago(31))
        for name in ("week3", "primary")
    )
    for run in (free, held):
        BeforeImage.objects.using("default").bulk_create(
            BeforeImage(run_id=run.pk, table_name="ledger", row_key=str(number)) for number in range(5)
        )
    other = connections.create_connection("default")
    other.set_autocommit(False)
    with other.cursor() as cursor:
        take_source_lock(cursor, source="primary", run=str(held.pk))

        assert pruned()["removed"] == {"rows as old imports found them": 5}
        assert BeforeImage.objects.using("default").filter(run_id=held.pk, table_name="ledger").count() == 5
        assert pruning.is_pruned("default", held)
    other.rollback()
    other.close()

    assert pruned()["removed"] == {"rows as old imports found them": 5}


def test_images_of_the_last_thirty_days_stay() -> None:
    for days in (31, 29):
        run = ImportRun.objects.using("default").create(source="week3", status="completed", finished_at=days_ago(days))
        BeforeImage.objects.using("default").create(run_id=run.pk, table_name="ledger", row_key=str(days))

    assert pruned()["removed"] == {"rows as old imports found them": 1}

    assert [image.row_key for image in BeforeImage.objects.using("default").filter(table_name="ledger")] == ["29"]


def _queued_at(message: OrmQ, moment: datetime) -> str:
    return str(SignedPackage.dumps({**message.task, "started": moment}))


def _write_database(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"CREATE TABLE t{number} (a)")


def test_a_step_that_fails_for_a_reason_nobody_foresaw_leaves_the_others_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def _fail(*_arguments: Any, **_options: Any) -> int:
        raise KeyError("week_theme")

    run = make_run(State.DONE, 91)
    monkeypatch.setattr("legacy_import.services.prune_steps.prune_old_before_images", _fail)

    with pytest.raises(JobFailedError, match=r"unforeseen error [0-9a-f]+ \(KeyError: 'week_theme'\)"):
        pruned()

    assert not JobRun.objects.filter(pk=run.pk).exists()
