"""Imports on a real qcluster: queued, scheduled, failing, and cut off in the middle."""

from collections.abc import Iterator

import pytest

from tests.faults.jobs.worker import Site, kill_group, temporary_site
from tests.legacy_files import DUPLICATE

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One site with a running cluster for the tests of this module that leave it running."""
    with temporary_site() as made, made.cluster():
        yield made


def test_a_queued_import_runs_and_its_report_is_the_tasks_result(site: Site) -> None:
    found = site.ask("""
task_id = queue_import("primary", "clerk")
task = wait_for(Success.objects.filter(pk=task_id))
run = runs.get(source="primary")
while OrmQ.objects.exists():
    time.sleep(0.02)
answer(name=task.name, group=task.group, report=task.result, status=run.status, by=run.requested_by, rows=run.tables)
""")

    assert (found["name"], found["group"]) == ("import primary for clerk", "import primary")
    assert (found["status"], found["by"]) == ("completed", "clerk")
    assert found["report"]["status"] == "completed"
    assert found["report"]["tables"] == found["rows"]
    assert found["rows"]["consultation_inquiries"]["read"] == 15


def test_an_import_of_a_missing_file_is_a_failed_task_with_its_sentence(site: Site) -> None:
    (site.legacy_dir / DUPLICATE).rename(site.legacy_dir / "elsewhere")

    found = site.ask("""
task = wait_for(Failure.objects.filter(pk=queue_import("duplicate", "clerk")))
run = runs.get(source="duplicate")
while OrmQ.objects.exists():
    time.sleep(0.02)
answer(result=task.result, name=task.name, status=run.status, error=run.error)
""")

    (site.legacy_dir / "elsewhere").rename(site.legacy_dir / DUPLICATE)
    assert found["status"] == "failed"
    assert DUPLICATE in found["error"]
    assert found["result"].startswith(f"{found['error']} : Traceback")
    assert found["name"] == "import duplicate for clerk"


def test_a_schedule_made_in_the_admin_runs_the_import(site: Site) -> None:
    found = site.ask("""
from datetime import timedelta
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

client = Client(headers={"host": "localhost"})
client.force_login(User.objects.create_superuser("chief"))
due = timezone.localtime() - timedelta(minutes=1)
response = client.post("/admin/django_q/schedule/add/", {
    "name": "nightly", "func": "legacy_import.jobs.import_source", "args": "'duplicate'", "kwargs": "", "hook": "",
    "schedule_type": Schedule.DAILY, "minutes": "", "repeats": "-1", "cron": "", "cluster": "", "task": "",
    "intended_date_kwarg": "",
    "next_run_0": due.strftime("%Y-%m-%d"), "next_run_1": due.strftime("%H:%M:%S"),
})
if response.status_code != 302:
    raise SystemExit(response.context["adminform"].form.errors.as_text())
run = wait_for(runs.filter(source="duplicate", status="completed"))
task = wait_for(Success.objects.filter(group="nightly"))
again = Schedule.objects.get(name="nightly").next_run > timezone.now()
answer(by=run.requested_by, report=task.result["status"], again=again)
""")

    assert found == {"by": "the scheduler", "report": "completed", "again": True}


def test_an_import_whose_cluster_was_killed_is_interrupted_and_can_be_asked_for_again() -> None:
    with temporary_site("--rows", "100000") as site:
        with site.cluster() as first:
            began = site.ask("""
queue_import("primary", "clerk")
wait_for(runs.filter(source="primary", status="running"))
line = source_lines()[0]
answer(refused=queue_import("primary", "another") is None)
""")
            kill_group(first)
        cut = site.ask("""
deadline = time.monotonic() + 20
while source_lines()[0].holder and time.monotonic() < deadline:
    time.sleep(0.1)
line = source_lines()[0]
answer(status=line.last_run.status, stored=line.last_run.run.status, queued=line.queued, left=OrmQ.objects.count())
""")
        with site.cluster():
            again = site.ask("""
wait_for(Success.objects.filter(pk=queue_import("primary", "clerk")), seconds=200)
answer(statuses=sorted(runs.filter(source="primary").values_list("status", flat=True)))
""")

    assert began == {"refused": True}
    assert cut == {"status": "interrupted", "stored": "running", "queued": None, "left": 1}
    assert again == {"statuses": ["completed", "interrupted"]}
