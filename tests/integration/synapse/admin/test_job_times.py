"""When a job runs, changed by an operator in the admin."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from synapse.job_base.registry import job_named
from synapse.job_base.schedules import ensure_schedules, schedule_of
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default"])

_LIST = "/admin/django_q/schedule/"
_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    ensure_schedules(_NOW)
    client.force_login(clerk("view_schedule", "change_schedule"))
    return client


def schedule() -> Schedule:
    found = schedule_of(job_named("validate"))
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


@pytest.mark.parametrize("cron", ["", "15 4 * *", "0 0 6-22/4 * * *", "61 4 * * *", "0 0 31 2 *", "now and then, yes?"])
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


def test_schedule_of_anything_else_is_only_for_who_may_add_one(operator: Client) -> None:
    other = Schedule.objects.create(func="os.getpid", schedule_type=Schedule.DAILY, next_run=_NOW)

    answer = operator.post(f"{_LIST}{other.pk}/change/", {"func": "os.system"})

    other.refresh_from_db()
    assert (answer.status_code, other.func) == (403, "os.getpid")


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
