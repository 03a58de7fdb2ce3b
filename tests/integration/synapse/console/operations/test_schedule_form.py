"""When a job runs, changed by an operator in the admin."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.signing import SignedPackage

from synapse.console.people.roles import Role
from synapse.kit.jobs.registry import get_job
from synapse.kit.jobs.schedules import ensure_schedules, find_job_schedule
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default"])

_LIST = "/admin/django_q/schedule/"
_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    ensure_schedules(_NOW)
    client.force_login(clerk("view_schedule", "change_schedule"))
    return client


@pytest.fixture(params=["an administrator", "a superuser"])
def anybody(request: pytest.FixtureRequest, client: Client, db: None) -> Client:
    """Sign somebody in who may do more than others."""
    person = User.objects.create_user("Eve", is_staff=True, is_superuser=request.param == "a superuser")
    person.groups.set(Group.objects.filter(name=Role.ADMINISTRATOR))
    client.force_login(person)
    return client


def schedule() -> Schedule:
    found = find_job_schedule(get_job("validate"))
    assert found is not None
    return found


def test_time_an_operator_changed_survives_an_upgrade(operator: Client) -> None:
    before = schedule()

    answer = operator.post(f"{_LIST}{before.pk}/change/", {"cron": "15  4 * * *"})

    ensure_schedules(timezone.now())
    after = schedule()
    local = timezone.localtime(after.next_run)
    assert answer.status_code == 302
    assert (after.cron, local.hour, local.minute) == ("15 4 * * *", 4, 15)
    assert after.next_run > timezone.now()
    said = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    assert "runs daily at 04:15 from now on" in said


def test_operator_changes_nothing_but_the_time(operator: Client) -> None:
    before = schedule()
    form = {"cron": "15 4 * * *", "func": "os.system", "args": "('true',)", "name": "Mine", "repeats": "1"}

    operator.post(f"{_LIST}{before.pk}/change/", form)

    after = schedule()
    assert (after.func, after.args, after.name, after.repeats) == (
        before.func,
        before.args,
        before.name,
        before.repeats,
    )


@pytest.mark.parametrize(
    "cron",
    [
        "",
        " ",
        "15 4 * *",
        "0 0 6-22/4 * * *",
        "61 4 * * *",
        "0 0 31 2 *",
        "now and then, yes?",
        "R * * * *",
        "r(0-9) 4 * * *",
    ],
)
def test_time_that_never_comes_is_refused(operator: Client, cron: str) -> None:
    before = schedule()

    answer = operator.post(f"{_LIST}{before.pk}/change/", {"cron": cron})

    assert answer.status_code == 200
    assert schedule().cron == before.cron


def test_page_says_the_time_in_words_and_what_the_program_would_have(operator: Client) -> None:
    one = schedule()
    assert (
        "0 3 * * * (daily at 03:00): this is what it follows"
        in operator.get(f"{_LIST}{one.pk}/change/").content.decode()
    )

    operator.post(f"{_LIST}{one.pk}/change/", {"cron": "15 4 * * *"})

    page = operator.get(f"{_LIST}{one.pk}/change/").content.decode()
    assert "daily at 04:15" in page
    assert "write it above to follow it again" in page


def test_nobody_adds_a_schedule_and_with_it_code_to_run(anybody: Client) -> None:
    form = {"func": "os.system", "args": "('true',)", "schedule_type": "O", "repeats": "1", "next_run": "2026-11-23"}

    answers = [anybody.get(f"{_LIST}add/"), anybody.post(f"{_LIST}add/", form)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not Schedule.objects.exists()
    assert f"{_LIST}add/" not in anybody.get(_LIST).content.decode()


def test_schedule_of_anything_else_can_be_looked_at_and_deleted_only(anybody: Client) -> None:
    other = Schedule(name="Other", func="os.getpid", args="(broken", cron="x", schedule_type=Schedule.CRON)
    Schedule.objects.bulk_create([other])

    page = anybody.get(f"{_LIST}{other.pk}/change/")
    answer = anybody.post(f"{_LIST}{other.pk}/change/", {"func": "os.system", "cron": "* * * * *"})

    other.refresh_from_db()
    assert (page.status_code, answer.status_code, other.func, other.cron) == (200, 403, "os.getpid", "x")
    assert "os.getpid" in page.content.decode()
    assert 'name="func"' not in page.content.decode()
    anybody.post(f"{_LIST}{other.pk}/delete/", {"post": "yes"})
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("table", ["ormq", "success", "failure"])
def test_nobody_queues_again_what_stands_in_the_queues_tables(anybody: Client, table: str) -> None:
    task = Task.objects.create(
        id="1", name="n", func="os.getpid", started=_NOW, stopped=_NOW, success=table == "success"
    )
    OrmQ.objects.create(pk=7, key="synapse", payload=SignedPackage.dumps({"id": "1", "name": "n", "func": "os.getpid"}))
    pages, key = f"/admin/django_q/{table}/", "7" if table == "ormq" else task.pk

    anybody.post(pages, {"action": "resubmit_task", "_selected_action": key})
    answer = anybody.post(f"{pages}{key}/change/", {"key": "other", "func": "os.system", "lock_0": "", "lock_1": ""})

    assert answer.status_code == 403
    assert anybody.get(f"{pages}{key}/change/").status_code == 200
    assert anybody.get(f"{pages}add/").status_code == 403
    assert list(OrmQ.objects.values_list("pk", "key")) == [(7, "synapse")]


def test_schedules_page_is_named_as_its_job(operator: Client) -> None:
    page = operator.get(f"{_LIST}{schedule().pk}/change/").content.decode()

    assert schedule().name in page
    assert "erform_tick" not in page
    assert "stored in UTC" not in page
    assert f"{timezone.localtime(schedule().next_run):%Y-%m-%d %H:%M}" in page


def test_nobody_deletes_a_jobs_schedule(client: Client) -> None:
    ensure_schedules(_NOW)
    client.force_login(User.objects.create_superuser("Ada"))
    one = schedule()

    answer = client.post(f"{_LIST}{one.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert schedule().pk == one.pk


def test_who_looks_at_messages_runs_none_again(client: Client) -> None:
    client.force_login(clerk("view_failure", "view_success"))

    for name in ("failure", "success"):
        assert "resubmit" not in client.get(f"/admin/django_q/{name}/").content.decode()
