"""The list of stored months: whose each is, what was edited, when they were summed, what to do while there are none."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from business_core.models import BusinessPipeline
from business_core.querysets.month_origin import MonthOrigin, Origin, month_origins
from legacy_import.models import LedgerRow
from synapse.foundation.databases import ALIASES
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.jobs.performing import run_job_by_hand
from tests.factories import make_inquiry, make_pipeline_month
from tests.integration.business_core.services.month_rows import AUGUST, JULY, edit, summed
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=ALIASES)

MONTHS = reverse("admin:business_core_businesspipeline_changelist")
JOB_PAGE = reverse("operations:job", args=["aggregate-pipeline"])


def page_for(client: Client, *permissions: str) -> str:
    client.force_login(clerk("view_businesspipeline", *permissions, name=f"clerk{len(permissions)}"))
    answer = client.get(MONTHS)
    assert answer.status_code == 200
    return answer.content.decode()


def make_legacy(month: BusinessPipeline) -> None:
    """Let the ledger say that a legacy row stands behind the month."""
    LedgerRow.objects.create(
        id=uuid4(),
        source="primary",
        legacy_table="business_pipeline",
        key=month.month,
        state=LedgerRow.State.LIVE,
        owns=True,
        target_table="business_pipeline",
        target_key=month.pk,
        run_id=uuid4(),
    )


def test_each_month_says_whose_it_is_and_what_was_edited() -> None:
    make_inquiry(created_at=AUGUST)
    make_inquiry(created_at=JULY)
    summed()
    edit("2025-08", contracts_won=3, total_posts=2)
    with attribute_changes_to("ann"):
        added, legacy = make_pipeline_month(month="2024-01"), make_pipeline_month(month="2024-02")
    make_legacy(legacy)

    found = month_origins(list(BusinessPipeline.objects.all()))

    by_month = {month.month: found[month.pk] for month in BusinessPipeline.objects.all()}
    assert by_month["2025-08"] == MonthOrigin(Origin.COMPUTED, ("total_posts", "contracts_won"))
    assert by_month["2025-07"] == MonthOrigin(Origin.COMPUTED)
    assert found[added.pk] == MonthOrigin(Origin.BY_HAND)
    assert found[legacy.pk].origin == Origin.LEGACY


def test_the_list_tells_it_in_words(admin_client: Client) -> None:
    make_inquiry(created_at=AUGUST)
    summed(now=datetime(2025, 9, 1, 6, 20, tzinfo=UTC))
    edit("2025-08", contracts_won=3)

    page = admin_client.get(MONTHS).content.decode()

    assert "computed; edited: contracts won" in page
    assert "Sept. 1, 2025, 9:20 a.m." in page
    assert "it has not run yet" in page
    assert "No month is stored yet" not in page


def test_the_list_says_when_the_months_were_summed(admin_client: Client) -> None:
    run = run_job_by_hand("aggregate-pipeline", requested_by="ann")
    assert run.finished_at is not None

    page = admin_client.get(MONTHS).content.decode()

    assert "; last on " in page
    assert "it has not run yet" not in page


def test_without_months_who_may_run_the_job_is_led_to_it(client: Client) -> None:
    page = page_for(client, "view_jobrun", "run_job")
    assert "No month is stored yet" in page
    assert JOB_PAGE in page


def test_without_months_others_are_told_whom_to_ask(client: Client) -> None:
    page = page_for(client)
    assert "ask the operator to look at the jobs" in page
    assert JOB_PAGE not in page


def test_months_are_asked_for_as_often_for_40_as_for_4(admin_client: Client) -> None:
    asked = []
    for first in (0, 4):
        for number in range(first, first + 4 + 32 * (first > 0)):
            with attribute_changes_to("the job aggregate-pipeline"):
                make_pipeline_month(month=f"{2000 + number}-01")
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(MONTHS).status_code == 200
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_an_export_of_months_reads_no_standings(admin_client: Client) -> None:
    make_pipeline_month(month="2024-01")
    answer = admin_client.get(reverse("admin:business_core_businesspipeline_export", args=["csv"]))
    assert b"2024-01" in b"".join(answer)
