"""`manage.py backups` on dumps, the daily job, and servers that are not ours."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django_q.models import Schedule

from legacy_import import jobs
from legacy_import.backups.dumps.client import database_name
from legacy_import.jobs.backups import BackupFailedError
from legacy_import.services import prune_dumps
from legacy_import.services.dumps import DAILY, is_dump_due
from synapse.foundation.databases import ALIASES, URL_VARIABLES
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.performing import perform_tick
from synapse.kit.jobs.schedules import ensure_schedules
from tests.checkouts import Checkout
from tests.factories import make_post
from tests.integration.legacy_import.backups.dumps.ground import DumpGround, Wrapped, databases
from tests.integration.legacy_import.backups.folders import flip_bit

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.fixture
def backups(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("backups", *map(str, arguments))
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_dump_list_verify_restore(backups: Any, dumps: DumpGround) -> None:
    make_post()

    code, out, _ = backups("dump", "--database=default")
    assert (code, database_name("default") in out) == (0, True)
    (entry,) = json.loads(backups("list", "--json")[1])["dumps"]
    assert (entry["database"], entry["reason"]) == (database_name("default"), "by hand")
    assert entry["path"] == str(dumps.catalogue().backups[0].path)
    assert entry["sha256"][:12] in entry["path"]
    assert "by hand" in backups("list")[1]
    assert backups("verify", "--database=default")[:2] == (0, "all 1 dumps are sound\n")

    code, out, _ = backups("restore", f"--database={database_name('default')}")
    assert (code, "is untouched" in out, "\\c " in out) == (0, True, True)
    assert databases() == {"", "_restored_"}
    code, out, _ = backups("restore", "--database=default", "--force", f"--at={Path(entry['path']).name}")
    assert (code, "migrate_all" in out) == (0, True)
    assert databases() == {"", "_restored_", "_before_"}


def test_verify_leaves_with_1_for_a_flipped_bit(backups: Any, dumps: DumpGround) -> None:
    path = dumps.take().path
    flip_bit(path)

    code, out, _ = backups("verify", "--json")
    verdict = json.loads(out)

    assert (code, verdict["passed"], verdict["checked"], verdict["dumps_checked"]) == (1, False, 0, 1)
    assert [finding["path"] for finding in verdict["dump_findings"]] == [str(path)]
    code, out, _ = backups("verify")
    assert (code, "1 found among 1 dumps" in out) == (1, True)
    code, _, err = backups("restore", "--database=default")
    assert (code, err.count("\n"), "its bytes have changed" in err) == (1, 1, True)


REFUSALS = {
    "dump --database=nobody": 2,
    "restore --database=nobody": 2,
    "restore primary --database=default": 2,
    "restore --database=default,revenue": 2,
    "restore --database=default --in-place --force": 2,
    "restore": 2,
    "restore primary": 2,
    "restore --database=default": 1,
    "restore --database=default --at=tomorrow": 1,
}


def test_refusals_are_one_sentence(backups: Any) -> None:
    for arguments, code in REFUSALS.items():
        found, out, err = backups(*arguments.split())

        assert (found, out, err.count("\n")) == (code, "", 1), arguments


def test_prune_names_what_went(backups: Any, dumps: DumpGround) -> None:
    newest = dumps.take(timezone.now())
    dumps.copy(newest, timezone.now() - timedelta(days=31))

    code, out, _ = backups("prune")

    assert (code, "1 dump older than 30 days removed" in out) == (0, True)
    assert [dump.path for dump in dumps.catalogue().backups] == [newest.path]
    assert backups("prune")[:2] == (0, "nothing is older than 30 days\n")
    assert prune_dumps(ALIASES, days=30, dry_run=False, now=timezone.now() + timedelta(days=900))[0].backups == ()


def test_the_daily_job_dumps_each_once(dumps: DumpGround, backups: Any) -> None:
    assert len(jobs.backup_databases()) == 3
    assert jobs.backup_databases() == []
    assert backups("dump", "--if-due")[1].count("fresh enough") == 3
    assert [dump.manifest.reason for dump in dumps.catalogue("revenue").backups if dump.manifest] == ["daily"]


def test_a_daily_dump_is_due_twenty_hours_after_the_last_one(dumps: DumpGround) -> None:
    taken_at = dumps.take(reason=DAILY).taken_at

    assert not is_dump_due("default", taken_at + timedelta(hours=20) - timedelta(seconds=1))
    assert is_dump_due("default", taken_at + timedelta(hours=20))


def test_one_database_that_fails_leaves_the_others_be(dumps: DumpGround, wrapped: Wrapped, backups: Any) -> None:
    wrapped.before(
        "pg_dump", f'[[ "$*" == *"{database_name("analytics")}"* ]] && {{ echo "error: no luck" >&2; exit 1; }}'
    )

    with pytest.raises(BackupFailedError, match=f"{database_name('analytics')}: no dump was taken: .*no luck"):
        jobs.backup_databases()

    assert [len(dumps.catalogue(alias).backups) for alias in ALIASES] == [1, 0, 1]
    code, out, err = backups("dump", "--if-due")
    assert (code, out.count("fresh enough"), err.count("\n")) == (1, 2, 1)


def test_the_job_dumps_at_every_tick_and_once_however_often_the_tick_comes(dumps: DumpGround) -> None:
    for tick in ("2026-03-04T00:30:00+00:00", "2026-03-04T00:30:00+00:00", "2026-03-05T00:30:00+00:00"):
        perform_tick("backup", tick)

    assert [len(dumps.catalogue(alias).backups) for alias in ALIASES] == [2, 2, 2]
    for run in JobRun.objects.all():
        assert run.result is not None
        assert run.result["summary"].startswith("All 3 databases dumped, ")
        assert len(run.result["dumps"]) == 3


def test_another_attempt_takes_up_what_is_missing(dumps: DumpGround) -> None:
    asked_at = timezone.now()
    assert len(jobs.backup_databases(asked_at=asked_at)) == 3
    dumps.catalogue("revenue").backups[0].path.unlink()

    assert [dump.origin for dump in jobs.backup_databases(asked_at=asked_at)] == [database_name("revenue")]


def test_the_schedule_of_former_versions_is_taken_over_with_its_time() -> None:
    evening = datetime(2026, 3, 4, 20, 0, tzinfo=ZoneInfo("Europe/Bucharest"))
    former = Schedule.objects.create(
        func="legacy_import.jobs.backup_databases", schedule_type=Schedule.DAILY, next_run=evening, repeats=-1
    )

    ensure_schedules(evening)

    former.refresh_from_db()
    assert (former.func, former.args) == ("synapse.kit.jobs.performing.perform_tick", "('backup',)")
    assert (former.schedule_type, former.next_run) == (Schedule.DAILY, evening)
    assert Schedule.objects.filter(args="('backup',)").count() == 1


@pytest.mark.parametrize("right", ["the right password", "another one"])
def test_a_server_by_its_url(right: str, tmp_path: Path, dumps: DumpGround) -> None:
    at = connections["default"].settings_dict
    password = at["PASSWORD"] if right == "the right password" else "guessed-secret"
    address = f"{at['USER']}:{quote(password)}@{at['HOST']}:{at['PORT']}"
    urls = {URL_VARIABLES[alias]: f"postgresql://{address}/{database_name(alias)}" for alias in ALIASES}
    elsewhere = Checkout(tmp_path / "var", None, sys.executable, {"BACKUP_DIR": str(dumps.folder.parent), **urls})

    done = elsewhere.run("backups", "dump", "--database=default")

    assert password not in done.stdout + done.stderr
    if right == "the right password":
        assert (done.returncode, len(dumps.catalogue().backups)) == (0, 1), done.stderr
    else:
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert f"{database_name('default')}: no dump was taken" in done.stderr
        assert "password authentication failed" in done.stderr
        assert dumps.catalogue().backups == ()
