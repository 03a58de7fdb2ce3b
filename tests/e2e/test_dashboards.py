"""The dashboards on the imported real files: what stands there, against SQL; one number opened; a view refreshed."""

import re

import pytest
from playwright.sync_api import Page, expect

from synapse.console.people.roles import Role
from tests.browser import PHONE_WIDTH, Site
from tests.imports import execute, rows

pytestmark = pytest.mark.browser

_PAGES = ("analytics", "revenue", "consolidation")


def figure(page: Page, label: str) -> str:
    card = page.locator(".db-figure", has=page.get_by_text(label, exact=True)).first
    return card.locator(".db-value").inner_text().strip()


def test_numbers_of_the_real_files_are_those_of_sql(site: Site) -> None:
    page = site.sign_in("Nora", Role.ANALYST)

    page.goto("/admin/dashboards/analytics/")
    ((patterns,),) = rows("analytics", "SELECT count(*) FROM top_performing_patterns")
    ((touches, value),) = rows("analytics", "SELECT count(*), sum(value) FROM attribution_tracking")
    assert figure(page, "Top performing patterns") == f"{patterns}" == "2"
    assert figure(page, "Touchpoints") == f"{touches}" == "16"
    assert figure(page, "Value attributed") == f"${value:,.0f}" == "$5,000"

    page.goto("/admin/dashboards/revenue/")
    ((potential,),) = rows("revenue", "SELECT sum(revenue_potential) FROM revenue_opportunities")
    assert figure(page, "Revenue potential") == f"${potential:,.0f}" == "$93,500"
    assert figure(page, "Overdue") == "6"
    assert figure(page, "Running") == "9"

    page.goto("/admin/dashboards/consolidation/")
    assert figure(page, "Legacy rows accounted for") == "128"
    assert figure(page, "Fewer databases") == "76.9%"


def test_number_opens_its_rows_by_keyboard(site: Site) -> None:
    page = site.sign_in("Nora", Role.ANALYST)
    page.goto("/admin/dashboards/analytics/")

    line = page.locator("figure", has_text="By platform").get_by_role("row", name=re.compile("newsletter")).first
    line.get_by_role("link", name="$5,000").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".list-totals")).to_contain_text("6 rows · sum of value 5,000.00")


def test_view_that_is_behind_is_refreshed_from_the_dashboard(site: Site) -> None:
    execute("analytics", "UPDATE content_patterns SET confidence_score = 0.95 WHERE pattern_value = 'test_value_2'")
    page = site.sign_in("Nora", Role.ANALYST)
    page.goto("/admin/dashboards/analytics/")
    expect(page.get_by_role("region", name="Age of top performing patterns")).to_contain_text("Out of date")
    assert (figure(page, "Top performing patterns"), figure(page, "Patterns to trust now")) == ("2", "3")

    page.get_by_role("button", name="Refresh top performing patterns now").click()

    expect(page.get_by_text("Refreshed top performing patterns: 2 → 3 rows.")).to_be_visible()
    expect(page).to_have_url(re.compile("/admin/dashboards/analytics/$"))
    expect(page.get_by_role("region", name="Age of top performing patterns")).to_contain_text("Up to date")
    assert figure(page, "Top performing patterns") == "3"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", _PAGES)
def test_page_fits_a_phone(site: Site, name: str, dark: bool) -> None:  # noqa: FBT001  # a parameter of the test
    page = site.sign_in("Nora", Role.ANALYST, width=PHONE_WIDTH, dark=dark)
    page.goto(f"/admin/dashboards/{name}/")

    expect(page.locator(".db-page")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH
