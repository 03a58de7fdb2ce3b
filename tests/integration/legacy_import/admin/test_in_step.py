"""As of when a row and its sources are in step with the legacy files, and what is wrong where they are not."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from business_core.models import ConsultationInquiry, Post
from legacy_import.admin.sync_status import read_sync_statuses, summarize_syncs
from legacy_import.models import LedgerRow, SourceSync
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.queueing import pause_job
from synapse.kit.jobs.schedules import ensure_schedules
from tests.factories import make_post
from tests.imports import run_import
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=ALIASES)

_NOON = datetime(2025, 11, 23, 12, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def schedules() -> None:
    ensure_schedules(timezone.now())


@pytest.fixture
def imported(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)


@pytest.fixture
def looked_at() -> None:
    for name in ("primary", "duplicate"):
        SourceSync.objects.create(source=name, checked_at=timezone.now(), in_step_at=timezone.now())


def html_of(client: Client, row: Post | ConsultationInquiry) -> str:
    address = reverse(f"admin:business_core_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


def page_of(client: Client, row: Post | ConsultationInquiry) -> str:
    return text(html_of(client, row))


def text(html: str) -> str:
    """Return what is written on the page, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def at(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M (%-d %b %Y)")


def test_an_inquirys_page_says_when_it_was_synced(admin_client: Client, imported: None) -> None:
    SourceSync.objects.update(in_step_at=_NOON, checked_at=timezone.now())
    inquiry = ConsultationInquiry.objects.filter(data_source="linkedin_primary")[0]

    page = page_of(admin_client, inquiry)

    assert "In step with primary as of 14:15 (23 Nov 2025); checked every 15 minutes." in page
    assert "duplicate" not in page
    assert reverse("admin:legacy_import_importsource_changelist") in html_of(admin_client, inquiry)


@pytest.mark.django_db(databases=["default"], transaction=True)
def test_a_row_of_two_files_names_its_owner_first_and_one_made_here_none(
    admin_client: Client, imported: None, legacy_dir: Path
) -> None:
    run_import("duplicate", legacy_dir)
    shared = LedgerRow.objects.using("default").filter(source="duplicate", state="merged")[0]
    LedgerRow.objects.using("default").filter(pk=shared.pk).update(state="gone")
    assert shared.target_key
    page = page_of(admin_client, Post.objects.get(pk=shared.target_key))

    assert 0 < page.index("In step with primary as of") < page.index("In step with duplicate as of")
    assert "The row itself is gone from that file; what it last said stays here." in page
    assert "In step with" not in page_of(admin_client, make_post())


def test_what_is_wrong_is_for_those_who_can_do_something(client: Client, admin_client: Client, imported: None) -> None:
    SourceSync.objects.filter(source="primary").update(
        error="The legacy file <b>x</b>\u202e is missing.", in_step_at=_NOON, checked_at=_NOON + timedelta(minutes=15)
    )
    inquiry = ConsultationInquiry.objects.filter(data_source="linkedin_primary")[0]
    client.force_login(clerk("view_consultationinquiry"))

    plain, full = html_of(client, inquiry), html_of(admin_client, inquiry)

    wrong = (
        "Not known to be in step with primary since 14:15 (23 Nov 2025): the look at 14:30 (23 Nov 2025) went wrong."
    )
    assert wrong in plain
    assert wrong in full
    assert "is missing" not in plain
    assert reverse("admin:legacy_import_importsource_changelist") not in plain
    assert "The legacy file &lt;b&gt;x&lt;/b&gt;⟨U+202E⟩ is missing." in full


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cron": "*/5 * * * *"}, "checked every 5 minutes."),
        ({"cron": "0 6 * * *", "next_run": _NOON}, "to be checked again at 14:15 (23 Nov 2025)."),
        ({"repeats": 0}, "checked only when somebody asks for it."),
    ],
)
def test_the_words_keep_to_the_operators_time(looked_at: None, changes: dict[str, object], sentence: str) -> None:
    Schedule.objects.filter(args="('sync-legacy',)").update(**changes)

    assert read_sync_statuses(["primary"])["primary"].sentence.endswith(f"; {sentence}")


def test_a_paused_sync_says_so(looked_at: None) -> None:
    pause_job("sync-legacy", by="olga")

    assert read_sync_statuses(["primary"])["primary"].sentence.endswith("; the job sync-legacy is paused.")


def test_a_look_that_is_long_over_is_not_in_step(looked_at: None) -> None:
    SourceSync.objects.update(in_step_at=_NOON, checked_at=timezone.now() - timedelta(minutes=46))

    words = read_sync_statuses(["primary"])["primary"]

    assert words.sentence == (
        "In step with primary as of 14:15 (23 Nov 2025); not checked since, though it should be every 15 minutes."
    )
    assert not words.is_in_step
    assert "See that the worker runs" in words.trouble


def test_several_sources_are_in_step_as_of_the_oldest_look(looked_at: None) -> None:
    SourceSync.objects.filter(source="primary").update(in_step_at=_NOON)
    known = read_sync_statuses(["primary", "duplicate", "week3"])

    assert summarize_syncs(list(known.values())) == (
        "In step with primary, duplicate as of 14:15 (23 Nov 2025); checked every 15 minutes."
        " Nobody has compared this with week3 yet; checked every 15 minutes."
    )
    assert summarize_syncs([]) == ""


def test_the_consolidation_says_it_for_each_database(admin_client: Client, imported: None) -> None:
    page = text(admin_client.get(reverse("dashboard-consolidation")).content.decode())

    as_of = at(SourceSync.objects.get(source="primary").in_step_at or _NOON)
    assert f"In step with primary as of {as_of}; checked every 15 minutes." in page
    assert "week3 yet" not in page


def test_the_words_cost_the_same_for_2_sources_and_13(looked_at: None) -> None:
    User.objects.create_superuser("boss")
    asked = []
    for names in (["primary", "duplicate"], [f"s{number}" for number in range(13)]):
        with CaptureQueriesContext(connections["default"]) as captured:
            read_sync_statuses(names)
        asked.append(len(captured))

    assert asked == [4, 4]
