"""Pruning removes what is older than its days and no state that could still be wanted."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from legacy_import.backups.pruning import Pruned, PruneOrder, prune_backups
from legacy_import.backups.snapshots.kind import SNAPSHOTS
from legacy_import.backups.snapshots.restoring import work_folder_path
from legacy_import.backups.thinning import Thinning
from tests.integration.legacy_import.backups.folders import NOW, Ground, days_ago, flip_bit

THINNING = Thinning(all_for=timedelta(hours=24), hourly_for=timedelta(days=3))
MICROSECOND = timedelta(microseconds=1)


def prune(
    ground: Ground,
    *,
    days: int = 30,
    dry_run: bool = False,
    now: datetime = NOW,
    thinning: Thinning | None = None,
    needed: frozenset[str] = frozenset(),
) -> Pruned:
    order = PruneOrder(
        origin="primary",
        directory=ground.directory,
        restore_folder=work_folder_path(ground.live),
        days=days,
        now=now,
        dry_run=dry_run,
        thinning=thinning,
        needed=needed,
        lock_timeout_seconds=1,
    )
    return prune_backups(SNAPSHOTS, order)


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


def march(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment in UTC; Bucharest, whose days count, is two hours ahead."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "older_stays"),
    [
        (march(3, 9, 10) + timedelta(hours=24), True),
        (march(3, 9, 10) + timedelta(hours=24) + MICROSECOND, False),
    ],
    ids=["after 24 hours", "a moment later"],
)
def test_all_of_24_hours_stay_then_the_last_of_each_hour(ground: Ground, now: datetime, *, older_stays: bool) -> None:
    older, last = ground.take(march(3, 9, 10)), ground.take_changed(march(3, 9, 40))

    pruned = prune(ground, now=now, thinning=THINNING)

    assert left(ground) == [last.path, *([older.path] if older_stays else [])]
    assert (pruned.thinned, pruned.backups) == (() if older_stays else (older.path,), ())


@pytest.mark.parametrize(
    ("next_at", "older_stays"), [(march(3, 9, 59, 59), False), (march(3, 10), True)], ids=["same hour", "next hour"]
)
def test_an_hour_ends_where_the_clocks_does(ground: Ground, next_at: datetime, *, older_stays: bool) -> None:
    older, later = ground.take(march(3, 9)), ground.take_changed(next_at)

    prune(ground, now=march(5, 9), thinning=THINNING)

    assert left(ground) == [later.path, *([older.path] if older_stays else [])]


@pytest.mark.parametrize(
    ("now", "older_stays"),
    [(march(6, 9), True), (march(6, 9) + MICROSECOND, False)],
    ids=["after three days", "a moment later"],
)
def test_the_last_of_each_hour_stays_three_days_then_the_last_of_each_day(
    ground: Ground, now: datetime, *, older_stays: bool
) -> None:
    older, last = ground.take(march(3, 9)), ground.take_changed(march(3, 15))

    prune(ground, now=now, thinning=THINNING)

    assert left(ground) == [last.path, *([older.path] if older_stays else [])]


@pytest.mark.parametrize(
    ("next_at", "older_stays"),
    [(march(3, 21, 59, 59), False), (march(3, 22), True)],
    ids=["before midnight", "at midnight"],
)
def test_a_day_ends_at_the_sites_midnight(ground: Ground, next_at: datetime, *, older_stays: bool) -> None:
    older, later = ground.take(march(3, 9)), ground.take_changed(next_at)

    prune(ground, now=march(20, 9), thinning=THINNING)

    assert left(ground) == [later.path, *([older.path] if older_stays else [])]


def test_one_a_day_stays_30_days_and_pruning_again_takes_nothing(ground: Ground) -> None:
    first = ground.take(march(1, 8))
    morning, evening = ground.take_changed(march(2, 8)), ground.take_changed(march(2, 18))
    newest = ground.take_changed(march(20, 8))

    pruned = prune(ground, now=march(31, 8), thinning=THINNING)

    assert (pruned.thinned, pruned.backups) == ((morning.path,), ())
    assert prune(ground, now=march(31, 8), thinning=THINNING).freed_bytes == 0
    assert prune(ground, now=march(31, 8) + MICROSECOND, thinning=THINNING).backups == (first.path,)
    assert left(ground) == [newest.path, evening.path]


def test_a_state_that_outlasts_its_day_stays_however_many_follow(ground: Ground) -> None:
    long = ground.take(march(1, 8))
    assert ground.take(march(3, 8)).reused
    first, last = ground.take_changed(march(3, 9)), ground.take_changed(march(3, 10))

    prune(ground, now=march(20, 9), thinning=THINNING)

    assert left(ground) == [last.path, long.path]
    assert not first.path.exists()


def test_a_needed_one_stays_beside_the_last_of_its_hour(ground: Ground) -> None:
    needed, last = ground.take(march(3, 9, 10)), ground.take_changed(march(3, 9, 40))

    pruned = prune(ground, now=march(20, 9), thinning=THINNING, needed=frozenset({needed.sha256}))

    assert (pruned.thinned, left(ground)) == ((), [last.path, needed.path])


def test_none_goes_for_the_sake_of_a_damaged_one(ground: Ground) -> None:
    older, sound = ground.take(march(3, 9, 10)), ground.take_changed(march(3, 9, 20))
    damaged = ground.take_changed(march(3, 9, 40))
    flip_bit(damaged.path)

    prune(ground, now=march(20, 9), thinning=THINNING)

    assert left(ground) == [damaged.path, sound.path]
    assert not older.path.exists()


def test_what_a_restore_replaced_and_what_has_no_manifest_stay(ground: Ground) -> None:
    replaced, nameless = ground.take(march(3, 9, 10)), ground.take_changed(march(3, 9, 20))
    last = ground.take_changed(march(3, 9, 40))
    manifest = replaced.path.with_suffix(".json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"before_restore": True}))
    nameless.path.with_suffix(".json").write_text("{}")

    prune(ground, now=march(20, 9), thinning=THINNING)

    assert left(ground) == [last.path, nameless.path, replaced.path]
