"""`manage.py backups` from end to end: real imports, real PostgreSQL."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.utils import timezone
from pytest_django import Settings

from legacy_import.services import prune_snapshots
from legacy_import.sources import source_named
from tests.imports import counts, run_import
from tests.integration.legacy_import.backups.folders import Ground, flip_bit, posts
from tests.legacy_files import change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

SHRINK = "DELETE FROM linkedin_posts"


@pytest.fixture(autouse=True)
def _live_folder(settings: Settings, legacy_dir: Path) -> None:
    settings.LEGACY_DIR = legacy_dir
    settings.LEGACY_LOSS_SHARE = 2.0  # SHRINK is meant


@pytest.fixture
def backups(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("backups", *map(str, arguments))
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_empty_folder_says_what_to_do(backups: Any) -> None:
    for verb in ("list", "verify"):
        code, out, _ = backups(verb)
        assert (code, "import_legacy --all" in out) == (0, True)


def test_list_names_the_last_import_of_each(backups: Any, ground: Ground) -> None:
    run_import("primary", ground.legacy_dir)
    run_import("primary", ground.legacy_dir)
    run_import("week3", ground.legacy_dir)
    runs = connections["default"].cursor()
    runs.execute("SELECT id::text FROM import_run WHERE source = 'primary' ORDER BY started_at")
    (_, (last,)) = runs.fetchall()

    _, out, _ = backups("list", "--source=primary", "--json")
    (entry,) = json.loads(out)["snapshots"]
    _, table, _ = backups("list")

    assert entry["import"]["run"] == last
    assert entry["sha256"][:12] in entry["path"]
    assert datetime.fromisoformat(entry["last_seen_at"]) > datetime.fromisoformat(entry["taken_at"])
    local = datetime.fromisoformat(entry["taken_at"]).astimezone(ZoneInfo("Europe/Bucharest"))
    assert f"{local:%Y-%m-%d %H:%M:%S}" in table
    assert "completed" in table
    assert "week3" in table


def test_verify_leaves_with_1_for_a_flipped_bit(backups: Any, ground: Ground) -> None:
    run_import("primary", ground.legacy_dir)
    run_import("week3", ground.legacy_dir)
    assert backups("verify")[:2] == (0, "all 2 snapshots are sound\n")
    path = ground.catalogue.backups[0].path
    flip_bit(path)

    code, out, _ = backups("verify", "--json")
    verdict = json.loads(out)

    assert (code, verdict["passed"], verdict["checked"]) == (1, False, 2)
    assert [finding["path"] for finding in verdict["findings"]] == [str(path)]
    assert backups("verify")[0] == 1
    assert backups("verify", "--source=week3")[0] == 0


def test_restored_file_imports_as_unchanged(backups: Any, ground: Ground) -> None:
    run_import("primary", ground.legacy_dir)
    change(ground.live, SHRINK)

    code, out, _ = backups("restore", "primary", "--in-place", "--force")

    assert code == 0
    saved = ground.catalogue.backups[0]
    assert str(saved.path) in out
    assert saved.is_before_restore
    assert posts(saved.path) == 0
    for figures in counts(run_import("primary", ground.legacy_dir)).values():
        assert figures["unchanged"] == figures["read"]


def test_restore_to_a_folder_lies_under_its_legacy_path(backups: Any, ground: Ground, tmp_path: Path) -> None:
    run_import("duplicate", ground.legacy_dir)

    code, _, _ = backups("restore", "duplicate", "--output", tmp_path / "out")

    assert code == 0
    figures = counts(run_import("duplicate", tmp_path / "out"))["linkedin_posts"]
    assert figures == {"read": figures["read"], "unchanged": figures["read"]}
    code, _, err = backups("restore", "duplicate", "--output", tmp_path / "out")
    assert (code, "already there" in err, err.count("\n")) == (1, True, 1)


def test_thirty_days_are_the_fewest_that_may_be_kept(backups: Any, ground: Ground) -> None:
    assert [backups("prune", f"--days={days}")[0] for days in (29, 30)] == [2, 0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["restore", "primary", "--in-place"], 2),
        (["restore", "primary", "--output=x", "--force"], 2),
        (["restore", "nobody", "--output=x"], 2),
        (["restore", "primary,week3", "--output=x"], 2),
        (["restore", "primary", "--output=x", "--at=tomorrow"], 1),
        (["restore", "week3", "--output=x"], 1),
        (["prune", "--days=29"], 2),
        (["prune", "--days=-1"], 2),
        (["list", "--source=nobody"], 2),
    ],
)
def test_refusals_are_one_sentence(backups: Any, ground: Ground, arguments: list[str], code: int) -> None:
    run_import("primary", ground.legacy_dir)
    before = ground.live.read_bytes(), ground.names()

    found, out, err = backups(*arguments)

    assert (found, out, err.count("\n")) == (code, "", 1)
    assert (ground.live.read_bytes(), ground.names()) == before


def test_prune_keeps_the_newest_and_says_what_it_freed(ground: Ground, backups: Any, settings: Settings) -> None:
    settings.SNAPSHOTS_ALL_HOURS = 24 * 40
    run_import("primary", ground.legacy_dir)
    change(ground.live, SHRINK)
    run_import("primary", ground.legacy_dir)
    newest, older = ground.catalogue.backups
    primary = [source_named("primary")]

    def prune(now: datetime) -> list[Path]:
        (pruned,) = prune_snapshots(primary, days=30, dry_run=False, legacy_dir=ground.legacy_dir, now=now)
        return list(pruned.backups)

    assert prune(timezone.now() + timedelta(days=29)) == []
    assert prune(timezone.now() + timedelta(days=31)) == [older.path]
    assert prune(timezone.now() + timedelta(days=900)) == []
    assert [snapshot.path for snapshot in ground.catalogue.backups] == [newest.path]
    assert backups("prune")[:2] == (0, "nothing is older than 30 days\n")


def test_prune_thins_what_is_older_than_a_day_but_not_what_was_imported_last(ground: Ground, backups: Any) -> None:
    day = (timezone.now() - timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    first, second = ground.take(day), ground.take_changed(day + timedelta(minutes=20))
    third = ground.take_changed(day + timedelta(minutes=40))
    changed = ground.live.read_bytes()
    ground.live.write_bytes(first.path.read_bytes())
    run_import("primary", ground.legacy_dir)
    ground.live.write_bytes(changed)
    ground.take(timezone.now())

    code, out, _ = backups("prune", "--source=primary", "--dry-run")

    assert (code, f"primary: would be removed {second.path.name}, of whose hour or day a later one stays" in out) == (
        0,
        True,
    )
    assert "0 snapshots older than 30 days and 1 redundant snapshot would be removed, " in out
    assert backups("prune", "--source=primary")[0] == 0
    assert not second.path.exists()
    assert first.path.exists()
    assert third.path.exists()


def test_prune_leaves_a_source_alone_that_is_being_imported(ground: Ground) -> None:
    run_import("primary", ground.legacy_dir)
    change(ground.live, SHRINK)
    run_import("primary", ground.legacy_dir)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('synapse import primary', 0))")
        (pruned,) = prune_snapshots(
            [source_named("primary")],
            days=30,
            dry_run=False,
            legacy_dir=ground.legacy_dir,
            now=timezone.now() + timedelta(days=90),
        )
    finally:
        other.close()

    assert "being imported" in pruned.skipped
    assert len(ground.catalogue.backups) == 2


@pytest.fixture
def no_postgresql(ground: Ground, settings: Settings) -> Any:
    run_import("primary", ground.legacy_dir)

    def refuse(*_arguments: object) -> None:
        raise DatabaseError("the server is away")

    return lambda: connection.execute_wrapper(refuse)


def test_without_postgresql_files_can_be_verified_and_restored(
    backups: Any, ground: Ground, tmp_path: Path, no_postgresql: Any
) -> None:
    with no_postgresql():
        code, out, err = backups("list")
        assert (code, "primary" in out, "could not be asked" in err) == (0, True, True)
        assert backups("verify")[0] == 0
        assert backups("restore", "primary", "--output", tmp_path / "out")[0] == 0
        code, _, err = backups("prune")
        assert (code, "nothing was removed" in err) == (1, True)
        code, _, err = backups("prune", "--database=default")
        assert (code, "what old imports found was not removed" in err, err.count("\n")) == (1, True, 1)
