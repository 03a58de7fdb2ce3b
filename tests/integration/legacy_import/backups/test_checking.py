"""Verifying finds what happened to a snapshot, and nothing where nothing did."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.backups.checking import Finding, check_catalogue
from tests.integration.legacy_import.backups.folders import Ground, days_ago, flip_bit
from tests.legacy_files import change


def findings(ground: Ground) -> list[Finding]:
    return list(check_catalogue(ground.catalogue))


def test_sound_folder_has_no_finding(ground: Ground) -> None:
    sizes = [ground.take(days_ago(2)).size_bytes, ground.take_changed(days_ago(1)).size_bytes]
    (ground.directory / ".partial-x").mkdir()
    read: list[int] = []

    assert list(check_catalogue(ground.catalogue, advance=read.append)) == []
    assert len(ground.catalogue.backups) == 2
    assert sum(read) == sum(sizes)


@pytest.mark.parametrize("offset", [0, 5000, -1])
def test_one_flipped_bit_is_found(ground: Ground, offset: int) -> None:
    ground.take(days_ago(2))
    path = ground.take_changed(days_ago(1)).path
    flip_bit(path, offset)

    (finding,) = findings(ground)

    assert (finding.path, finding.is_faithful) == (path, False)
    assert "its bytes have changed" in finding.problem
    assert "--source=primary" in finding.fix


def _edit(manifest: Path, **changes: object) -> None:
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))


@pytest.mark.parametrize(
    ("spoil", "suffix", "problem"),
    [
        (lambda path: os.truncate(path, 5000), ".db", "it is truncated: 5,000 of"),
        (lambda path: os.truncate(path, 0), ".db", "it is truncated: 0 of"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), ".db", "it has grown"),
        (lambda path: path.unlink(), ".db", "it is missing"),
        (lambda path: path.with_suffix(".json").unlink(), ".json", "it has no manifest"),
        (lambda path: path.with_suffix(".json").write_text("{"), ".json", "its manifest is unreadable"),
        (lambda path: path.with_suffix(".json").write_text("[]"), ".json", "its manifest is unreadable"),
        (lambda path: path.with_suffix(".json").write_bytes(b"\xff"), ".json", "its manifest is unreadable"),
        (lambda path: _edit(path.with_suffix(".json"), sha256="0" * 64), ".json", "another snapshot's"),
        (lambda path: _edit(path.with_suffix(".json"), taken_at="2026-01-01T00:00:00+00:00"), ".json", "another"),
        (lambda path: _edit(path.with_suffix(".json"), taken_at="2026-01-01"), ".json", "unreadable"),
        (lambda path: _edit(path.with_suffix(".json"), journal_mode="x; DROP"), ".json", "another snapshot's"),
    ],
)
def test_damage_is_named_with_file_and_fix(
    ground: Ground, spoil: Callable[[Path], object], suffix: str, problem: str
) -> None:
    path = ground.take().path
    spoil(path)

    (finding,) = findings(ground)

    assert finding.path == path.with_suffix(suffix)
    assert finding.problem.startswith(problem) or problem in finding.problem
    assert finding.fix


@pytest.mark.parametrize("name", ["notes.txt", "20261399T000000000000Z-0123456789ab.db", "x.json"])
def test_extra_file_is_found(ground: Ground, name: str) -> None:
    ground.take()
    (ground.directory / name).write_text("x")

    (finding,) = findings(ground)

    assert (finding.path.name, finding.problem) == (name, "it does not belong here")


def test_journal_beside_a_snapshot_is_found(ground: Ground) -> None:
    path = ground.take().path
    path.with_name(path.name + "-wal").write_text("x")

    assert [finding.path.name for finding in findings(ground)] == [path.name + "-wal"]


def test_odd_values_are_no_damage(ground: Ground) -> None:
    change(ground.live, "CREATE TABLE strict_one (a TEXT NOT NULL)")
    change(ground.live, "INSERT INTO strict_one VALUES ('x')")
    change(ground.live, "CREATE TABLE loose (a TEXT)")
    change(ground.live, "INSERT INTO loose VALUES (NULL)")
    with closing(sqlite3.connect(ground.live, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE loose (a TEXT NOT NULL)' WHERE name = 'loose'")
    with closing(sqlite3.connect(ground.live)) as file:
        assert "NULL value" in file.execute("PRAGMA integrity_check").fetchone()[0]
    ground.take()

    assert findings(ground) == []


def test_flaw_the_legacy_file_had_already_is_told_but_faithful(ground: Ground) -> None:
    change(ground.live, "CREATE TABLE pair (a TEXT, b TEXT)")
    change(ground.live, "INSERT INTO pair VALUES ('x', 'y')")
    change(ground.live, "CREATE INDEX of_pair ON pair (a)")
    with closing(sqlite3.connect(ground.live, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX of_pair ON pair (b)' WHERE name = 'of_pair'")
    ground.take()

    (finding,) = findings(ground)

    assert finding.is_faithful
    assert "missing from index of_pair" in finding.problem
    assert "REINDEX" in finding.fix


def test_damage_older_than_the_checksum_is_found(ground: Ground) -> None:
    path = ground.take().path
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    forged = path.with_name(f"{path.name[:22]}-{sha256[:12]}.db")
    path.rename(forged)
    path.with_suffix(".json").rename(forged.with_suffix(".json"))
    _edit(forged.with_suffix(".json"), sha256=sha256)

    (finding,) = findings(ground)

    assert finding.problem.startswith("SQLite finds it damaged: ")
    assert not finding.is_faithful


def test_verifying_leaves_the_folder_as_it_was(ground: Ground) -> None:
    ground.take()
    before = ground.names()

    findings(ground)

    assert ground.names() == before


def test_an_import_goes_on_past_an_unreadable_manifest(ground: Ground) -> None:
    ground.take(days_ago(1)).path.with_suffix(".json").write_text("{")

    assert not ground.take().reused
