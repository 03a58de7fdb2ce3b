"""A database with a completed run, quarantined rows, an archived table and divergences."""

from pathlib import Path

import pytest
from django.test import Client

from legacy_import.models import Divergence
from tests.imports import execute, run_import
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.integration.legacy_import.admin.divergence_pages import import_one
from tests.integration.legacy_import.admin.quarantine_pages import spoil
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

HOSTILE = "<script>alert('x')</script>\u202e\x1b[2J"


@pytest.fixture
def imported(legacy_dir: Path, db: None) -> Path:
    """Import both LinkedIn files, the first with a hostile quarantined row and a table of its own."""
    primary = legacy_dir / PRIMARY
    change(primary, "UPDATE linkedin_posts SET impressions = ? WHERE rowid = 15", HOSTILE)
    change(primary, "UPDATE linkedin_posts SET impressions = ? WHERE rowid = 16", b"\x00\xff" * 40)
    change(primary, "UPDATE linkedin_posts SET content = ? WHERE rowid = 15", "a\0b")
    change(
        primary,
        'CREATE TABLE "<b>leads</b>" (id INTEGER, day TEXT, "<b>leads" TEXT, score REAL, PRIMARY KEY (id, day))',
    )
    change(primary, "INSERT INTO \"<b>leads</b>\" VALUES (7, 'mon', ?, 0.5)", HOSTILE)
    change(primary, "INSERT INTO \"<b>leads</b>\" VALUES (8, 'tue', 'He said \"100%\" \\ Ă', NULL)")
    change(legacy_dir / DUPLICATE, "UPDATE linkedin_posts SET content = ?", HOSTILE)
    report = run_import("primary", legacy_dir)
    assert report.tables["linkedin_posts"].quarantined == 2
    # A test's transaction goes on, so the stages of the first import would too.
    execute("default", "DISCARD TEMP")
    run_import("duplicate", legacy_dir)
    # As an odd key would be spelled.
    execute("default", "UPDATE ledger SET key = key || %s WHERE state = 'quarantined'", ["\x1f\x01b:3c62\x1f\x01i:1"])
    return legacy_dir


@pytest.fixture
def likes(legacy_dir: Path) -> Divergence:
    """Let the two LinkedIn files disagree on the likes of a post that ada has edited."""
    key = contents(legacy_dir / PRIMARY)["linkedin_posts"][0][2].decode()
    for path, figure in ((PRIMARY, 5), (DUPLICATE, 7)):
        change(legacy_dir / path, "UPDATE linkedin_posts SET likes = ? WHERE post_id = ?", figure, key)
    for source in ("primary", "duplicate"):
        import_one(source, legacy_dir)
    return Divergence.objects.using("default").get(column="likes", key=key)


@pytest.fixture
def spoiled(legacy_dir: Path, db: None) -> Path:
    """Import the primary file with cells that many reasons quarantine."""
    spoil(legacy_dir)
    assert run_import("primary", legacy_dir).status == "quarantined"
    return legacy_dir


@pytest.fixture
def settler(client: Client, spoiled: Path) -> Client:
    """Return the client of a person who may settle quarantined rows."""
    client.force_login(clerk("view_businesscorequarantinedrow", "settle_quarantine"))
    return client
