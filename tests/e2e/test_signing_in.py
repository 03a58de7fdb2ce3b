"""The way in."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser import Site

pytestmark = pytest.mark.browser


def test_a_person_signs_in_through_the_form_and_out_again(site: Site) -> None:
    User.objects.create_superuser("Ada", password="a long enough secret")
    page = site.sign_in("somebody else")
    page.context.clear_cookies()

    page.goto("/")
    page.get_by_label("Username").fill("Ada")
    page.get_by_label("Password").fill("a long enough secret")
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_title(re.compile("^\\s*Today, "))
    page.goto("/admin/business_core/consultationinquiry/")
    expect(page.locator("body")).to_contain_text("18")
