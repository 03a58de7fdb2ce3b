"""A row's history on its own page and on the page of all its changes, with the buttons that take changes back."""

import re

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry
from legacy_import.models import ImportRun
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_content_piece, make_inquiry, make_post
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql
from tests.integration.synapse.kit.change_log.people import client_with

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_SALES = ("view_consultationinquiry", "change_consultationinquiry")


@pytest.fixture
def sales() -> Client:
    return client_with(*_SALES)


def change(inquiry: ConsultationInquiry, author: str = "ada", **columns: object) -> int:
    """Change the inquiry as its author; return the change's number."""
    with attribute_changes_to(author):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(**columns)
    return changes_of(inquiry)[-1].pk


def row_page(inquiry: ConsultationInquiry) -> str:
    return f"/admin/business_core/consultationinquiry/{inquiry.pk}/change/"


def all_changes(inquiry: ConsultationInquiry) -> str:
    return f"/admin/changes/business-core/consultation_inquiries/{inquiry.pk}/"


def revert(entry: int) -> str:
    return f"/admin/changes/business-core/entries/{entry}/revert/"


def test_rows_page_tells_who_changed_what_from_what_to_what(sales: Client) -> None:
    inquiry = make_inquiry(status="new", estimated_value="25000.00")
    change(inquiry, status="proposal_sent", estimated_value="30000.5", last_contact="2025-08-19T17:00:00Z")

    page = sales.get(row_page(inquiry)).content.decode()

    assert "<strong>Changed</strong> by ada" in page
    assert "<del>New</del>" in page
    assert "<ins>Proposal sent</ins>" in page
    assert "<ins>30,000.50</ins>" in page
    assert "<ins>19 Aug 2025, 20:00</ins>" in page


def test_newest_change_comes_first(sales: Client) -> None:
    inquiry = make_inquiry(status="new")
    change(inquiry, author="ada", status="contacted")
    change(inquiry, author="grace", status="qualified")

    for page in (row_page(inquiry), all_changes(inquiry)):
        words = sales.get(page).content.decode()
        assert words.index("<strong>Changed</strong> by grace") < words.index("<strong>Changed</strong> by ada")


def test_long_text_marks_the_words_that_changed(sales: Client) -> None:
    words = "We would like somebody to look at how our teams work together every day."
    inquiry = make_inquiry(notes=words)
    change(inquiry, notes=words.replace("every day", "every week"))

    page = sales.get(row_page(inquiry)).content.decode()

    assert re.search(r"teams work together every ?<del>day\.</del>", page)
    assert "<ins>week.</ins>" in page


def test_buttons_stand_outside_the_rows_form(sales: Client) -> None:
    inquiry = make_inquiry(status="new")
    change(inquiry, status="contacted")

    page = sales.get(row_page(inquiry)).content.decode()

    opened = [match.group().startswith("<form") for match in re.finditer(r"<form\b|</form>", page)]
    assert opened == [True, False] * (len(opened) // 2)
    assert revert(changes_of(inquiry)[-1].pk) in page


def test_revert_brings_back_names_it_and_returns_to_the_row(sales: Client) -> None:
    inquiry = make_inquiry(status="new", notes="a")
    entry = change(inquiry, status="contacted", notes="b")
    change(inquiry, "hedy", notes="c")

    done = sales.post(revert(entry), {"back": "row"}, follow=True)

    inquiry.refresh_from_db()
    page = done.content.decode()
    assert done.redirect_chain[0][0] == row_page(inquiry)
    assert (inquiry.status, inquiry.notes) == ("new", "c")
    assert changes_of(inquiry)[-1].author == "grace"
    assert "1 inquiry changed back. Left as it is: Notes of “Ada Example: Architecture”: changed since" in page
    assert "by hedy" in page
    assert "Undo this</a>" in page


def test_change_that_does_not_stand_any_more_has_no_button(sales: Client) -> None:
    inquiry = make_inquiry(status="new")
    entry = change(inquiry, status="contacted")
    change(inquiry, status="qualified")

    page = sales.get(row_page(inquiry)).content.decode()

    assert revert(entry) not in page
    assert "Nothing of this stands any more." in page


def test_who_may_not_change_sees_no_button_and_is_refused() -> None:
    inquiry = make_inquiry(status="new")
    entry = change(inquiry, status="contacted")
    reader = client_with("view_consultationinquiry")

    assert revert(entry) not in reader.get(row_page(inquiry)).content.decode()
    assert reader.post(revert(entry)).status_code == 403


def test_addition_goes_only_with_the_permission_to_delete(sales: Client) -> None:
    inquiry = make_inquiry()
    (added,) = changes_of(inquiry)
    deleter = client_with(*_SALES, "delete_consultationinquiry", name="hedy")

    assert sales.post(revert(added.pk)).status_code == 403
    done = deleter.post(revert(added.pk), {"back": "row"}, follow=True)

    assert done.redirect_chain[0][0] == all_changes(inquiry)
    assert "This row is not here any more." in done.content.decode()


def test_imports_change_names_the_run_and_has_no_button() -> None:
    inquiry = make_inquiry(status="new")
    run = ImportRun.objects.using("default").create(source="primary")
    run_sql("default", "SELECT set_config('synapse.import_run', %s, true)", str(run.pk))
    entry = change(inquiry, "", status="contacted")
    run_sql("default", "SELECT set_config('synapse.import_run', '', true)")
    clerk = client_with(*_SALES, "view_businesscorerun")

    page = clerk.get(row_page(inquiry)).content.decode()

    assert f'/admin/legacy_import/businesscorerun/{run.pk}/change/">the import of primary' in page
    assert revert(entry) not in page


def test_change_from_outside_the_admin_says_so(sales: Client) -> None:
    inquiry = make_inquiry()

    assert "<strong>Added</strong> by somebody outside the admin" in sales.get(row_page(inquiry)).content.decode()


def test_reference_is_called_by_its_rows_name(sales: Client) -> None:
    post = make_post(external_post_id="spring")
    inquiry = make_inquiry()
    change(inquiry, source_post=post)

    assert "<ins>linkedin spring</ins>" in sales.get(all_changes(inquiry)).content.decode()


def test_more_changes_than_a_page_are_linked_and_paged(sales: Client) -> None:
    inquiry = make_inquiry()
    for number in range(25):
        change(inquiry, priority_score=number)

    assert f'<a href="{all_changes(inquiry)}">All 26 changes</a>' in sales.get(row_page(inquiry)).content.decode()
    second = sales.get(all_changes(inquiry), {"page": 2}).content.decode()
    assert second.count('class="cl-entry"') == 6
    assert "Page 2 of 2" in second


def test_queries_stay_the_same_however_long_the_history(sales: Client) -> None:
    short, long = make_inquiry(), make_inquiry()
    for number in range(2):
        change(short, priority_score=number)
    for number in range(18):
        change(long, priority_score=number, source_post=make_post())
    change(short, source_post=make_post())
    sales.get(row_page(short))

    asked = {}
    for inquiry in (short, long):
        with CaptureQueriesContext(connections["default"]) as queries:
            sales.get(row_page(inquiry))
        asked[inquiry.pk] = len(queries)

    assert asked[short.pk] == asked[long.pk]


def test_hostile_text_is_harmless(sales: Client) -> None:
    inquiry = make_inquiry(contact_name="<script>alert(1)</script>")
    change(inquiry, "<i>ada</i>", contact_name="\u202eevil\x07", notes="<img src=x>")

    page = sales.get(all_changes(inquiry)).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>ada" not in page
    assert "⟨U+202E⟩evil␇" in page


@pytest.mark.parametrize(
    "address",
    ["posts/00000000-0000-0000-0000-000000000000/", "auth_user/00000000-0000-0000-0000-000000000000/", "nowhere/x/"],
)
def test_history_of_nothing_is_not_found(address: str) -> None:
    clerk = client_with("view_post")

    assert clerk.get(f"/admin/changes/business-core/{address}").status_code == 404


def test_history_needs_the_permission_to_view() -> None:
    inquiry = make_inquiry()

    assert client_with("view_post").get(all_changes(inquiry)).status_code == 403


def test_looking_at_a_revert_is_refused(sales: Client) -> None:
    inquiry = make_inquiry(status="new")

    assert sales.get(revert(change(inquiry, status="contacted"))).status_code == 405


def test_other_databases_rows_have_their_history_too() -> None:
    piece = make_content_piece(original_content="Old")
    clerk = client_with("view_contentpiece", "change_contentpiece")
    with attribute_changes_to("ada"):
        type(piece).objects.filter(pk=piece.pk).update(original_content="New")
    entry = changes_of(piece)[-1].pk

    page = clerk.get(f"/admin/revenue/contentpiece/{piece.pk}/change/").content.decode()
    clerk.post(f"/admin/changes/revenue/entries/{entry}/revert/")

    piece.refresh_from_db()
    assert "<del>Old</del>" in page
    assert piece.original_content == "Old"
