"""A dump comes back row for row, in a database of its own; with force in the live one's place, and not half."""

import json
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connections

from business_core.models import Post
from legacy_import.backups.dumps.client import database_name
from legacy_import.backups.dumps.kind import KeptDump
from legacy_import.backups.dumps.restoring import restore_dump
from legacy_import.backups.dumps.swapping import swap_in_restored
from legacy_import.errors import LegacyImportError, TerminalError, TransientError
from legacy_import.services import DatabaseRestoreRequest, ImportRequest, import_sources, restore_database
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES
from tests.checkouts import wait_until
from tests.factories import make_post
from tests.imports import execute
from tests.integration.legacy_import.backups.dumps.ground import DumpGround, Wrapped, databases, everything
from tests.integration.legacy_import.backups.folders import NOW, flip_bit

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

UTC = ZoneInfo("UTC")


def test_all_three_databases_come_back_row_for_row(dumps: DumpGround, real_legacy_dir: Path) -> None:
    reports = import_sources(SOURCES, ImportRequest(real_legacy_dir))
    assert [report.error for report in reports if report.error] == []
    make_post(content="made here: emoji 🙂, tab\t, \\N and a quote '")

    compared = 0
    for alias in ALIASES:
        dumps.take(alias=alias)
        restored = restore_database(DatabaseRestoreRequest(alias, "latest", UTC, swap=False), now=NOW)

        live = everything(alias)
        assert everything(alias, database=restored.database.name) == live
        assert restored.database.row_count == sum(restored.dump.manifest.tables.values())  # type: ignore[union-attr]
        assert (live["triggers"] and live["indexes"] and live["constraints"]) != []
        compared += sum(map(len, live.values()))
    assert compared > 1000


def test_the_live_database_is_not_touched(dumps: DumpGround) -> None:
    make_post()
    taken = dumps.take()
    make_post()

    restored = restore_dump("default", taken, now=NOW)

    assert restored.name == f"{database_name('default')}_restored_20260304_050607"
    assert Post.objects.count() == 2
    assert len(everything("default", database=restored.name)["posts"]) == 1


def test_two_restores_in_one_second_get_a_database_each(dumps: DumpGround) -> None:
    taken = dumps.take()

    names = [restore_dump("default", taken, now=NOW).name for _ in range(2)]

    assert names == [f"{database_name('default')}_restored_20260304_05060{second}" for second in (7, 8)]


def test_force_swaps_it_in_and_keeps_the_former_one(dumps: DumpGround) -> None:
    make_post(content="as it was")
    dumps.take()
    execute("default", "UPDATE posts SET content = 'spoilt'")
    somebody = connections["default"].copy()
    try:
        with somebody.cursor() as cursor:
            cursor.execute("SELECT 1")
        done = restore_database(DatabaseRestoreRequest("default", "latest", UTC, swap=True), now=NOW)
        with pytest.raises(OperationalError), somebody.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        somebody.close()

    assert Post.objects.get().content == "as it was"
    assert done.former is not None
    assert "spoilt" in everything("default", database=done.former)["posts"][0]
    assert databases() == {"", "_before_"}


def test_a_swap_that_fails_after_its_first_rename_changes_nothing(dumps: DumpGround) -> None:
    make_post()

    with pytest.raises(LegacyImportError, match=r"is as it was.*does not exist"):
        swap_in_restored("default", "no_such_database", now=NOW)

    assert databases() == {""}
    assert Post.objects.count() == 1


def test_a_missing_live_database_is_brought_back(dumps: DumpGround) -> None:
    make_post()
    taken = dumps.take()
    live = database_name("default")
    lost = restore_dump("default", taken, now=NOW)
    swap_in_restored("default", lost.name, now=NOW)
    connections["default"].close()
    # The live one is dropped by giving it another name: its collation must come from somewhere else then.
    with connections["analytics"].cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{live}" WITH (FORCE)')

    done = restore_database(DatabaseRestoreRequest("default", "latest", UTC, swap=True), now=NOW)

    assert (done.swapped, done.former) == (True, None)
    assert Post.objects.count() == 1


def test_a_damaged_dump_is_not_restored(dumps: DumpGround) -> None:
    flip_bit(dumps.take().path)

    with pytest.raises(TerminalError, match="its bytes have changed"):
        restore_database(DatabaseRestoreRequest("default", "latest", UTC, swap=True), now=NOW)

    assert databases() == {""}


def test_other_rows_than_the_manifests_are_told_and_dropped(dumps: DumpGround) -> None:
    make_post()
    taken = dumps.take()
    words = json.loads(taken.manifest_path.read_text())
    words["tables"]["public.posts"] = 2
    taken.manifest_path.write_text(json.dumps(words))

    with pytest.raises(TerminalError, match=r"should give 2 rows in public\.posts and gave 1 rows"):
        restore_dump("default", dumps.catalogue().backups[0], now=NOW)

    assert databases() == {""}


def test_a_failed_restore_leaves_no_database(dumps: DumpGround, wrapped: Wrapped) -> None:
    taken = dumps.take()
    wrapped.before("pg_restore", '[ "$1" = --list ] || { echo "pg_restore: error: no luck" >&2; exit 1; }')

    with pytest.raises(TerminalError, match="nothing was restored: pg_restore failed: no luck"):
        restore_dump("default", taken, now=NOW)

    assert databases() == {""}


RESTORING = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from legacy_import.backups.catalogue import read_catalogue
from legacy_import.backups.dumps.kind import DUMPS
from legacy_import.backups.dumps.restoring import restore_dump
restore_dump("default", read_catalogue(DUMPS, sys.argv[1], Path(sys.argv[2])).backups[0], now=datetime.now(UTC))
"""


def test_what_a_killed_restore_left_goes_with_the_next(dumps: DumpGround, wrapped: Wrapped, tmp_path: Path) -> None:
    taken = dumps.take()
    begun = tmp_path / "begun"
    wrapped.before("pg_restore", f'[ "$1" = --list ] || {{ echo $$ > {begun}; sleep 60; }}')
    with _restoring(taken) as killed:
        wait_until(lambda: begun.exists() and begun.read_text().endswith("\n"))
        with pytest.raises(TransientError, match="another restore of it is under way"):
            restore_dump("default", taken, now=NOW)
        killed.kill()
        killed.wait()
    assert databases() == {"", "_restoring_"}
    # The program has ended with its parent; the server needs a moment to see that the session is gone.
    wait_until(lambda: not _runs(int(begun.read_text())))
    wrapped.before("pg_restore", "")
    time.sleep(0.2)

    restore_dump("default", taken, now=NOW)

    assert databases() == {"", "_restored_"}


def _restoring(dump: KeptDump) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", RESTORING, database_name("default"), dump.path.parent])


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
