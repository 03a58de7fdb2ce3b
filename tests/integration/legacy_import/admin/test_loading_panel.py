"""The front page says that a load is under way, how far it is and what is to come, and nothing at other times."""

import pytest
from django.test import Client

from legacy_import.jobs.loading import STARTED_BY
from synapse.console.people.roles import Role
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.models import JobRun
from tests.integration.legacy_import.admin.test_unread_inquiries_panel import page_of, with_role

pytestmark = pytest.mark.django_db(databases=ALIASES)

UNDER_WAY = "The legacy files are being imported"
VALIDATED = "The legacy files are imported and are being validated"
PROGRESS = {"done": 2, "total": 13, "words": "week3: merge <posts>"}


def start(job: str, state: str = "running") -> None:
    JobRun.objects.create(job=job, key=job, state=state, requested_by=STARTED_BY, progress=PROGRESS)


def test_the_import_is_told_to_everyone_with_what_is_to_come(client: Client) -> None:
    start("load-legacy")

    page = page_of(with_role(client, Role.SALES), "/admin/")

    assert f"<h2>{UNDER_WAY}</h2>" in page
    assert "So far: 2 of 13 files, week3: merge &lt;posts&gt;. Still to come: the validation." in page
    assert "Watch it in Operations" not in page


def test_who_may_see_jobs_gets_the_way_to_operations(admin_client: Client) -> None:
    start("load-legacy", "queued")

    assert '<a href="/admin/operations/">Watch it in Operations</a>' in page_of(admin_client, "/admin/")


def test_after_the_import_the_validation_is_told(admin_client: Client) -> None:
    start("load-legacy", "done")
    start("validate")

    page = page_of(admin_client, "/admin/")

    assert (f"<h2>{VALIDATED}</h2>" in page, "Still to come" in page) == (True, False)


def test_at_other_times_there_is_no_word_of_it(admin_client: Client) -> None:
    start("load-legacy", "done")
    start("validate", "done")

    page = page_of(admin_client, "/admin/")

    assert (UNDER_WAY in page, VALIDATED in page) == (False, False)
