"""Before a source's first import a database that holds something is dumped; without the dump there is no import."""

from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.models import ImportRun
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import ImportRequest, import_sources
from legacy_import.sources import source_named
from tests.factories import make_post
from tests.imports import rows, run_import
from tests.integration.legacy_import.backups.dumps.ground import DumpGround

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.fixture(autouse=True)
def _dumping(settings: Settings) -> None:
    settings.DUMP_BEFORE_IMPORT = True


def import_together(legacy_dir: Path, *names: str, dry_run: bool = False) -> list[SourceReport]:
    request = ImportRequest(legacy_dir, requested_by="clerk", dry_run=dry_run)
    return import_sources([source_named(name) for name in names], request)


def reasons(dumps: DumpGround, alias: str = "default") -> list[str]:
    """Return why each dump was taken, oldest first."""
    return [dump.manifest.reason for dump in reversed(dumps.catalogue(alias).backups) if dump.manifest]


def test_an_empty_database_needs_no_dump(dumps: DumpGround, legacy_dir: Path) -> None:
    reports = import_together(legacy_dir, "primary", "duplicate", "week3", "attribution")

    assert {report.status for report in reports} == {"completed"}
    assert not dumps.folder.exists()


def test_sources_that_are_new_together_share_one_dump_of_what_was_before(dumps: DumpGround, legacy_dir: Path) -> None:
    import_together(legacy_dir, "primary")
    before = rows("default", "SELECT count(*) FROM posts")[0][0]

    import_together(legacy_dir, "primary", "week3", "content", "attribution")

    assert reasons(dumps) == ["first import of week3, content"]
    (dump,) = dumps.catalogue().backups
    assert dump.manifest is not None
    assert dump.manifest.tables["public.posts"] == before < rows("default", "SELECT count(*) FROM posts")[0][0]
    assert dump.manifest.requested_by == "clerk"
    assert reasons(dumps, "analytics") == []


def test_a_row_made_by_hand_is_worth_a_dump(dumps: DumpGround, legacy_dir: Path) -> None:
    make_post()

    run_import("primary", legacy_dir)
    run_import("primary", legacy_dir)

    assert reasons(dumps) == ["first import of primary"]


def test_an_import_that_failed_or_was_only_tried_was_no_first_one(dumps: DumpGround, legacy_dir: Path) -> None:
    make_post()
    ImportRun.objects.using("default").create(source="primary", status="failed")

    import_together(legacy_dir, "primary", dry_run=True)
    assert not dumps.folder.exists()
    run_import("primary", legacy_dir)

    assert reasons(dumps) == ["first import of primary"]


def test_after_an_undo_the_next_import_is_a_first_one_again(dumps: DumpGround, legacy_dir: Path) -> None:
    make_post()
    ImportRun.objects.using("default").create(source="primary", status="undone")

    run_import("primary", legacy_dir)

    assert reasons(dumps) == ["first import of primary"]


def test_without_the_dump_nothing_is_begun(
    dumps: DumpGround, legacy_dir: Path, tmp_path: Path, backup_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import("primary", legacy_dir)
    monkeypatch.setenv("SYNAPSE_PG_BIN", str(tmp_path))

    known, new = import_together(legacy_dir, "primary", "week3")

    assert known.status == "completed"
    assert new.status == "failed"
    assert new.error is not None
    assert new.error.startswith("week3 was not imported, nothing was begun")
    assert "No pg_dump and pg_restore were found" in new.error
    assert "SYNAPSE_DUMP_BEFORE_IMPORT" in new.error
    assert "\n" not in new.error
    assert ImportRun.objects.using("default").get(source="week3").error == new.error
    assert not (backup_dir / "week3").exists()
    assert rows("default", "SELECT count(*) FROM ledger WHERE source = 'week3'") == [(0,)]


def test_it_can_be_switched_off(dumps: DumpGround, legacy_dir: Path, settings: Settings) -> None:
    settings.DUMP_BEFORE_IMPORT = False
    make_post()

    run_import("primary", legacy_dir)

    assert not dumps.folder.exists()
