"""Runs that came later: those that stand on an import have to be undone first, or with it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from legacy_import.errors import TerminalError
from legacy_import.models import BeforeImage, ImportRun
from legacy_import.services import undoing
from legacy_import.services.undoing import LaterRunsError, UndoRequest, find_run, latest_import, undo_run
from legacy_import.undo.outcome import UndoneRun
from legacy_import.undo.pruning import prune_before_images
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_pipeline_month
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

MONTH = "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES (?, ?, ?)"


def import_run(source: str, legacy_dir: Path) -> ImportRun:
    assert run_import(source, legacy_dir).error is None
    return latest_import(source)


def request(run: ImportRun, *, with_later: bool = False) -> UndoRequest:
    return UndoRequest("default", run.pk, requested_by="a test", with_later=with_later)


def refused_for(run: ImportRun) -> list[str]:
    """Return the sources of the runs an undo is refused for, the newest first; nothing may have changed."""
    before = everything("default")
    with pytest.raises(LaterRunsError) as refused:
        undo_run(request(run))
    assert everything("default") == before
    assert all(str(one.pk) in {str(each.pk) for each in ImportRun.objects.all()} for one in refused.value.runs)
    return [one.source for one in refused.value.runs]


def test_a_change_of_the_same_row_comes_first(legacy_dir: Path) -> None:
    first = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 1 WHERE rowid = 15")
    second = import_run("primary", legacy_dir)

    with pytest.raises(LaterRunsError) as refused:
        undo_run(request(first))

    assert [run.pk for run in refused.value.runs] == [second.pk]
    assert "primary, import of " in str(refused.value)
    assert "have to be undone first" in str(refused.value)


def test_a_row_that_left_its_file_since_comes_first(legacy_dir: Path) -> None:
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET company = 'Renamed' WHERE rowid = 6")
    second = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "DELETE FROM consultation_inquiries WHERE rowid = 6")
    import_run("primary", legacy_dir)

    assert refused_for(second) == ["primary"]


def test_a_row_that_was_quarantined_since_comes_first(legacy_dir: Path) -> None:
    first = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 'many' WHERE rowid = 15")
    import_run("primary", legacy_dir)

    assert refused_for(first) == ["primary"]


def test_a_divergence_that_was_told_anew_comes_first(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, "DELETE FROM consultation_inquiries")
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 6")
    import_run("primary", legacy_dir)
    merged = import_run("duplicate", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 7")
    import_run("primary", legacy_dir)

    assert refused_for(merged) == ["primary"]


def test_a_run_upon_one_that_stands_on_it_comes_first_too(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, MONTH, "p", "2025-01", 1)
    first = import_run("primary", legacy_dir)
    import_run("duplicate", legacy_dir)
    change(legacy_dir / DUPLICATE, "UPDATE business_pipeline SET total_posts = 2")
    import_run("duplicate", legacy_dir)

    assert refused_for(first) == ["duplicate", "duplicate"]


def test_a_merged_row_comes_first(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, "DELETE FROM consultation_inquiries")
    first = import_run("primary", legacy_dir)
    import_run("duplicate", legacy_dir)

    assert refused_for(first) == ["duplicate"]


def test_a_new_owner_comes_first(legacy_dir: Path) -> None:
    first = import_run("duplicate", legacy_dir)
    import_run("primary", legacy_dir)

    assert refused_for(first) == ["primary"]


def test_a_row_that_refers_to_an_imported_post_comes_first(legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, "DELETE FROM linkedin_posts")
    first = import_run("primary", legacy_dir)
    import_run("duplicate", legacy_dir)

    assert refused_for(first) == ["duplicate"]


def test_a_shape_that_was_remembered_since_comes_first(legacy_dir: Path) -> None:
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "ALTER TABLE linkedin_posts ADD COLUMN mood TEXT")
    second = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, MONTH, "p", "2025-01", 1)
    import_run("primary", legacy_dir)

    assert refused_for(second) == ["primary"]


def test_with_later_takes_the_whole_chain_back(legacy_dir: Path) -> None:
    before = everything("default")
    first = import_run("primary", legacy_dir)
    import_run("duplicate", legacy_dir)
    import_run("week3", legacy_dir)
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET likes = 1, content = 'Text'")
    import_run("duplicate", legacy_dir)
    assert refused_for(first) == ["duplicate", "duplicate"]

    report = undo_run(request(first, with_later=True))

    assert [one.run.source for one in report.undone] == ["duplicate", "duplicate", "primary"]
    assert rows("default", "SELECT DISTINCT source FROM ledger") == [("week3",)]
    assert refused_sources_left() == {"week3"}
    undo_latest("week3")
    assert everything("default") == before


def refused_sources_left() -> set[str]:
    finished = ImportRun.objects.using("default").filter(kind="import", status="completed")
    return set(finished.values_list("source", flat=True))


def test_runs_that_touch_other_rows_do_not_stand_in_the_way(legacy_dir: Path) -> None:
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 1 WHERE rowid = 15")
    second = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, MONTH, "p", "2025-01", 1)
    import_run("primary", legacy_dir)

    undo_run(request(second))

    assert rows("default", "SELECT month FROM business_pipeline") == [("2025-01",)]
    assert rows("default", "SELECT count(*) FROM posts WHERE likes = 1") == [(0,)]


def test_a_run_is_undone_once_and_an_undo_never(legacy_dir: Path) -> None:
    run = import_run("primary", legacy_dir)
    undo_run(request(run))
    own = ImportRun.objects.using("default").get(kind="undo")
    assert (own.undoes, own.source, own.status, own.requested_by) == (run.pk, "primary", "completed", "a test")
    assert own.notes == ["15 rows of consultation_inquiries gone", "7 rows of posts gone"]

    with pytest.raises(TerminalError, match="has been undone already"):
        undo_run(request(find_run(run.pk)))
    with pytest.raises(TerminalError, match="is itself an undo"):
        undo_run(request(own))


def test_a_failed_run_cannot_be_undone(legacy_dir: Path) -> None:
    (legacy_dir / PRIMARY).write_bytes(b"no SQLite at all")
    run_import("primary", legacy_dir)
    failed = ImportRun.objects.using("default").get()

    with pytest.raises(TerminalError, match="did not come to an end"):
        undo_run(request(failed))


def test_a_row_made_here_in_the_place_of_one_that_comes_back_is_told(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, MONTH, "p", "2025-01", 1)
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE business_pipeline SET month = '2025-02'")
    second = import_run("primary", legacy_dir)
    with attribute_changes_to("sofia"):
        make_pipeline_month(month="2025-01")
    before = everything("default")

    with pytest.raises(TerminalError, match=r"stands in the way: .*2025-01"):
        undo_run(request(second))

    assert everything("default") == before
    own = ImportRun.objects.using("default").get(kind="undo")
    assert (own.status, "a row changed here stands in the way" in own.error) == ("failed", True)
    assert find_run(second.pk).status == "completed"


def test_before_images_are_pruned_after_30_days_and_with_them_the_way_back(legacy_dir: Path) -> None:
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 1")
    old = import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, MONTH, "p", "2025-01", 1)
    young = import_run("primary", legacy_dir)
    execute(
        "default", "UPDATE import_run SET finished_at = finished_at - interval '31 days' WHERE id <> %s", [young.pk]
    )
    images = BeforeImage.objects.using("default")
    assert images.filter(run_id=old.pk).count() == 7
    now = timezone.now()

    with pytest.raises(TerminalError, match="at least 30 days, not 29"):
        prune_before_images("default", 29, now=now)
    assert prune_before_images("default", 32, now=now - timedelta(days=1)) == 0
    assert prune_before_images("default", 30, now=now) == 8

    assert not images.filter(run_id=old.pk, table_name="ledger").exists()
    with pytest.raises(TerminalError, match="what it found is not kept"):
        undo_run(request(find_run(old.pk)))
    undo_run(request(young))
    assert rows("default", "SELECT count(*) FROM business_pipeline") == [(0,)]


def test_pruning_the_backups_forgets_old_runs_too(legacy_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_run("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET likes = 1")
    old = import_run("primary", legacy_dir)
    execute("default", "UPDATE import_run SET finished_at = finished_at - interval '31 days'")

    call_command("backups", "prune", "--database=default", "--dry-run")
    assert "can't be undone" not in capsys.readouterr().out
    call_command("backups", "prune", "--database=default")

    assert "those imports can't be undone any more" in capsys.readouterr().out
    assert not BeforeImage.objects.using("default").filter(run_id=old.pk, table_name="ledger").exists()


def test_an_undo_whose_commit_got_no_answer_is_not_told_as_failed(
    legacy_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_run("primary", legacy_dir)
    done = undoing._undo_runs

    def lost(*arguments: Any) -> tuple[UndoneRun, ...]:
        done(*arguments)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(undoing, "_undo_runs", lost)
    with pytest.raises(TerminalError, match="it is undone, though the connection was lost"):
        undo_run(request(run))

    assert find_run(run.pk).status == "undone"
    own = ImportRun.objects.using("default").get(kind="undo")
    assert (own.status, own.error) == ("completed", "")
