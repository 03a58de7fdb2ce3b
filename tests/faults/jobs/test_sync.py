"""The legacy side goes on writing: after one tick of a real cluster PostgreSQL has the change, and the page says so."""

import re
from collections.abc import Iterator

import pytest

from tests.faults.jobs.worker import Site, kill_group, temporary_site
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.faults

_COUNT = """
def run_count():
    return sum(ImportRun.objects.using(alias).count() for alias in ("default", "analytics", "revenue"))
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The real files, imported by the first tick of a cluster that goes on running."""
    with temporary_site(real=True) as made, made.cluster():
        first = made.ask('run = tick("sync-legacy"); answer(state=run.state, result=run.result, error=run.error)')
        assert first["state"] == "done", first
        assert set(first["result"]["sources"].values()) == {"imported"}
        yield made


def test_a_change_of_a_real_file_is_here_after_one_tick_and_the_page_says_when(site: Site) -> None:
    change(site.legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET company = 'Renamed GmbH' WHERE rowid = 3")

    found = site.ask("""
from django.contrib.auth.models import User
from django.test import Client
from business_core.models import ConsultationInquiry
run = tick("sync-legacy")
inquiry = ConsultationInquiry.objects.get(company="Renamed GmbH")
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.create_superuser("chief"))
page = client.get(f"/admin/business_core/consultationinquiry/{inquiry.pk}/change/").content.decode()
answer(summary=run.result["summary"], page=page, at=timezone.localtime(run.started_at).strftime("%H:%M"))
""")

    assert found["summary"] == "primary: 1 updated, 21 unchanged. 12 unchanged."
    said = re.search(
        r"In step with primary as of (\d\d:\d\d) \(\d+ \w+ \d{4}\); checked every 15 minutes\.", found["page"]
    )
    assert said is not None
    assert said[1] >= found["at"]


def test_an_idle_tick_writes_no_import_runs_and_looks_fast(site: Site) -> None:
    found = site.ask(f"""{_COUNT}
before = run_count()
run = tick("sync-legacy")
seconds = (run.finished_at - run.started_at).total_seconds()
answer(runs=run_count() - before, words=run.result["summary"], seconds=seconds)
""")

    assert (found["runs"], found["words"]) == (0, "All 13 sources are unchanged.")
    assert found["seconds"] < 2


def test_a_tick_killed_in_the_middle_leaves_whole_sources_and_the_next_one_the_rest() -> None:
    with temporary_site("--rows", "20000") as site:
        with site.cluster() as first:
            # Killed from there: the import may be over before another process hears that it began.
            site.ask(f"""
Schedule.objects.filter(args="('sync-legacy',)").update(next_run=timezone.now() - timedelta(minutes=1))
wait_for(runs.filter(source="duplicate", status="running"))
os.killpg({first.pid}, signal.SIGKILL)
answer()
""")
            kill_group(first)
        cut = site.ask("""
from legacy_import.models import LedgerRow
deadline = time.monotonic() + 20
while any(line.holder for line in source_lines()) and time.monotonic() < deadline:
    time.sleep(0.1)
landed = set(runs.filter(status__in=ImportRun.FINISHED).values_list("source", flat=True))
known = set(LedgerRow.objects.using("default").values_list("source", flat=True).distinct())
running = [run.source for run in runs.filter(status="running")]
answer(whole=known <= landed, primary="primary" in landed, running=running)
""")
        with site.cluster():
            after = site.ask("""
run = tick("sync-legacy")
from legacy_import.models import SourceSync
wrong = SourceSync.objects.exclude(error="").count()
answer(sources=run.result and run.result["sources"], error=run.error, wrong=wrong)
""")

    assert cut == {"whole": True, "primary": True, "running": ["duplicate"]}
    assert after["error"] == ""
    assert after["sources"]["duplicate"] == "imported"
    assert set(after["sources"].values()) <= {"imported", "unchanged"}
    assert after["wrong"] == 0
