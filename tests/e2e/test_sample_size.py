"""Planning a test: the calculator, shared by its address, and the words explained."""

import pytest
from playwright.sync_api import expect

from tests.browser import PHONE_WIDTH, Site

pytestmark = pytest.mark.browser


def test_an_analyst_plans_a_test_and_shares_the_plan(site: Site) -> None:
    page = site.sign_in("planner", "analyst")
    page.goto("/admin/")
    page.get_by_role("link", name="Sample size").click()
    expect(page.locator("#content-main")).to_contain_text("each variant needs 3,825 impressions")

    page.get_by_label("Control's rate, %").fill("10")
    page.get_by_label("Difference to find").fill("0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing is calculated yet")
    expect(page.get_by_label("Difference to find")).to_have_attribute("aria-invalid", "true")

    page.get_by_label("Difference to find").fill("20")
    page.get_by_label("Impressions per variant you can have").fill("100")
    page.keyboard.press("Enter")
    expect(page.locator("#content-main")).to_contain_text("each variant needs 3,841 impressions")
    expect(page.locator("#content-main")).to_contain_text("3,600 impressions per variant")
    expect(page.get_by_role("row", name="what you asked about")).to_contain_text("100")

    phone = site.sign_in("another planner", "analyst", width=PHONE_WIDTH, dark=True)
    phone.goto(page.url)
    expect(phone.locator("#content-main")).to_contain_text("each variant needs 3,841 impressions")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH

    phone.get_by_role("link", name="rule of 16").click()
    expect(phone.locator("#rule-of-16")).to_be_in_viewport()
