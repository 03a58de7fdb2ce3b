"""Imports on a real qcluster: queued, scheduled by an operator, failing, and cut off in the middle."""

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


def test_a_queued_import_runs_and_its_report_is_the_runs_result(site: Site) -> None:
    found = site.ask("""
run = ended(queue_import("primary", "clerk"))
imported = runs.get(source="primary")
while OrmQ.objects.exists():
    time.sleep(0.02)
answer(state=run.state, report=run.result, status=imported.status, by=imported.requested_by, rows=imported.tables)
""")

    assert (found["state"], found["status"], found["by"]) == ("done", "completed", "clerk")
    assert found["report"]["summary"] == "primary: 22 inserted."
    assert found["report"]["tables"] == found["rows"]
    assert found["rows"]["consultation_inquiries"]["read"] == 15


def test_an_import_of_a_missing_file_needs_a_person_at_once(site: Site) -> None:
    (site.legacy_dir / DUPLICATE).rename(site.legacy_dir / "elsewhere")

    found = site.ask("""
run = ended(queue_import("duplicate", "clerk"))
imported = runs.get(source="duplicate")
while OrmQ.objects.exists():
    time.sleep(0.02)
answer(state=run.state, attempts=run.attempts, sentence=run.error, status=imported.status, error=imported.error)
""")

    (site.legacy_dir / "elsewhere").rename(site.legacy_dir / DUPLICATE)
    assert (found["state"], found["attempts"], found["status"]) == ("given_up", 1, "failed")
    assert DUPLICATE in found["error"]
    assert found["sentence"] == found["error"]


def test_a_schedule_an_operator_made_before_there_was_the_job_still_imports(site: Site) -> None:
    found = site.ask("""
due = timezone.now() - timedelta(minutes=1)
Schedule.objects.create(name="nightly", func="legacy_import.jobs.import_source", args="'duplicate'",
                        schedule_type=Schedule.DAILY, repeats=-1, next_run=due)
imported = wait_for(runs.filter(source="duplicate", status="completed"))
run = ended(JobRun.objects.get(job="import-source", arguments={"source": "duplicate"}, state__in=["running", "done"]))
again = Schedule.objects.get(name="nightly").next_run > timezone.now()
answer(by=imported.requested_by, state=run.state, again=again)
""")

    assert found == {"by": "the scheduler", "state": "done", "again": True}


def test_an_import_whose_cluster_was_killed_changed_nothing_and_can_be_asked_for_again() -> None:
    with temporary_site("--rows", "100000") as site:
        with site.cluster() as first:
            began = site.ask("""
run = queue_import("primary", "clerk")
wait_for(runs.filter(source="primary", status="running"))
seen = wait_for(JobRun.objects.filter(pk=run.pk, progress__words__startswith="primary: "))
answer(refused=queue_import("primary", "another") is None, progress=sorted(seen.progress))
""")
            kill_group(first)
        cut = site.ask("""
from business_core.models import ConsultationInquiry, Post
from legacy_import.models import LedgerRow, SourceSync
deadline = time.monotonic() + 20
while source_lines()[0].holder and time.monotonic() < deadline:
    time.sleep(0.1)
line = source_lines()[0]
answer(status=line.last_run.status, stored=line.last_run.run.status, lost=line.queued.is_lost,
       rows=Post.objects.count() + ConsultationInquiry.objects.count() + LedgerRow.objects.using("default").count(),
       synced=SourceSync.objects.count())
""")
        with site.cluster():
            again = site.ask("""
run = ended(queue_import("primary", "clerk"), seconds=200)
answer(statuses=sorted(runs.filter(source="primary").values_list("status", flat=True)), attempts=run.attempts)
""")

    assert began == {"refused": True, "progress": ["done", "total", "words"]}
    assert cut == {"status": "interrupted", "stored": "running", "lost": True, "rows": 0, "synced": 0}
    assert again == {"statuses": ["completed", "interrupted"], "attempts": 2}
