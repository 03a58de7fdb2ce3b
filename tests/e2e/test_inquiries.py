"""A salesperson's day on the imported real files: one inquiry from list to list, and many at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from business_core.models import ConsultationInquiry
from tests.browser import PHONE_WIDTH, Site

pytestmark = pytest.mark.browser

LIST = "/admin/business_core/consultationinquiry/"
_inquiries = ConsultationInquiry.objects


def _lines(page: Page) -> Locator:
    return page.locator("#result_list tr.data-row")


def _filter(page: Page, choice: str) -> None:
    page.get_by_role("button", name="Filters").press("Enter")
    page.locator("#changelist-filter").get_by_role("link", name=choice, exact=True).click()


def test_an_inquiry_is_worked_on_from_list_to_list(site: Site) -> None:
    page = site.sign_in("Sally", "sales")
    page.goto(LIST)
    expect(_lines(page)).to_have_count(18)

    _filter(page, "Fractional CTO")
    expect(_lines(page)).to_have_count(4)
    _lines(page).first.get_by_role("link", name="Mike Chen").click()
    expect(page.get_by_text("Looks like 3 others")).to_be_visible()

    yesterday = timezone.localdate() - timedelta(days=1)
    page.get_by_label("Status").select_option("contacted")
    page.get_by_label("Next action").fill("Send the proposal")
    page.locator("#id_next_action_due_date").fill(yesterday.isoformat())
    page.get_by_role("button", name="Save", exact=True).click()

    line = _lines(page).filter(has_text="Send the proposal")
    expect(_lines(page)).to_have_count(4)
    expect(line).to_contain_text("overdue by 1 day")
    expect(line.get_by_role("combobox")).to_have_value("contacted")
    inquiry = _inquiries.get(next_action="Send the proposal")
    assert (inquiry.status, inquiry.next_action_due_date) == ("contacted", yesterday)


def test_status_is_changed_in_the_list(site: Site) -> None:
    page = site.sign_in("Sally", "sales")
    page.goto(f"{LIST}?q=TechStartup")
    line = _lines(page).first

    line.get_by_role("combobox").select_option("qualified")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert _inquiries.filter(company="TechStartup Inc", status="qualified").count() == 1


def test_many_are_changed_at_once_and_undone(site: Site) -> None:
    page = site.sign_in("Sally", "sales")
    page.goto(f"{LIST}?q=Sarah")
    expect(_lines(page)).to_have_count(4)

    page.locator("#action-toggle, input.action-select").first.check()
    page.get_by_label("Select action to run").select_option("set_status")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("4 inquiries will be changed")).to_be_visible()
    page.get_by_label("Set the status to").select_option("proposal_sent")
    page.get_by_role("button", name="Change 4 inquiries").click()

    expect(page.get_by_text("4 inquiries changed, set to Proposal sent.")).to_be_visible()
    assert _inquiries.filter(contact_name="Sarah Johnson", status="proposal_sent").count() == 4

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").first.click()

    expect(page.locator("body")).to_contain_text("4")
    assert _inquiries.filter(contact_name="Sarah Johnson", status="new").count() == 4


def test_inquiry_is_added_by_hand_on_a_phone(site: Site) -> None:
    page = site.sign_in("Sally", "sales", width=PHONE_WIDTH, dark=True)
    page.goto(f"{LIST}add/")

    page.get_by_label("Contact name").fill("Grace Example")
    page.get_by_label("Inquiry type").select_option("architecture")
    page.get_by_label("Inquiry channel").select_option("email")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert _inquiries.get(contact_name="Grace Example").data_source == "synapse"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
