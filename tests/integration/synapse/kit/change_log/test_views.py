"""The page of one transaction: what it changed, and its undo."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.change_log.reverting.revert import undo_link
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.people import client_with

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def sales() -> Client:
    return client_with("view_consultationinquiry", "change_consultationinquiry")


def edited(**columns: Any) -> tuple[ConsultationInquiry, str]:
    """Return an inquiry whose columns Ada has changed, and the address of the undo."""
    inquiry = make_inquiry(status="new")
    with attribute_changes_to("ada"), transaction.atomic():
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(**columns)
        return inquiry, undo_link("default")


def test_page_shows_what_comes_back_and_writes_nothing(sales: Client) -> None:
    inquiry, link = edited(status="contacted", contact_name="<b>Bold</b>\u202e")

    page = sales.get(link).content.decode()

    assert "Changes by ada" in page
    assert "<del>Contacted</del>" in page
    assert "<ins>New</ins>" in page
    assert "&lt;b&gt;Bold&lt;/b&gt;⟨U+202E⟩" in page
    assert len(changes_of(inquiry)) == 2


def test_undo_brings_back_and_links_its_own_undo(sales: Client) -> None:
    inquiry, link = edited(status="contacted")

    done = sales.post(link, follow=True)

    inquiry.refresh_from_db()
    page = done.content.decode()
    assert inquiry.status == "new"
    assert changes_of(inquiry)[-1].author == "grace"
    assert "1 inquiry changed back." in page
    assert "Undo this</a>" in page
    assert "Changes by grace" in page


def test_second_undo_says_that_nothing_is_left(sales: Client) -> None:
    _, link = edited(status="contacted")
    sales.post(link)

    assert "Nothing was left to take back." in sales.post(link, follow=True).content.decode()


def test_who_may_only_look_is_told_so_and_refused() -> None:
    inquiry, link = edited(status="contacted")
    reader = client_with("view_consultationinquiry")

    page = reader.get(link)

    assert '<button type="submit" class="cl-button' not in page.content.decode()
    assert reader.post(link).status_code == 403
    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"


def test_who_may_not_look_is_refused() -> None:
    _, link = edited(status="contacted")
    client = client_with("view_post")

    assert (client.get(link).status_code, client.post(link).status_code) == (403, 403)


def test_anonymous_is_asked_to_log_in() -> None:
    _, link = edited(status="contacted")

    assert Client().get(link)["Location"].startswith("/admin/login/")


def test_other_verbs_are_refused(sales: Client) -> None:
    _, link = edited(status="contacted")

    assert (sales.put(link).status_code, sales.delete(link).status_code) == (405, 405)


@pytest.mark.parametrize(
    "address",
    [
        "business-core/123456789/",
        "business-core/99999999999999999999999/",
        "business-core/1/?entry=x",
        "business-core/1/?entry=99999999999999999999",
        "nowhere/1/",
    ],
)
def test_odd_addresses_are_not_found(sales: Client, address: str) -> None:
    assert sales.get(f"/admin/changes/{address}").status_code == 404


def test_transaction_over_two_tables_needs_the_permissions_of_both() -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)
    with attribute_changes_to("ada"), transaction.atomic():
        run_sql("default", "DELETE FROM posts WHERE post_id = %s", post.pk)
        link = undo_link("default")
    half = client_with("view_consultationinquiry", "change_consultationinquiry", "view_post", "change_post", name="a")
    whole = client_with("view_consultationinquiry", "change_consultationinquiry", "view_post", "add_post", name="b")

    assert (half.get(link).status_code, half.post(link).status_code) == (200, 403)
    assert whole.post(link).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.source_post_id == post.pk


def test_imports_transaction_points_to_the_runs_own_undo() -> None:
    inquiry, run = make_inquiry(status="new"), ImportRun.objects.using("default").create(source="primary")
    with attribute_changes_to("ada"), transaction.atomic():
        run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(run.pk))
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")
        run_sql("default", "SELECT set_config('synapse.import_run', '', true)")
        link = undo_link("default")
    clerk = client_with("view_consultationinquiry", "change_consultationinquiry", "view_businesscorerun")

    page = clerk.get(link).content.decode()
    refused = clerk.post(link, follow=True).content.decode()

    assert f'/admin/legacy_import/businesscorerun/{run.pk}/change/">the import of primary' in page
    assert "Nothing was taken back: an import wrote this." in refused
    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"
