"""Two people in two browsers on one row: the first one's edit is never lost, nor is the second one's typing."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, expect

from business_core.models import ConsultationInquiry
from revenue.models import ABTest, ABTestVariant
from tests.browser import Site
from tests.every_page.accessibility import faults_here

pytestmark = pytest.mark.browser


def _inquiry() -> ConsultationInquiry:
    inquiry = ConsultationInquiry.objects.order_by("pk").first()
    assert inquiry is not None
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(
        status="new", notes="They want a platform.", company="Acme"
    )
    return inquiry


def _open(page: Page, inquiry: ConsultationInquiry) -> None:
    page.goto(f"/admin/business_core/consultationinquiry/{inquiry.pk}/change/")


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def _saved(page: Page) -> None:
    expect(page.locator("body")).to_contain_text("was changed successfully")


def test_edits_of_different_fields_are_both_kept(site: Site) -> None:
    inquiry = _inquiry()
    ada, bob = site.sign_in("ada", "sales"), site.sign_in("bob", "sales")
    _open(ada, inquiry)
    _open(bob, inquiry)

    bob.locator("#id_notes").fill("Bob called.")
    _save(bob)
    _saved(bob)
    ada.locator("#id_company").fill("Acme & Sons")
    _save(ada)

    _saved(ada)
    expect(ada.locator("body")).to_contain_text("bob changed Notes meanwhile")
    inquiry.refresh_from_db()
    assert (inquiry.notes, inquiry.company) == ("Bob called.", "Acme & Sons")


def test_edits_of_the_same_fields_are_chosen_field_by_field(site: Site) -> None:
    inquiry = _inquiry()
    ada, bob = site.sign_in("ada", "sales"), site.sign_in("bob", "sales", width=375)
    _open(ada, inquiry)
    _open(bob, inquiry)

    bob.locator("#id_status").select_option("contacted")
    bob.locator("#id_notes").fill("They want a platform by May.")
    _save(bob)
    _saved(bob)
    ada.locator("#id_status").select_option("qualified")
    ada.locator("#id_notes").fill("They want two platforms.")
    ada.locator("#id_company").fill("Acme & Sons")
    _save(ada)

    meeting = ada.get_by_role("region", name="Two people changed this at the same time")
    expect(meeting).to_be_focused()
    status, notes = (meeting.get_by_role("group", name=name) for name in ("Status", "Notes"))
    expect(status).to_contain_text(
        re.compile("Keep what bob saved at.*Contacted.*Save what you typed.*Qualified", re.DOTALL)
    )
    expect(notes.locator("mark").first).to_have_text(re.compile("a"))
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.company) == ("contacted", "Acme")
    assert list(faults_here(ada)) == []

    status.get_by_label("Keep what bob saved").check()
    _save(ada)
    expect(meeting.get_by_role("group", name="Notes")).to_contain_text("Choose one of the three.")
    expect(meeting.get_by_role("group", name="Status")).to_have_count(0)
    meeting.get_by_role("group", name="Notes").get_by_label("Save what you typed").check()
    _save(ada)

    _saved(ada)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.notes) == ("contacted", "They want two platforms.")
    assert inquiry.company == "Acme & Sons"


def test_a_variants_count_is_chosen_and_a_deleted_variant_brought_back(site: Site) -> None:
    test = ABTest.objects.filter(variants__isnull=False).order_by("pk").first()
    assert test is not None
    first, second = ABTestVariant.objects.filter(test=test).order_by("variant_name")[:2]
    cleo, dan = site.sign_in("cleo", "analyst"), site.sign_in("dan", "analyst")
    cleo.goto(f"/admin/revenue/abtest/{test.pk}/change/")
    place = {
        variant.pk: cleo.locator(f"input[value='{variant.pk}'][name$=variant_id]").get_attribute("name") or ""
        for variant in (first, second)
    }

    dan.goto(f"/admin/revenue/abtestvariant/{first.pk}/change/")
    dan.locator("#id_impressions").fill("111")
    _save(dan)
    _saved(dan)
    dan.goto(f"/admin/revenue/abtestvariant/{second.pk}/delete/")
    dan.get_by_role("button", name=re.compile("sure")).click()
    expect(dan.locator("body")).to_contain_text("was deleted.")
    for key in (first.pk, second.pk):
        cleo.locator(f"[name={place[key].replace('variant_id', 'impressions')}]").fill("222")
    _save(cleo)

    meeting = cleo.get_by_role("region", name="Two people changed this at the same time")
    expect(meeting.get_by_role("group", name=f"{first.variant_name}: impressions")).to_contain_text("111")
    meeting.get_by_label("Keep what dan saved").check()
    expect(meeting.get_by_role("group", name=second.variant_name)).to_contain_text("Deleted by dan")
    meeting.get_by_label("Bring it back, with my changes").check()
    _save(cleo)

    _saved(cleo)
    assert ABTestVariant.objects.get(pk=first.pk).impressions == 111
    again = ABTestVariant.objects.get(pk=second.pk)
    assert (again.impressions, again.content, again.created_at) == (222, second.content, second.created_at)


def test_unsaved_work_is_asked_about_before_it_is_left(site: Site) -> None:
    inquiry = _inquiry()
    page = site.sign_in("ada", "sales")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)

    _open(page, inquiry)
    page.locator("a[href='/admin/business_core/post/']").first.click()
    assert asked == []
    _open(page, inquiry)
    page.locator("#id_notes").fill("Half a thought")
    page.locator("a[href='/admin/business_core/post/']").first.click()

    page.wait_for_url("**/post/")
    assert asked == ["beforeunload"]


def test_what_was_typed_outlives_an_expired_session(site: Site) -> None:
    inquiry = _inquiry()
    page = site.sign_in("ada", "sales")
    _open(page, inquiry)
    page.locator("#id_notes").fill("Long thoughts")
    Session.objects.all().delete()
    _save(page)
    expect(page).to_have_url(re.compile("/login/"))

    again = site.sign_in("ada", "sales").context.cookies()
    page.context.add_cookies([cookie for cookie in again if cookie["name"] == "sessionid"])  # type: ignore[misc]
    page.evaluate("location.assign(new URLSearchParams(location.search).get('next'))")
    page.get_by_role("button", name="Put it back into the form").click()
    expect(page.locator("#id_notes")).to_have_value("Long thoughts")
    _save(page)

    _saved(page)
    inquiry.refresh_from_db()
    assert inquiry.notes == "Long thoughts"
