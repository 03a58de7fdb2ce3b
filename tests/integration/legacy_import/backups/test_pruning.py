"""Pruning removes what is older than its days and no state that could still be wanted."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from legacy_import.backups.pruning import Pruned, PruneOrder, prune_folder
from legacy_import.backups.snapshots.kind import SNAPSHOTS
from legacy_import.backups.snapshots.restoring import work_folder_of
from tests.integration.legacy_import.backups.folders import NOW, Ground, days_ago, flip_bit


def prune(ground: Ground, *, days: int = 30, dry_run: bool = False, now: datetime = NOW) -> Pruned:
    order = PruneOrder(
        origin="primary",
        directory=ground.directory,
        restore_folder=work_folder_of(ground.live),
        days=days,
        now=now,
        dry_run=dry_run,
        lock_timeout_seconds=1,
    )
    return prune_folder(SNAPSHOTS, order)


def left(ground: Ground) -> list[Path]:
    return [snapshot.path for snapshot in ground.catalogue.backups]


def test_older_ones_go_with_their_manifests_and_the_rest_stays(ground: Ground) -> None:
    old = [ground.take(days_ago(50)), ground.take_changed(days_ago(30.01))]
    young = [ground.take_changed(days_ago(29.99)), ground.take_changed(days_ago(1))]

    pruned = prune(ground)

    assert sorted(pruned.backups) == [snapshot.path for snapshot in old]
    assert left(ground) == [snapshot.path for snapshot in reversed(young)]
    assert len(ground.names()) == 4
    assert pruned.freed_bytes > sum(snapshot.size_bytes for snapshot in old)


def test_the_newest_stays_however_old(ground: Ground) -> None:
    ground.take(days_ago(500))
    newest = ground.take_changed(days_ago(400))

    prune(ground)

    assert left(ground) == [newest.path]


def test_a_damaged_newest_protects_the_newest_sound_one(ground: Ground) -> None:
    ground.take(days_ago(500))
    sound = ground.take_changed(days_ago(400))
    damaged = ground.take_changed(days_ago(1))
    flip_bit(damaged.path)

    prune(ground)

    assert left(ground) == [damaged.path, sound.path]


def test_nothing_goes_where_none_is_sound(ground: Ground) -> None:
    for snapshot in (ground.take(days_ago(500)), ground.take_changed(days_ago(400))):
        flip_bit(snapshot.path)

    assert prune(ground).backups == ()
    assert len(left(ground)) == 2


def test_days_count_from_when_the_file_was_last_seen_so(ground: Ground) -> None:
    ground.take(days_ago(95))
    long_unchanged = ground.take_changed(days_ago(90))
    assert ground.take(days_ago(10)).reused
    newest = ground.take_changed(days_ago(1))

    prune(ground)
    assert left(ground) == [newest.path, long_unchanged.path]

    prune(ground, now=NOW.replace(month=4))
    assert left(ground) == [newest.path]


def test_dry_run_says_the_same_and_removes_nothing(ground: Ground) -> None:
    ground.take(days_ago(50))
    ground.take_changed(days_ago(1))
    (ground.directory / ".partial-dead").mkdir()
    before = ground.names()

    announced = prune(ground, dry_run=True)

    assert ground.names() == before
    assert announced == prune(ground)
    assert ground.names() != before


def test_what_killed_programs_left_goes(ground: Ground) -> None:
    newest = ground.take(days_ago(1))
    partial = ground.directory / ".partial-dead"
    partial.mkdir()
    (partial / "snapshot").write_bytes(b"x" * 1000)
    (ground.directory / ".unkept-999999999-x.db").write_bytes(b"x" * 100)
    orphan = ground.directory / "20260101T000000000000Z-0123456789ab.json"
    orphan.write_text(json.dumps({}))
    work_folder = ground.live.with_name(f".{ground.live.name}.restoring")
    work_folder.mkdir()
    (work_folder / "restored").write_bytes(b"x" * 10)

    pruned = prune(ground)

    assert ground.names() == [newest.path.with_suffix(".db").name, newest.path.with_suffix(".json").name]
    assert not work_folder.exists()
    assert pruned.freed_bytes == 1112
    assert pruned.backups == ()


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_set_aside_files_go_after_their_days(ground: Ground, days: int, *, stays: bool) -> None:
    ground.take()
    folder = ground.directory / f"damaged-{days_ago(days):%Y%m%dT%H%M%S%fZ}"
    folder.mkdir()

    prune(ground)

    assert folder.exists() is stays
