"""The pipeline's numbers in a browser: against SQL over the imported real files, and opened into their rows."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from tests.browser import PHONE_WIDTH, Site
from tests.imports import execute, rows
from tests.numbers import list_totals, open_numbers

pytestmark = pytest.mark.browser


def test_a_salesperson_trusts_the_pipeline_because_it_opens(site: Site) -> None:
    page = site.sign_in("Sam", "sales")
    page.goto("/admin/")
    expect(figure(page, "Value, all time")).to_contain_text("$610,000")
    expect(figure(page, "Value, last 30 days")).to_contain_text("$0")

    page.get_by_role("link", name="In numbers").first.click()
    expect(page).to_have_title("Pipeline in numbers | Synapse")
    assert money(page, "Value, all time") == rows("default", "SELECT sum(estimated_value) FROM consultation_inquiries")
    assert table(page, "Value by type") == grouped("inquiry_type")
    assert table(page, "Value by channel") == grouped("inquiry_channel")
    assert table(page, "Value by status") == grouped("status")
    assert table(page, "Posts that bring money") == grouped("source_post_id")
    assert open_numbers(signed_in("Sam"), page.content())

    page.get_by_label("From", exact=True).fill("2025-08-20")
    page.get_by_label("to", exact=True).fill("2025-08-26")
    page.get_by_role("radio", name="From … to …").check()
    page.get_by_role("button", name="Show").click()
    between = "created_at >= '2025-08-20 00:00+03' AND created_at < '2025-08-27 00:00+03'"
    assert money(page, "Value") == rows(
        "default", f"SELECT sum(estimated_value) FROM consultation_inquiries WHERE {between}"
    )

    figure(page, "Value").locator("a").first.click()
    expect(page.locator(".list-totals")).to_be_visible()
    totals = list_totals(page.content())
    assert [(totals.rows, Decimal(totals.sums["estimated_value"]))] == rows(
        "default", f"SELECT count(*), sum(estimated_value) FROM consultation_inquiries WHERE {between}"
    )


def test_a_late_call_is_made_and_that_is_undone(site: Site) -> None:
    execute(
        "default",
        "UPDATE consultation_inquiries SET next_action = 'Call back', next_action_due_date = current_date - 3"
        " WHERE inquiry_id = (SELECT inquiry_id FROM consultation_inquiries ORDER BY inquiry_id LIMIT 1)",
    )
    page = site.sign_in("Sue", "sales")
    page.goto("/admin/")
    expect(page.get_by_role("region", name="Overdue")).to_contain_text("overdue by 3 days")
    page.get_by_role("button", name="Done: Call back").click()
    expect(page.get_by_text(": next action done.")).to_be_visible()
    assert rows("default", "SELECT count(*) FROM consultation_inquiries WHERE next_action = 'Call back'") == [(0,)]

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert rows("default", "SELECT count(*) FROM consultation_inquiries WHERE next_action = 'Call back'") == [(1,)]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/dashboards/pipeline/"])
def test_a_phone_scrolls_tables_and_never_the_page(path: str, dark: bool, site: Site) -> None:  # noqa: FBT001  # pytest's
    page = site.sign_in("Sid", "sales", width=PHONE_WIDTH, dark=dark)
    page.goto(path)
    expect(page.get_by_text("$610,000").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH


def figure(page: Page, label: str) -> Locator:
    return page.locator(".db-figure").filter(has=page.locator("dt").get_by_text(label, exact=True))


def money(page: Page, label: str) -> list[tuple[Decimal]]:
    value = figure(page, label).locator("[data-number]").first.get_attribute("data-value")
    return [(Decimal(value or "0"),)]


def table(page: Page, title: str) -> list[tuple[Decimal, int]]:
    """Return the chart's numbers: value and inquiries, the largest first."""
    lines = page.get_by_role("region", name=title, exact=True).locator("tbody tr").all()
    found = [[number.get_attribute("data-value") for number in line.locator("[data-number]").all()] for line in lines]
    return sorted(((Decimal(value or "0"), int(count or "0")) for value, count in found), reverse=True)


def grouped(column: str) -> list[tuple[Decimal, int]]:
    sums = f"SELECT sum(estimated_value), count(*) FROM consultation_inquiries GROUP BY {column}"
    return [(value, count) for value, count in rows("default", f"{sums} ORDER BY 1 DESC, 2 DESC")]


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client
