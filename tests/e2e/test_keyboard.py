"""A working day without a mouse, and the theme's switch between light and dark."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from business_core.models import ConsultationInquiry
from tests.browser import PHONE_WIDTH, Site

pytestmark = pytest.mark.browser

_MOST_STOPS = 80
_IS_DARK = "document.documentElement.classList.contains('dark')"
_IS_SEEN = """() => {
    const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    return ring && top !== null && (here.contains(top) || top.contains(here));
}"""


def _tab_to(page: Page, stop: Locator) -> None:
    """Press Tab until the stop has the focus; each stop on the way shows that it has it."""
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert page.evaluate(_IS_SEEN), f"Nobody sees that this has the focus: {here}"
        if stop.evaluate("it => it === document.activeElement"):
            return
    pytest.fail(f"No key leads to {stop}")


def _past_the_sidebar(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the page's content")).to_be_focused()
    page.keyboard.press("Enter")


def _sign_in_by_keyboard(page: Page) -> None:
    person = User.objects.get(username="Kay")
    person.set_password("a long enough secret")
    person.save()
    page.context.clear_cookies()
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("Kay")
    page.keyboard.press("Tab")
    page.keyboard.type("a long enough secret")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()


def test_an_inquiry_is_found_changed_and_undone_without_a_mouse(site: Site) -> None:
    page = site.sign_in("Kay", "sales")
    _sign_in_by_keyboard(page)

    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("inquiries")
    expect(page.locator("#command-results-list a").first).to_contain_text("Inquiries")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consultationinquiry/")

    _past_the_sidebar(page)
    _tab_to(page, page.get_by_role("button", name="Filters"))
    page.keyboard.press("Enter")
    expect(page.locator("#changelist-filter :focus")).to_have_count(1)
    _tab_to(page, page.locator("#changelist-filter").get_by_role("link", name="Fractional CTO", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**inquiry_type*")

    _past_the_sidebar(page)
    _tab_to(page, page.locator("#result_list").get_by_role("link", name="Mike Chen").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    key = page.url.split("/")[-3]

    _past_the_sidebar(page)
    _tab_to(page, page.get_by_label("Status"))
    page.keyboard.type("Contacted")
    _tab_to(page, page.get_by_role("button", name="Save and continue editing"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Changed by Kay")
    assert ConsultationInquiry.objects.get(pk=key).status == "contacted"

    _past_the_sidebar(page)
    _tab_to(page, page.get_by_role("button", name="Revert: Status"))
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("1 inquiry changed back.")
    assert ConsultationInquiry.objects.get(pk=key).status == "new"


def test_the_dark_is_chosen_by_keyboard_and_remembered(site: Site) -> None:
    page = site.sign_in("Kay", "sales")
    page.goto("/admin/")
    assert not page.evaluate(_IS_DARK)

    page.get_by_role("button", name="Kay").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Dark").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(_IS_DARK)

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    for path in ("/admin/business_core/post/", "/admin/dashboards/pipeline/"):
        page.goto(path)
        assert page.evaluate(_IS_DARK)


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(site: Site) -> None:
    page = site.sign_in("Kay", "sales", width=PHONE_WIDTH)
    page.goto("/admin/")
    inquiries = page.locator("#nav-sidebar").get_by_role("link", name="Inquiries", exact=True)
    expect(inquiries).not_to_be_in_viewport()

    page.get_by_role("button", name="Menu").first.focus()
    page.keyboard.press("Enter")
    expect(inquiries).to_be_in_viewport()
    page.keyboard.press("Escape")

    expect(inquiries).not_to_be_in_viewport()
