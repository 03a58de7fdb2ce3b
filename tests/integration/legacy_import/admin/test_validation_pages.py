"""The pages of the validations: who sees them, what an empty list says, a report drawn as it was, the button."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from synapse.kit.jobs.models import JobRun
from tests.factories import make_validation
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

LIST = "admin:legacy_import_validationrun_changelist"
BUTTON = "admin:legacy_import_validationrun_validate"
HOSTILE = "<script>alert('x')</script>"
CHECK = {
    "name": f"primary: {HOSTILE}",
    "database": "default",
    "passed": False,
    "detail": HOSTILE,
    "differences": [
        {
            "explanation": "unexplained",
            "table": "posts",
            "key": HOSTILE,
            "column": "likes",
            "here": "1",
            "legacy": None,
            "author": HOSTILE,
        }
    ],
    "lines": [[["table", HOSTILE], ["read", 1]]],
    "left_out": {"unexplained": 7},
}


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(clerk("view_validationrun"))
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(clerk("view_validationrun", "run_job"))
    return client


def text_of(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_list_says_what_to_do_and_to_whom(client: Client) -> None:
    client.force_login(clerk("view_validationrun"))
    assert "Nothing was validated yet" in text_of(client, LIST)
    assert "Ask an operator" in text_of(client, LIST)
    assert "Validate now" not in text_of(client, LIST)

    client.force_login(clerk("view_validationrun", "run_job", name="operator"))
    assert "Validate now" in text_of(client, LIST)
    assert "Ask an operator" not in text_of(client, LIST)


def test_a_report_is_shown_and_nothing_in_it_can_disturb_the_page(reader: Client) -> None:
    failures = [{"name": CHECK["name"], "database": "default", "detail": HOSTILE}] * 5
    run = make_validation(passed=False, check_count=1, checks=[CHECK], failures=failures, requested_by=HOSTILE)

    page = text_of(reader, "admin:legacy_import_validationrun_change", run.pk)
    listed = text_of(reader, LIST)

    assert "1 of 1 checks failed</h2>" in page
    assert "(the first 1; 7 more)" in page
    assert '<th scope="col">table</th><th scope="col">read</th>' in page
    assert "<script>alert" not in page + listed
    assert "✗\u00a0differs" in listed
    assert "and 2 more" in listed
    assert "Nothing was validated yet" not in listed


def test_one_that_broke_off_says_why(reader: Client) -> None:
    run = make_validation(passed=False, error="RuntimeError: no such luck")

    assert "RuntimeError: no such luck" in text_of(reader, "admin:legacy_import_validationrun_change", run.pk)
    assert "✗\u00a0broke off" in text_of(reader, LIST)


@pytest.mark.parametrize("key", [uuid4(), "nonsense"])
def test_one_that_is_not_there_is_404(reader: Client, key: object) -> None:
    assert reader.get(reverse("admin:legacy_import_validationrun_change", args=[key])).status_code == 404


def test_the_list_never_reads_the_reports(reader: Client) -> None:
    for _ in range(3):
        make_validation(checks=[CHECK])

    with CaptureQueriesContext(connection) as asked:
        text_of(reader, LIST)

    assert [one["sql"] for one in asked if '"checks"' in one["sql"]] == []


def test_the_button_queues_one_run(operator: Client) -> None:
    answers = [operator.post(reverse(BUTTON), follow=True).content.decode() for _ in range(2)]

    assert "Queued: the validation starts" in answers[0]
    assert "a validation is queued or running already" in answers[1]
    assert JobRun.objects.get().requested_by == "clerk"


def test_the_button_is_for_who_may_run_jobs_and_no_link(reader: Client) -> None:
    assert reader.get(reverse(BUTTON)).status_code == 405
    assert reader.post(reverse(BUTTON)).status_code == 403
