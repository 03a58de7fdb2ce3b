"""A file that has changed since its import excuses nothing but what has changed in it."""

from pathlib import Path

import pytest

from legacy_import.models import ImportRun
from tests.imports import execute
from tests.integration.legacy_import.validation.verdicts import Checks, failed
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

_NOTE = "UPDATE consultation_inquiries SET notes = 'changed in the file' WHERE rowid = 1"


def unseen(sql: str) -> None:
    """Run a statement that no trigger sees, as damage or a careless restore would be."""
    execute("default", "SET session_replication_role = replica")
    execute("default", sql)
    execute("default", "SET session_replication_role = DEFAULT")


def test_values_that_were_damaged_here_are_not_newer_in_the_file(checks: Checks, legacy_dir: Path) -> None:
    checks("primary")
    unseen("UPDATE consultation_inquiries SET estimated_value = 1")
    change(legacy_dir / PRIMARY, _NOTE)

    found = checks("primary")

    assert {"primary: data integrity", "primary: consultation pipeline"} <= set(failed(found))
    assert "column estimated_value" in found["primary: data integrity"].detail
    differences = found["primary: data integrity"].differences
    assert [d.column for d in differences if d.explanation == "newer in legacy"] == ["notes"]
    assert {d.column for d in differences if d.explanation == "unexplained"} == {"estimated_value"}


def test_rows_that_were_lost_here_are_not_newer_in_the_file(checks: Checks, legacy_dir: Path) -> None:
    checks("primary")
    unseen("DELETE FROM ledger WHERE legacy_table = 'linkedin_posts'")
    change(legacy_dir / PRIMARY, _NOTE)

    found = failed(checks("primary"))

    assert found["primary: record counts"] == "linkedin_posts: 7 in the file, 0 accounted for"
    assert "primary: data integrity" in found


def test_a_changed_file_alone_fails_nothing(checks: Checks, legacy_dir: Path) -> None:
    checks("primary")
    change(legacy_dir / PRIMARY, _NOTE)

    found = checks("primary")

    assert failed(found) == {}
    assert found["primary: data integrity"].detail.endswith("; 1 newer in legacy")


@pytest.mark.parametrize(("damage", "word"), [(Path.unlink, "gone"), (lambda path: path.write_bytes(b""), "damaged")])
def test_without_the_imported_snapshot_a_changed_file_does_not_agree(
    checks: Checks, legacy_dir: Path, damage: object, word: str
) -> None:
    checks("primary")
    snapshot = Path(ImportRun.objects.using("default").get().snapshot_path)
    damage(snapshot)  # type: ignore[operator]
    assert failed(checks("primary")) == {}
    change(legacy_dir / PRIMARY, _NOTE)

    found = failed(checks("primary"))

    assert list(found) == ["primary: imported snapshot"]
    assert f"is {word}: what differs cannot be told from what is newer" in found["primary: imported snapshot"]
