"""What the operator does to jobs and runs."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from synapse.kit.jobs.job import Option
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.schedules import ensure_schedules
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import raise_notice
from tests.factories import make_job_run
from tests.integration.synapse.console.operations.conftest import Make
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default"])

_CONSOLE = "/admin/operations/"
NOBODYS = "00000000-0000-4000-8000-000000000000"  # the same in every process, for it names tests


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_run_now_queues_a_run_in_the_persons_name(operator: Client, make_job: Make) -> None:
    make_job()

    answer = operator.post(f"{_CONSOLE}jobs/count/run/", {"once": str(uuid4())})

    run = JobRun.objects.get()
    assert (run.state, run.requested_by, OrmQ.objects.count()) == (JobRun.State.QUEUED, "Ada", 1)
    assert answer.headers["Location"] == _CONSOLE
    assert said(answer).startswith("Count something: queued.")


def test_form_sent_twice_is_one_run_even_when_the_first_is_done_already(operator: Client, make_job: Make) -> None:
    make_job()
    form = {"once": str(uuid4())}
    operator.post(f"{_CONSOLE}jobs/count/run/", form)
    JobRun.objects.update(state=JobRun.State.DONE)

    answer = operator.post(f"{_CONSOLE}jobs/count/run/", form)

    assert JobRun.objects.count() == 1
    assert "Nothing was queued." in said(answer)


def test_options_chosen_are_the_runs_arguments(operator: Client, make_job: Make) -> None:
    options = (Option("all_months", "all months"), Option("source", "which", ("a", "b")), Option("force", "even so"))
    make_job(options=options)

    operator.post(f"{_CONSOLE}jobs/count/run/", {"option-all_months": "yes", "option-source": "b"})

    assert JobRun.objects.get().arguments == {"all_months": True, "source": "b"}


def test_choice_that_is_none_is_refused_in_a_sentence(operator: Client, make_job: Make) -> None:
    make_job(options=(Option("source", "which", ("a", "b")),))

    answer = operator.post(f"{_CONSOLE}jobs/count/run/", {"option-source": "zebra"})

    assert "source is one of a, b, not 'zebra'" in said(answer)
    assert not JobRun.objects.exists()


def test_choice_that_is_needed_and_not_made_is_refused_in_a_sentence(operator: Client, make_job: Make) -> None:
    make_job(options=(Option("source", "which", ("a", "b"), required=True),))

    answer = operator.post(f"{_CONSOLE}jobs/count/run/", {"option-source": ""})

    assert "count needs its source: choose one of a, b. Nothing was queued." in said(answer)
    assert not JobRun.objects.exists()


def test_retry_queues_the_run_once_however_often_it_is_pressed(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP, attempts=3, error="No file.")

    answers = [said(operator.post(f"{_CONSOLE}runs/{run.pk}/retry/")) for _ in range(2)]

    run.refresh_from_db()
    assert (run.state, run.requested_by, run.attempts) == (JobRun.State.QUEUED, "Ada", 0)
    assert OrmQ.objects.count() == 1
    assert "queued once more" in answers[0]
    assert "not queued again; the run is waiting for a worker" in answers[1]


def test_retry_beside_an_equal_run_says_so(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP)
    make_job_run(job="count")

    answer = operator.post(f"{_CONSOLE}runs/{run.pk}/retry/", {"back": "run"})

    assert "a run of the same work is queued or under way already" in said(answer)
    assert answer.headers["Location"] == f"{_CONSOLE}runs/{run.pk}/"


def test_retry_of_a_job_that_is_gone_says_what_to_do(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="long-gone", state=JobRun.State.GIVEN_UP)

    answer = operator.post(f"{_CONSOLE}runs/{run.pk}/retry/")

    assert "Put the run aside instead." in said(answer)
    run.refresh_from_db()
    assert run.state == JobRun.State.GIVEN_UP


def test_run_put_aside_can_be_taken_back(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP)

    raise_notice(Kind.JOB_GIVEN_UP, key="count", title="Count", text="No file.", permission="job_base.run_job")

    operator.post(f"{_CONSOLE}runs/{run.pk}/settle/")
    run.refresh_from_db()
    assert (run.state, run.settled_by) == (JobRun.State.SETTLED, "Ada")
    assert not Notice.objects.open().exists()

    answer = operator.post(f"{_CONSOLE}runs/{run.pk}/reopen/", {"back": "run"})
    run.refresh_from_db()
    assert (run.state, run.settled_by, run.settled_at) == (JobRun.State.GIVEN_UP, "", None)
    assert "needs a person again" in said(answer)


def test_reopening_what_needs_a_person_already_names_no_other_run(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP)

    answer = operator.post(f"{_CONSOLE}runs/{run.pk}/reopen/")

    assert "nothing was changed; the run was given up and needs a person" in said(answer)
    assert "queued or under way" not in said(answer)


def test_job_on_demand_is_not_paused(operator: Client, make_job: Make) -> None:
    make_job()

    answer = operator.post(f"{_CONSOLE}jobs/count/pause/")

    assert "it runs only when somebody asks" in said(answer)
    assert not JobPause.objects.exists()


def test_run_a_command_failed_at_never_needs_a_person(operator: Client, make_job: Make) -> None:
    make_job()
    run = make_job_run(job="count", state=JobRun.State.SETTLED, by_hand=True)

    operator.post(f"{_CONSOLE}runs/{run.pk}/reopen/")

    run.refresh_from_db()
    assert run.state == JobRun.State.SETTLED


def test_job_is_paused_with_a_reason_and_resumed(operator: Client, make_job: Make) -> None:
    make_job(cron="0 3 * * *")
    ensure_schedules(timezone.now())

    answers = [operator.post(f"{_CONSOLE}jobs/count/pause/", {"reason": " New\0 index ", "back": "job"})]
    pause = JobPause.objects.get()
    answers += [operator.post(f"{_CONSOLE}jobs/count/{verb}/") for verb in ("pause", "resume", "resume")]

    assert (pause.job, pause.paused_by, pause.reason) == ("count", "Ada", "New index")
    assert not JobPause.objects.exists()
    assert answers[0].headers["Location"] == f"{_CONSOLE}jobs/count/"
    beginnings = ["paused.", "it is paused already.", "resumed.", "it was not paused."]
    for answer, beginning in zip(answers, beginnings, strict=True):
        assert f"Count something: {beginning}" in said(answer)


@pytest.mark.parametrize(
    "path", ["jobs/nothing/run/", "jobs/nothing/pause/", f"runs/{NOBODYS}/retry/", f"runs/{NOBODYS}/settle/"]
)
def test_what_is_not_there_is_not_found(operator: Client, path: str) -> None:
    assert operator.post(_CONSOLE + path).status_code == 404


@pytest.mark.parametrize("verb", ["retry", "settle", "reopen"])
def test_who_only_looks_changes_nothing(client: Client, verb: str) -> None:
    run = make_job_run(state=JobRun.State.GIVEN_UP)
    client.force_login(clerk("view_jobrun"))

    assert client.post(f"{_CONSOLE}runs/{run.pk}/{verb}/").status_code == 403
    assert client.get(f"{_CONSOLE}runs/{run.pk}/{verb}/").status_code == 405
    run.refresh_from_db()
    assert run.state == JobRun.State.GIVEN_UP


@pytest.mark.django_db(databases=["default"], transaction=True)
def test_eight_retries_at_once_queue_one_run(make_job: Make) -> None:
    make_job()
    person = clerk("view_jobrun", "run_job")
    run = make_job_run(job="count", state=JobRun.State.GIVEN_UP)

    def _press(_: int) -> int:
        client = Client()
        client.force_login(person)
        try:
            return client.post(f"{_CONSOLE}runs/{run.pk}/retry/").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(_press, range(8)))

    assert answers == [302] * 8
    assert OrmQ.objects.count() == 1
