"""The operator's page in a real browser: it tells by itself how jobs fare, and each verb does its work once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from playwright.sync_api import Page, expect

from synapse.console.people.roles import Role
from synapse.kit.jobs import registry
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.performing import perform
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.schedules import ensure_schedules
from synapse.kit.jobs.work import Work
from tests.browser import PHONE_WIDTH, Site
from tests.every_page.accessibility import faults_here
from tests.factories import make_job_run

pytestmark = pytest.mark.browser

_CONSOLE = "/admin/operations/"
_MARK = "window.neverReloaded"


class Counting:
    """A job's work that tells how far it is and ends when it is told to."""

    def __init__(self) -> None:
        self.may_end = threading.Event()

    def __call__(self, work: Work) -> Result:
        work.report_progress(3, 13, "week3")
        assert self.may_end.wait(30)
        return {"summary": "Counted 13."}


@pytest.fixture
def counting(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    """Register a job beside no others, on a site on which no job ever ran."""
    work = Counting()
    monkeypatch.setattr(registry, "_jobs", {})
    register_job(Job(name="count", title="Count", work=work, time_limit=timedelta(minutes=5), cron="0 3 * * *"))
    ensure_schedules(timezone.now())
    yield work
    work.may_end.set()
    for model in (JobRun, JobPause, OrmQ, Schedule):
        model.objects.all().delete()


@contextmanager
def at_work(run: JobRun, counting: Counting) -> Iterator[None]:
    """Perform the run in another thread, as a worker would; it ends with the block."""

    def _perform() -> None:
        try:
            perform(str(run.pk))
        finally:
            connections.close_all()

    worker = threading.Thread(target=_perform)
    worker.start()
    try:
        yield
    finally:
        counting.may_end.set()
        worker.join()


def test_job_is_run_watched_and_done_without_reloading(site: Site, counting: Counting) -> None:
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value)
    page.goto(_CONSOLE)
    page.get_by_role("button", name="Run Count now").click()
    expect(page.get_by_text("Count: queued. It starts as soon as a worker is free.")).to_be_visible()
    row = page.locator("#job-count")
    expect(row).to_contain_text("waiting for a worker")
    page.evaluate(f"{_MARK} = true")
    _open_pause(page)

    with at_work(JobRun.objects.get(), counting):
        expect(page.get_by_role("progressbar", name="Count")).to_have_attribute("value", "3")
        expect(page.locator("#running")).to_contain_text("3 of 13 (23 %) · week3")
        expect(page.locator("#live-said")).to_have_text("Count: running")
    expect(row).to_contain_text("done")
    expect(row).to_contain_text("Counted 13.")
    expect(page.locator("#running")).to_contain_text("Nothing is running and nothing waits.")

    expect(page.locator("#live-said")).to_have_text("Count: done")
    expect(page.get_by_label("Why (others read it)")).to_have_value("A new index")
    expect(page.get_by_label("Why (others read it)")).to_be_focused()
    assert page.evaluate(_MARK) is True


def _open_pause(page: Page) -> None:
    page.locator("#pause-count > summary").click()
    page.get_by_label("Why (others read it)").fill("A new index")


@pytest.mark.parametrize("width", [1280, PHONE_WIDTH])
def test_retry_pressed_twice_queues_one_run(site: Site, counting: Counting, width: int) -> None:
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP, error="No file.", traceback="at line 7", attempts=3)
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value, width=width)
    page.goto(_CONSOLE)
    page.get_by_text("Traceback", exact=True).click()
    expect(page.get_by_text("at line 7")).to_be_visible()

    page.get_by_role("button", name="Retry Count").dblclick()

    expect(page.locator("#needs-person")).to_contain_text("Nothing: no run was given up.")
    run.refresh_from_db()
    assert (run.state, run.requested_by) == (JobRun.State.QUEUED, "Olga")
    assert (JobRun.objects.count(), OrmQ.objects.count()) == (1, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_job_is_paused_and_resumed(site: Site, counting: Counting) -> None:
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value)
    page.goto(_CONSOLE)
    _open_pause(page)
    page.get_by_role("button", name="Pause Count").click()

    row = page.locator("#job-count")
    expect(row).to_contain_text("by Olga, today")
    expect(row).to_contain_text("A new index")

    page.get_by_role("button", name="Resume Count").click()
    expect(page.get_by_text("Count: resumed.")).to_be_visible()
    expect(row).to_contain_text("03:00")
    assert not JobPause.objects.exists()


def test_run_that_is_put_aside_can_be_taken_back(site: Site, counting: Counting) -> None:
    make_job_run(job="count", state=JobRun.State.GIVEN_UP, error="No file.", finished_at=timezone.now())
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value)
    page.goto(_CONSOLE)

    page.get_by_role("button", name="Put Count aside").click()
    expect(page.locator("#needs-person")).to_contain_text("Put aside in the last 7 days (1)")
    page.locator("#put-aside > summary").click()
    page.get_by_role("button", name="Take back that Count was put aside").click()

    expect(page.get_by_role("button", name="Retry Count")).to_be_visible()


def test_page_that_is_held_still_or_hidden_asks_nothing(site: Site, counting: Counting) -> None:
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value)
    asked: list[str] = []
    page.clock.install()
    page.goto(_CONSOLE)
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/live/") else None)
    button, state = page.get_by_role("button", name="Hold still"), page.locator("#live-state")

    button.click()
    page.clock.run_for(20_000)
    assert asked == []

    button.click()
    expect(state).to_contain_text("by itself every few seconds")
    _hide(page, hidden=True)
    page.clock.run_for(20_000)
    assert len(asked) == 1

    _hide(page, hidden=False)
    page.clock.run_for(1)
    expect(state).to_contain_text("by itself every few seconds")
    assert len(asked) == 2


def _hide(page: Page, *, hidden: bool) -> None:
    """Tell the page that its tab went behind another one, or came back."""
    told = str(hidden).lower()
    page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: {told}, configurable: true}})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.faults
def test_pages_are_for_everybody(site: Site, counting: Counting) -> None:
    given_up = make_job_run(
        job="count", state=JobRun.State.GIVEN_UP, error="No file.", traceback="at line 7\n" * 60, attempts=3
    )
    began = timezone.now() - timedelta(seconds=9)
    make_job_run(job="count", state=JobRun.State.DONE, started_at=began, finished_at=timezone.now(), attempts=1)
    make_job_run(job="count", state=JobRun.State.RUNNING, started_at=began, attempts=1, arguments={"x": "y" * 90})
    page = site.sign_in("Ada")

    found = []
    for path in ("", "jobs/count/", f"runs/{given_up.pk}/"):
        page.goto(_CONSOLE + path)
        _open_everything(page)
        found += [f"{path}: {fault}" for fault in faults_here(page)]

    assert found == []


def _open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('#live details').forEach((one) => { one.open = true; })")


def test_page_works_without_its_script(site: Site, counting: Counting) -> None:
    page = site.sign_in("Olga", Role.MIGRATION_OPERATOR.value)
    page.route("**/operations.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(_CONSOLE)
    make_job_run(job="count", state=JobRun.State.GIVEN_UP, error="No file.")

    page.get_by_role("link", name="Refresh").click()

    expect(page.get_by_role("button", name="Retry Count")).to_be_visible()
    expect(page.get_by_role("button", name="Hold still")).to_have_count(0)
