"""A folder of five spoiled files at once: each is named wherever people look, and costs the others nothing."""

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from legacy_import.services import ImportRequest, import_sources
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import JobError
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import run_job_by_hand
from tests.legacy_files import change, contents

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

EXTRA = "old/notes.db"
EMPTIED, DELETED, DAMAGED, FOREIGN = map(source_named, ("performance", "twitter", "revenue", "recommendations"))
SPOILED = {EMPTIED.name, DELETED.name, DAMAGED.name}

SENTENCES = {
    "extra": r"old/notes\.db .*1 table, 2 rows.* not archived",
    "emptied": r"performance: its file has lost 5 of the 5 rows|5 of 5 rows are missing",
    "deleted": r"twitter_analytics\.db is missing",
    "damaged": r"is truncated or corrupt: malformed database schema \(revenue_op\\x80ortunities\)",
    "foreign": r"his SQLite lacks the collation GERMAN \(table customers\)",
}
"""What is said of each of the five, by whoever says it."""


@pytest.fixture
def before(legacy_dir: Path, settings: Settings) -> Path:
    """Import all sources whole, spoil their files, and return a folder with the files as they were."""
    settings.LEGACY_DIR = legacy_dir
    import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test"))
    kept = legacy_dir.with_name("before")
    for source in SOURCES:
        (kept / source.path).parent.mkdir(parents=True, exist_ok=True)
        (kept / source.path).write_bytes((legacy_dir / source.path).read_bytes())
    spoil(legacy_dir)
    (kept / FOREIGN.path).write_bytes((legacy_dir / FOREIGN.path).read_bytes())
    return kept


def spoil(folder: Path) -> None:
    (folder / EXTRA).parent.mkdir()
    change(folder / EXTRA, "CREATE TABLE notes AS SELECT 1 AS a UNION SELECT 2")
    with closing(sqlite3.connect(folder / EMPTIED.path)) as file, file:
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            file.execute(f'DELETE FROM "{table}"')
    (folder / DELETED.path).unlink()
    with closing(sqlite3.connect(folder / DAMAGED.path)) as file, file:
        file.execute("PRAGMA writable_schema = ON")
        broken = "CAST(replace(name, 'opp', 'op' || x'80') AS TEXT)"
        assert file.execute(f"UPDATE sqlite_master SET name = {broken} WHERE name = 'revenue_opportunities'").rowcount
    with closing(sqlite3.connect(folder / FOREIGN.path)) as file, file:
        file.create_collation("GERMAN", lambda one, other: (one > other) - (one < other))
        file.execute("CREATE TABLE customers (name TEXT COLLATE GERMAN PRIMARY KEY)")
        file.executemany("INSERT INTO customers VALUES (?)", [("Zoë",), ("Ähre",)])


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = 0
    try:
        call_command(*arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, capsys.readouterr().out


def sync() -> str:
    with pytest.raises(JobError):
        run_job_by_hand("sync-legacy", requested_by="olga")
    return JobRun.objects.latest("queued_at").error


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for one in value.values() for text in texts_in(one))
        case list():
            yield from (text for one in value for text in texts_in(one))


def test_five_spoiled_files_are_named_everywhere_and_the_others_come_back(
    before: Path, legacy_dir: Path, tmp_path: Path, admin_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = call(capsys, "import_legacy", "--all")
    said_by_sync = sync()
    failed, validation = call(capsys, "validate_migration", "--json")
    page = admin_client.get("/admin/legacy_import/importsource/").content.decode()

    told = {
        "import": words,
        "sync": said_by_sync,
        "validation": " ".join(texts_in(json.loads(validation))),
        "page": html.unescape(re.sub(r"<[^>]*>", " ", page)),
    }
    unsaid = [
        (kind, place)
        for place, text in told.items()
        for kind, sentence in SENTENCES.items()
        if not re.search(sentence, " ".join(text.split()))
    ]
    assert unsaid == []
    assert (code, failed, words.count("failed, nothing changed:")) == (1, 1, len(SPOILED))
    checks = json.loads(validation)["checks"]
    assert {check["name"].partition(":")[0] for check in checks if not check["passed"]} == SPOILED
    exported, _ = call(capsys, "export_legacy", f"--output={tmp_path / 'out'}")
    assert exported == 0
    for source in SOURCES:
        assert contents(tmp_path / "out" / source.path) == contents(before / source.path), source.name
