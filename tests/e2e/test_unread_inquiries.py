"""Inquiries that could not be read: sales see them on three pages, the operator settles them in one go, and back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from synapse.console.people.roles import Role
from tests.browser import PHONE_WIDTH, Site
from tests.every_page.accessibility import faults_here
from tests.imports import run_import
from tests.legacy_files import PRIMARY, change, copy_of_the_real_files

pytestmark = pytest.mark.browser

SENTENCE = "3 inquiries worth $75,000 could not be read"
DESK = "/admin/legacy_import/businesscorequarantinedrow/"
PAGES = ["/admin/", "/admin/dashboards/pipeline/"]


@pytest.fixture
def refused(site: Site, tmp_path: Path) -> Path:
    folder = copy_of_the_real_files(tmp_path / "legacy")
    change(
        folder / PRIMARY,
        "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = 25000 WHERE rowid <= 3",
    )
    assert run_import("primary", folder).quarantined_rows == 3
    return folder


@pytest.mark.parametrize("width", [1280, PHONE_WIDTH])
def test_sales_see_what_is_missing_until_the_operator_has_settled_it_in_one_go(
    site: Site, refused: Path, width: int
) -> None:
    sales, operator = (site.sign_in(role, role.value, width=width) for role in (Role.SALES, Role.MIGRATION_OPERATOR))
    for path in PAGES:
        sales.goto(path)
        panel = sales.get_by_role("region", name="Inquiries that could not be read")
        expect(panel.get_by_role("heading", name=SENTENCE)).to_be_visible()
        expect(panel).to_contain_text("ask someone with the role administrator or migration operator")
        _looks_right(sales, width)
    sales.goto("/admin/notices/")
    expect(sales.get_by_role("heading", name=SENTENCE).first).to_be_visible()

    operator.goto("/admin/")
    operator.get_by_role("link", name="Settle them in the quarantine").click()
    _looks_right(operator, width)
    operator.get_by_role("link", name="created_at").click()
    operator.get_by_text("One value for all chosen rows").click()
    operator.locator('[name="text:all:created_at"]').fill("2025-08-01T10:00:00")
    operator.get_by_label("all 3 rows of the group").check()
    operator.get_by_label("Why").fill("They wrote in the first week of August.")
    operator.get_by_role("button", name="Fix and replay the chosen rows").click()
    expect(operator.get_by_text("3 rows would land.")).to_be_visible()
    _looks_right(operator, width)
    sales.goto("/admin/")
    expect(sales.get_by_role("heading", name=SENTENCE)).to_be_visible()
    operator.get_by_role("button", name="Fix and replay 3 rows").click()
    expect(operator.get_by_text("3 rows landed.")).to_be_visible()

    for path in PAGES:
        sales.goto(path)
        expect(sales.get_by_role("region", name="Inquiries that could not be read")).to_have_count(0)
        _looks_right(sales, width)
    operator.goto(DESK + "settled/")
    _looks_right(operator, width)
    operator.get_by_role("button", name="Withdraw all 3").first.click()
    expect(operator.get_by_text("3 decisions are withdrawn.")).to_be_visible()
    sales.goto("/admin/")
    expect(sales.get_by_role("heading", name=SENTENCE)).to_be_visible()


def _looks_right(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert list(faults_here(page, on_a_phone=False)) == []
