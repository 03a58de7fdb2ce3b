"""A notice in the browser: the bell tells of it on every page until it is read or resolved."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import raise_notice, resolve_notice
from tests.browser import PHONE_WIDTH, Site
from tests.every_page.accessibility import faults_here

pytestmark = pytest.mark.browser


@pytest.fixture
def notices(site: Site) -> Iterator[None]:
    """Raise three notices, of which sales may act on two; take all away afterwards."""
    Notice.objects.all().delete()
    acts_on = "business_core.change_consultationinquiry"
    link = "/admin/business_core/consultationinquiry/"
    raise_notice(
        Kind.OVERDUE_INQUIRIES, key="", title="2 inquiries are overdue", text="Acme", link=link, permission=acts_on
    )
    raise_notice(
        Kind.FAILED_VALIDATION, key="", title="Views are old " + "x" * 90, text="<b>y</b>" * 40, permission=acts_on
    )
    raise_notice(Kind.WORKER_DOWN, key="", title="A worker is down", text="Start it.", permission="job_base.run_job")
    yield
    Notice.objects.all().delete()


def test_a_notice_is_seen_followed_read_and_resolved(site: Site, notices: None) -> None:
    page = site.sign_in("nora", "sales")
    page.goto("/admin/business_core/post/")

    page.get_by_role("link", name="Notices: 2 not read").click()
    expect(page.get_by_role("heading", name="2 inquiries are overdue")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("A worker is down")
    page.get_by_role("listitem").filter(has_text="Acme").get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("link", name="Notices: 1 not read")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Notices: all read")).to_be_visible()

    resolve_notice(Kind.OVERDUE_INQUIRIES, key="", now=timezone.now())
    page.goto("/admin/notices/?show=resolved")
    expect(page.get_by_role("listitem").filter(has_text="Acme")).to_contain_text("resolved at")
    page.get_by_role("link", name="See where it was").click()
    expect(page).to_have_url(f"{site.url}/admin/business_core/consultationinquiry/")


@pytest.mark.parametrize("path", ["/admin/notices/", "/admin/notices/mine/"])
def test_the_pages_are_for_everybody(site: Site, notices: None, path: str) -> None:
    page = site.sign_in("ada")
    page.goto(path)

    assert list(faults_here(page)) == []


def test_the_choice_of_mails_is_made_without_a_mouse(site: Site, notices: None) -> None:
    page = site.sign_in("olga", "analyst", width=PHONE_WIDTH)
    page.goto("/admin/notices/mine/")

    page.get_by_label("Worker down").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")

    expect(page.locator("body")).to_contain_text("Saved. It holds from the next mail on.")
    expect(page.get_by_label("Worker down")).not_to_be_checked()
    expect(page.get_by_label("Job given up")).to_be_checked()
