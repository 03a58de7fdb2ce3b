"""A dump is taken whole or not at all, and says what is in it."""

import os
from datetime import UTC
from pathlib import Path
from threading import Thread

import pytest
from django.db import connections

from business_core.models import Post
from legacy_import.backups.dumps.client import database_name
from legacy_import.errors import LegacyImportError, TransientError
from legacy_import.services import dump_before_change, dump_database, is_dump_due
from tests.checkouts import wait_until
from tests.factories import make_post
from tests.imports import rows
from tests.integration.legacy_import.backups.dumps.ground import DumpGround, Wrapped
from tests.integration.legacy_import.backups.folders import NOW, days_ago

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def test_a_dump_says_what_is_in_it(dumps: DumpGround) -> None:
    make_post()
    make_post()

    taken = dumps.take(reason="undo of primary")

    (kept,) = dumps.catalogue().backups
    assert kept == taken
    assert kept.manifest is not None
    assert kept.path.name == f"20260304T050607000089Z-{kept.manifest.sha256[:12]}.dump"
    assert (kept.taken_at.tzinfo, kept.taken_at) == (UTC, NOW)
    assert kept.manifest.tables["public.posts"] == 2
    assert (kept.manifest.reason, kept.manifest.requested_by) == ("undo of primary", "a test")
    assert kept.manifest.change_mark == rows("default", "SELECT max(id) FROM change_log")[0][0]
    assert kept.path.read_bytes()[:5] == b"PGDMP"
    assert [path.stat().st_mode & 0o077 for path in (kept.path, kept.manifest_path)] == [0, 0]


def test_the_verbs_keep_it_in_the_databases_folder(dumps: DumpGround) -> None:
    path = dump_before_change("default", "undo of primary", "clerk")
    dump_database("analytics", reason="by hand", requested_by="")

    assert path == dumps.catalogue().backups[0].path
    assert path.parent == dumps.directory()
    assert len(dumps.catalogue("analytics").backups) == 1


def test_only_a_daily_dump_of_today_counts(dumps: DumpGround) -> None:
    dumps.take(days_ago(1 / 24), reason="by hand")
    dumps.take(days_ago(21 / 24), reason="daily")
    assert is_dump_due("default", NOW)

    dumps.take(days_ago(19 / 24), reason="daily")

    assert not is_dump_due("default", NOW)
    assert is_dump_due("analytics", NOW)


def test_a_cut_daily_dump_does_not_count(dumps: DumpGround) -> None:
    os.truncate(dumps.take(reason="daily").path, 100)

    assert is_dump_due("default", NOW)


def test_what_is_written_meanwhile_is_neither_dumped_nor_counted(
    dumps: DumpGround, wrapped: Wrapped, tmp_path: Path
) -> None:
    make_post(external_post_id="before")
    begun, go = tmp_path / "begun", tmp_path / "go"
    wrapped.before("pg_dump", f'touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done; {{ echo "$@"; }} > {begun}')

    def write() -> None:
        try:
            wait_until(begun.exists)
            make_post(external_post_id="meanwhile")
        finally:
            go.touch()
            connections.close_all()

    writer = Thread(target=write)
    writer.start()
    taken = dumps.take()
    writer.join()

    assert Post.objects.count() == 2
    assert taken.manifest is not None
    assert taken.manifest.tables["public.posts"] == 1
    assert "--snapshot=" in begun.read_text()


def test_the_password_is_on_no_command_line_and_in_no_file(dumps: DumpGround, wrapped: Wrapped, tmp_path: Path) -> None:
    said = tmp_path / "said"
    wrapped.before("pg_dump", f'{{ echo "$@"; echo "has $PGPASSWORD"; }} > {said}')

    taken = dumps.take()

    password = str(connections["default"].settings_dict["PASSWORD"])
    line, environment = said.read_text().splitlines()
    assert environment == f"has {password}"
    assert password
    assert password not in line
    assert password not in taken.manifest_path.read_text()


HALF = 'for a in "$@"; do case $a in --file=*) head -c 5000 /dev/urandom > "${a#--file=}";; esac; done;'


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param(f"{HALF} kill -9 $$", "pg_dump was killed by signal 9", id="killed"),
        pytest.param('echo "pg_dump: error: no luck" >&2; exit 1', "pg_dump failed: no luck", id="failed"),
        pytest.param(f"{HALF} exit 0", "pg_restore failed: input file does not appear", id="lied"),
    ],
)
def test_a_program_that_fails_leaves_nothing(dumps: DumpGround, wrapped: Wrapped, script: str, sentence: str) -> None:
    wrapped.before("pg_dump", script)

    with pytest.raises(LegacyImportError, match=sentence) as caught:
        dumps.take()

    assert "\n" not in str(caught.value)
    assert database_name("default") in str(caught.value)
    assert dumps.names() == []


def test_what_a_killed_dump_left_is_swept_by_the_next(dumps: DumpGround) -> None:
    dumps.directory().mkdir(parents=True)
    (dumps.directory() / ".partial-x").mkdir()
    (dumps.directory() / ".partial-x" / "database.partial").write_text("half")
    (dumps.directory() / "20260101T000000000000Z-0123456789ab.json").write_text("{}")

    taken = dumps.take()

    assert dumps.names() == sorted([taken.path.name, taken.manifest_path.name])


def test_a_table_that_stays_locked_is_waited_for_and_then_said(
    dumps: DumpGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legacy_import.backups.dumps.taking._TABLE_LOCK_TIMEOUT", "100ms")
    other = connections["default"].copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TransientError, match="lock timeout"):
            dumps.take()
    finally:
        other.close()

    assert dumps.names() == []
