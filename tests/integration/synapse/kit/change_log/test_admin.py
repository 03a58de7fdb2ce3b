"""The change log's lists and the page of one change."""

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.people import client_with

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_LIST = "/admin/change_log/businesscorechange/"


@pytest.fixture
def reader() -> Client:
    return client_with("view_businesscorechange", "view_consultationinquiry", "view_post")


def test_list_names_who_the_row_and_the_columns(reader: Client) -> None:
    inquiry = make_inquiry(contact_name="Grace <i>")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", next_action_due_date="2026-01-01")

    page = reader.get(_LIST).content.decode()

    assert f'href="/admin/changes/business-core/consultation_inquiries/{inquiry.pk}/">Grace &lt;i&gt;' in page
    assert "Due, Status" in page
    assert f"?entry={changes_of(inquiry)[-1].pk}" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"by": "person:ada"}, ["contacted"]),
        ({"by": "nobody"}, ["qualified", "new"]),
        ({"by": "imports"}, ["proposal_sent"]),
        ({"operation": "insert"}, ["new"]),
        ({"table_name": "posts"}, []),
    ],
)
def test_filters_choose_whose_and_which(reader: Client, query: dict[str, str], expected: list[str]) -> None:
    User.objects.create_user("ada", is_staff=True)
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
    run = ImportRun.objects.using("default").create(source="primary")
    run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(run.pk))
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="proposal_sent")
    run_sql("default", "SELECT set_config('synapse.import_run', '', true)")
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")

    found = reader.get(_LIST, query).context["cl"].result_list

    assert [entry.new["status"] for entry in found] == expected


def test_transaction_can_be_asked_for(reader: Client) -> None:
    inquiry = make_inquiry()
    (entry,) = changes_of(inquiry)

    here = reader.get(_LIST, {"transaction_id__exact": entry.transaction_id}).context["cl"].result_list
    elsewhere = reader.get(_LIST, {"transaction_id__exact": entry.transaction_id - 1}).context["cl"].result_list

    assert ([one.pk for one in here], list(elsewhere)) == ([entry.pk], [])


def test_page_of_a_change_shows_words_and_the_exact_record(reader: Client) -> None:
    inquiry = make_inquiry(status="new", notes=None)
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="null")
    entry = changes_of(inquiry)[-1]

    page = reader.get(f"{_LIST}{entry.pk}/change/").content.decode()

    assert "<del>New</del>" in page
    assert "<ins>Contacted</ins>" in page
    assert "&quot;notes&quot;: null" in page
    assert f'href="{_LIST}?transaction_id__exact={entry.transaction_id}"' in page
    assert "Look or undo" in page


def test_changes_of_rows_that_a_person_may_not_see_are_not_there() -> None:
    inquiry, post = make_inquiry(contact_name="Secret"), make_post(external_post_id="public")
    clerk = client_with("view_businesscorechange", "view_post")

    page = clerk.get(_LIST).content.decode()
    of_inquiry = clerk.get(f"{_LIST}{changes_of(inquiry)[0].pk}/change/")

    assert str(post.pk) in page
    assert str(inquiry.pk) not in page
    assert of_inquiry.status_code == 302


def test_queries_stay_the_same_from_ten_to_a_hundred_rows(reader: Client) -> None:
    asked = []
    for rows in (5, 45):
        for _ in range(rows):
            make_inquiry(source_post=make_post())
        with CaptureQueriesContext(connections["default"]) as queries:
            reader.get(_LIST)
        asked.append(len(queries))

    assert asked[0] == asked[1]
