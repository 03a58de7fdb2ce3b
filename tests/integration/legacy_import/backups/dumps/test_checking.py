"""Verifying finds what happened to a dump; choosing finds the one that is meant; pruning leaves what may be needed."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from legacy_import.backups.checking import check_catalogue
from legacy_import.backups.choosing import choose_backup
from legacy_import.backups.dumps.kind import DUMPS
from legacy_import.backups.pruning import Pruned, PruneOrder, prune_backups
from legacy_import.errors import TerminalError
from tests.integration.legacy_import.backups.dumps.ground import DumpGround
from tests.integration.legacy_import.backups.folders import NOW, days_ago, flip_bit

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def _edit(manifest: Path, **changes: object) -> None:
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))


def _forge(path: Path) -> None:
    path.write_bytes(b"PGDMP" + bytes(5000))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    _edit(path.with_suffix(".json"), sha256=digest, size_bytes=5005)
    for each in (path, path.with_suffix(".json")):
        each.rename(each.with_name(f"{each.stem[:-12]}{digest[:12]}{each.suffix}"))


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: flip_bit(path, 0), "its bytes have changed"),
    (lambda path: flip_bit(path, -1), "its bytes have changed"),
    (lambda path: os.truncate(path, 5000), "it is truncated: 5,000 of"),
    (lambda path: path.unlink(), "it is missing"),
    (lambda path: path.with_suffix(".json").unlink(), "it has no manifest"),
    (lambda path: path.with_suffix(".json").write_text("[]"), "its manifest is unreadable"),
    (lambda path: _edit(path.with_suffix(".json"), sha256="0" * 64), "another dump's"),
    (lambda path: _edit(path.with_suffix(".json"), database="other"), "another dump's"),
    (_forge, "PostgreSQL can't read it"),
    (lambda path: path.with_name("notes.txt").write_text("x"), "it does not belong here"),
]


def test_every_damage_is_named_with_its_fix(dumps: DumpGround) -> None:
    sound = dumps.take()
    assert list(check_catalogue(dumps.catalogue())) == []
    kept = {path: path.read_bytes() for path in (sound.path, sound.manifest_path)}

    for spoil, problem in DAMAGES:
        for path in sound.path.parent.glob("*.*"):
            path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)
        spoil(sound.path)

        (finding,) = check_catalogue(dumps.catalogue())
        assert problem in finding.problem, problem
        assert finding.fix


@pytest.fixture
def ages(dumps: DumpGround) -> dict[float, Path]:
    """Keep a dump of each age in days."""
    newest = dumps.take(days_ago(1))
    return {1.0: newest.path} | {days: dumps.copy(newest, days_ago(days)).path for days in (29.99, 30.01, 50)}


def prune(dumps: DumpGround, *, now: datetime = NOW, dry_run: bool = False) -> Pruned:
    order = PruneOrder(
        origin=dumps.directory().name,
        directory=dumps.directory(),
        days=30,
        now=now,
        dry_run=dry_run,
        lock_timeout_seconds=1,
    )
    return prune_backups(DUMPS, order)


def test_older_ones_go_with_their_manifests_and_the_rest_stays(dumps: DumpGround, ages: dict[float, Path]) -> None:
    assert len(prune(dumps, dry_run=True).backups) == 2
    assert len(dumps.catalogue().backups) == 4

    pruned = prune(dumps)

    assert set(pruned.backups) == {ages[30.01], ages[50]}
    assert [dump.path for dump in dumps.catalogue().backups] == [ages[1.0], ages[29.99]]
    assert len(dumps.names()) == 4
    assert pruned.freed_bytes > 2 * ages[1.0].stat().st_size


def test_the_newest_sound_one_stays_however_old(dumps: DumpGround, ages: dict[float, Path]) -> None:
    flip_bit(ages[1.0])

    prune(dumps, now=days_ago(-900))

    assert [dump.path for dump in dumps.catalogue().backups] == [ages[1.0], ages[29.99]]


def test_without_a_sound_one_nothing_goes(dumps: DumpGround, ages: dict[float, Path]) -> None:
    for path in ages.values():
        flip_bit(path)

    assert prune(dumps, now=days_ago(-900)).backups == ()


def test_the_state_at_a_moment_is_the_newest_taken_by_then(dumps: DumpGround, ages: dict[float, Path]) -> None:
    def at(moment: str) -> Path:
        return choose_backup(dumps.catalogue(), moment, zone=NOW.tzinfo or NOW.astimezone().tzinfo).path  # type: ignore[arg-type]

    assert at("latest") == at("2026-03-04") == at("2026-03-03T05:06:08") == ages[1.0]
    assert at("2026-03-02") == ages[29.99]
    assert at(ages[50].name) == ages[50]
    with pytest.raises(TerminalError, match="no dump is as old as 2020-01-01; the oldest"):
        at("2020-01-01")
    with pytest.raises(TerminalError, match="is no time"):
        at("tomorrow")
    with pytest.raises(TerminalError, match="there is no dump"):
        choose_backup(dumps.catalogue("revenue"), "latest", zone=NOW.tzinfo)  # type: ignore[arg-type]
