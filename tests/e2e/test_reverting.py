"""A person sees who changed an inquiry, reverts one change, undoes the revert, and brings a deleted row back."""

import pytest
from playwright.sync_api import Page, expect

from business_core.models import ConsultationInquiry
from synapse.console.people.roles import Role
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.browser import PHONE_WIDTH, Site

pytestmark = pytest.mark.browser


def an_inquiry() -> ConsultationInquiry:
    """Return an inquiry that Hedy has moved on and written notes to."""
    inquiry = ConsultationInquiry.objects.filter(status="new").order_by("-estimated_value", "pk")[0]
    with attribute_changes_to("hedy"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted", notes="Called, will call back.")
    return inquiry


def open_page_of(page: Page, inquiry: ConsultationInquiry) -> None:
    page.goto(f"/admin/business_core/consultationinquiry/{inquiry.pk}/change/")


def test_a_change_is_reverted_and_the_revert_undone(site: Site) -> None:
    inquiry = an_inquiry()
    page = site.sign_in("Ada", Role.SALES)
    open_page_of(page, inquiry)

    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline).to_contain_text("Changed by hedy")
    timeline.get_by_role("button", name="Revert: Notes, Status").click()

    expect(page.locator("body")).to_contain_text("1 inquiry changed back.")
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes or "") == ("new", "")
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Changed by Ada")

    page.get_by_role("link", name="Undo this").click()
    page.get_by_role("button", name="Undo", exact=True).click()

    expect(page.locator("body")).to_contain_text("1 inquiry changed back.")
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("contacted", "Called, will call back.")


def test_a_deleted_row_is_brought_back_by_keyboard_on_a_phone(site: Site) -> None:
    inquiry = an_inquiry()
    key = inquiry.pk
    with attribute_changes_to("hedy"):
        inquiry.delete()
    page = site.sign_in("Grace", Role.SALES, width=PHONE_WIDTH)

    page.goto("/admin/changes/business-core/deleted/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Restore").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator("body")).to_contain_text("1 inquiry brought back.")
    assert ConsultationInquiry.objects.filter(pk=key).exists()


def test_who_only_reads_is_offered_no_button(site: Site) -> None:
    inquiry = an_inquiry()
    page = site.sign_in("Hypatia", Role.ANALYST)
    open_page_of(page, inquiry)

    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline).to_contain_text("Changed by hedy")
    expect(timeline.get_by_role("button", name="Revert")).to_have_count(0)
