"""An older file overwrites what was changed here since only where the person says so."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from business_core.models import ConsultationInquiry, Post
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import person
from tests.integration.synapse.kit.import_export.files import (
    confirm,
    counts,
    csv_file,
    exported,
    lines,
    problems,
    upload,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _row(client: Client, model: type[Model]) -> dict[str, str]:
    (row,) = lines(exported(client, model))
    return row


def _later(page: Any) -> set[str]:
    return {column for row in page.context["shown"]["changed"] for column in row.later}


def test_a_value_replaced_since_the_export_is_kept(admin_client: Client) -> None:
    post, bob = make_post(content="Old", week_theme="Theme"), person("bob")
    file = csv_file(_row(admin_client, Post) | {"content": "New"})
    bob.saves(post, bob.opens(post), week_theme="Bob's theme")

    page = upload(admin_client, Post, file)
    confirm(admin_client, page)

    assert (page.context["later"], _later(page)) == (1, {"week_theme"})
    assert "Overwrite the 1 cell changed here since this file was exported" in page.content.decode()
    post.refresh_from_db()
    assert (post.content, post.week_theme) == ("New", "Bob's theme")


def test_a_ticked_box_overwrites(admin_client: Client) -> None:
    post, bob = make_post(week_theme="Theme"), person("bob")
    file = exported(admin_client, Post)
    bob.saves(post, bob.opens(post), week_theme="Bob's theme")

    confirm(admin_client, upload(admin_client, Post, file), overwrites_later="1")

    post.refresh_from_db()
    assert post.week_theme == "Theme"


@pytest.mark.parametrize("make", [make_post, make_inquiry])
def test_two_new_values_of_one_cell_are_asked_about(admin_client: Client, make: Any) -> None:
    column = "week_theme" if make is make_post else "notes"
    row, bob = make(**{column: "Old"}), person("bob")
    file = csv_file(_row(admin_client, type(row)) | {column: "Ada's"})
    bob.saves(row, bob.opens(row), **{column: "Bob's"})

    page = upload(admin_client, type(row), file)

    assert (counts(page), _later(page)) == ({"changed": 1}, {column}), problems(page)


def test_an_import_since_the_export_is_seen(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="a", notes="Old")
    row = _row(admin_client, ConsultationInquiry)
    confirm(admin_client, upload(admin_client, ConsultationInquiry, csv_file(row | {"notes": "First"})))

    page = upload(admin_client, ConsultationInquiry, csv_file(row | {"notes": "Second", "company": "Acme"}))
    confirm(admin_client, page)

    assert _later(page) == {"notes"}
    inquiry.refresh_from_db()
    assert (inquiry.notes, inquiry.company) == ("First", "Acme")


def test_a_file_exported_after_the_change_is_imported_without_a_question(admin_client: Client) -> None:
    inquiry, bob = make_inquiry(notes="Old"), person("bob")
    bob.saves(inquiry, bob.opens(inquiry), notes="Bob's")

    page = upload(
        admin_client,
        ConsultationInquiry,
        csv_file(_row(admin_client, ConsultationInquiry) | {"notes": "Ada's", "company": "Acme"}),
    )

    assert (counts(page), _later(page)) == ({"changed": 1}, set())


def test_an_import_says_when_rows_were_changed(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="a")
    before = inquiry.updated_at

    confirm(
        admin_client, upload(admin_client, ConsultationInquiry, csv_file({"external_inquiry_id": "a", "notes": "x"}))
    )

    inquiry.refresh_from_db()
    assert inquiry.updated_at != before
