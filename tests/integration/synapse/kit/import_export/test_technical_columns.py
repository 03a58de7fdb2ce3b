"""New rows of a file need not bring what only Synapse knows: where they come from, and a key."""

import pytest
from django.test import Client

from analytics.models import ContentAnalysis
from business_core.models import ConsultationInquiry, Post
from tests.integration.synapse.kit.import_export.files import confirm, counts, csv_file, problems, upload

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_LEAD = {"contact_name": "Ada", "inquiry_type": "architecture", "inquiry_channel": "email"}
_POST = {"content": "é", "posted_at": "2025-01-20T09:00:00+02:00"}


@pytest.mark.parametrize("empty", [{}, {"data_source": ""}, {"external_inquiry_id": "", "data_source": ""}])
def test_an_inquiry_without_source_and_key_is_taken_and_is_ours(admin_client: Client, empty: dict[str, str]) -> None:
    page = upload(admin_client, ConsultationInquiry, csv_file(_LEAD | empty))
    assert counts(page) == {"new": 1}, problems(page)
    confirm(admin_client, page)

    inquiry = ConsultationInquiry.objects.get()
    assert (inquiry.data_source, inquiry.external_inquiry_id) == ("synapse", f"synapse-{inquiry.pk}")


@pytest.mark.parametrize("empty", [{}, {"external_inquiry_id": "", "data_source": ""}])
def test_a_file_without_keys_imported_twice_makes_no_second_row(admin_client: Client, empty: dict[str, str]) -> None:
    file = csv_file(_LEAD | empty, _LEAD | empty | {"contact_name": "Grace"})
    confirm(admin_client, upload(admin_client, ConsultationInquiry, file))

    assert counts(upload(admin_client, ConsultationInquiry, file)) == {"same": 2}
    assert ConsultationInquiry.objects.count() == 2


def test_a_file_without_keys_says_that_all_rows_are_new(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, csv_file(_LEAD))

    assert "The file lacks external_inquiry_id, by which rows are found, so every row is new." in page.context["notes"]


def test_a_key_and_a_source_that_are_there_are_kept(admin_client: Client) -> None:
    row = _LEAD | {"external_inquiry_id": "lead-1", "data_source": "fair"}
    confirm(admin_client, upload(admin_client, ConsultationInquiry, csv_file(row)))

    inquiry = ConsultationInquiry.objects.get()
    assert (inquiry.external_inquiry_id, inquiry.data_source) == ("lead-1", "fair")


def test_a_post_needs_neither(admin_client: Client) -> None:
    confirm(admin_client, upload(admin_client, Post, csv_file(_POST)))

    post = Post.objects.get()
    assert (post.data_source, post.external_post_id) == ("synapse", f"synapse-{post.pk}")


def test_an_analysis_needs_no_source(admin_client: Client) -> None:
    row = {"post_id": "p", "word_count": "7", "hook_type": "q", "cta_type": "c", "topic_category": "t"}

    page = upload(admin_client, ContentAnalysis, csv_file(row))
    assert counts(page) == {"new": 1}, problems(page)
    confirm(admin_client, page)

    assert ContentAnalysis.objects.get().data_source == "synapse"


@pytest.mark.parametrize("model", [ConsultationInquiry, Post, ContentAnalysis])
def test_the_page_does_not_call_them_required(admin_client: Client, model: type[ConsultationInquiry]) -> None:
    page = admin_client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/import/")

    required = {column.name for column, word, _ in page.context["columns"] if word}
    assert required.isdisjoint({"data_source", "external_inquiry_id", "external_post_id"})
