"""An A/B test from the first word to a winner, and back."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from revenue.models import ABTest
from tests.browser import PHONE_WIDTH, Site

pytestmark = pytest.mark.browser


def _type(page: Page, label: str, text: str) -> None:
    page.locator(f"[name={label}]").fill(text)


def _count(page: Page, test: ABTest, *, control: int, other: int) -> None:
    """Enter a thousand impressions a variant and these requests, then look at the result."""
    page.goto(f"/admin/revenue/abtest/{test.pk}/change/")
    for place, requests in enumerate((control, other)):
        _type(page, f"variants-{place}-impressions", "1000")
        _type(page, f"variants-{place}-consultation_requests", str(requests))
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"/admin/revenue/abtest/{test.pk}/result/")


def test_a_test_is_created_filled_judged_confirmed_and_undone(site: Site) -> None:
    page = site.sign_in("Grace", "analyst")
    page.goto("/admin/revenue/abtest/")
    page.locator('a[href$="/abtest/add/"]').first.click()
    for label, text in (
        ("test_name", "Opening line"),
        ("hypothesis", "A question brings more."),
        ("element_type", "hook"),
    ):
        _type(page, label, text)
    _type(page, "start_date_0", "2025-08-01")
    _type(page, "start_date_1", "08:00:00")
    for place, name in enumerate(("Claim", "Question")):
        _type(page, f"variants-{place}-variant_name", name)
        _type(page, f"variants-{place}-content", f"{name}: …")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("row", name="Opening line").get_by_role("link", name="Stalled").click()

    expect(page.get_by_role("heading", name="Stalled")).to_be_visible()
    test = ABTest.objects.get(test_name="Opening line")

    _count(page, test, control=30, other=34)
    expect(page.get_by_role("heading", name="No difference worth finding")).to_be_visible()

    _count(page, test, control=30, other=90)
    expect(page.get_by_role("heading", name="Question looks better: review and confirm")).to_be_visible()
    page.get_by_text("How is this calculated?").click()
    expect(page.get_by_role("row", name="Claim").first).to_contain_text("3.0000%")
    page.get_by_role("button", name="Confirm Question as the winner").click()

    expect(page.get_by_text("Question is confirmed as the winner of “Opening line”.")).to_be_visible()
    expect(page.get_by_role("heading", name="Confirmed by Grace on ")).to_be_visible()
    expect(page.get_by_text("Question is the winner, with a lift of +200.0%.")).to_be_visible()
    test.refresh_from_db()
    assert (test.status, test.improvement_rate) == ("completed", Decimal(2))

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.goto(f"/admin/revenue/abtest/{test.pk}/result/")
    expect(page.get_by_role("button", name="Confirm Question as the winner")).to_be_visible()
    test.refresh_from_db()
    assert (test.status, test.winning_variant, test.end_date) == ("active", None, None)
    assert not test.variants.filter(is_winner=True).exists()


def test_the_list_on_a_phone_has_its_labels_in_whole_words(site: Site) -> None:
    page = site.sign_in("Linus", "sales", width=PHONE_WIDTH)
    page.goto("/admin/revenue/abtest/")

    labels = page.evaluate("""
        [...document.querySelectorAll("#result_list td[data-label]")].map(
            (cell) => [cell.dataset.label, parseFloat(getComputedStyle(cell, "::before").height)])
    """)
    one_line_height = 30
    assert "variants" in {label for label, _ in labels}
    assert [label for label, height in labels if " " not in label and height > one_line_height] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH


def test_the_result_fits_a_phone_and_the_picture_takes_the_keyboard(site: Site) -> None:
    page = site.sign_in("Linus", "sales", width=PHONE_WIDTH)
    test = ABTest.objects.filter(test_name__startswith="Hook").earliest("start_date")
    page.goto(f"/admin/revenue/abtest/{test.pk}/result/")

    expect(page.get_by_role("heading", name="Assignments (archived)")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH
    expect(page.get_by_role("button", name="Complete without a winner")).to_have_count(0)
    page.get_by_text("How is this calculated?").click()
    table = page.get_by_role("region", name="Rates of the variants")
    table.focus()
    expect(table).to_be_focused()
