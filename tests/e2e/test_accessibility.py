"""Every page that can be opened: nothing axe calls serious or critical, in light and in dark, and it fits a phone.

What lives here: the crawl, over the imported real files and over empty databases. What does not: the inventory of
pages and what is looked at on each (tests/every_page), the journey without a mouse (test_keyboard.py), and pages that
only an answer to a form is (their journeys look at them).
"""

from collections.abc import Iterable, Iterator
from typing import Final

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from playwright.sync_api import Page

from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from tests.browser import Site
from tests.every_page.accessibility import faults_here
from tests.every_page.addresses import Address, every_address
from tests.every_page.paths import paths_of

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.timeout(1200)]

_WITHOUT_ROWS: Final = ("add", "import")
"""Pages on which no row stands: they are the same over empty databases."""

_LIKE_THE_FIRST_DATABASES: Final = ("analytics", "revenue")
_PER_DATABASE: Final = ("legacy_import", "change_log")


def test_every_page_is_for_everybody(site: Site) -> None:
    found = list(_faults(site.sign_in("Ada"), every_address()))

    assert not found, "\n".join(found)


def test_every_page_of_empty_databases_is_for_everybody(site: Site) -> None:
    for alias in ALIASES:
        call_command("flush", database=alias, verbosity=0, interactive=False, allow_cascade=False)
        refresh_views(alias=alias)
    User.objects.all().delete()

    found = list(_faults(site.sign_in("Ada"), [page for page in every_address() if page.page not in _WITHOUT_ROWS]))

    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/admin/login/", "/no-such-page/"])
def test_pages_before_signing_in_are_for_everybody(site: Site, path: str) -> None:
    page = site.sign_in("Ada")
    page.context.clear_cookies()

    page.goto(path)
    found = list(faults_here(page))
    site.troubles.clear()  # the browser logs the answer 404, which is what was asked for

    assert not found, "\n".join(found)


def _faults(page: Page, addresses: Iterable[Address]) -> Iterator[str]:
    for address in filter(_is_a_page, addresses):
        for path in paths_of(address):
            if _can_be_opened(page, path):
                page.goto(path)
                yield from (f"{path}: {fault}" for fault in faults_here(page, on_a_phone=_is_alone(address)))


def _is_a_page(address: Address) -> bool:
    # What is asked by scripts, and what leads elsewhere.
    no_pages = ("admin:logout", "admin:jsi18n", "admin:autocomplete", "admin:search", "admin:view_on_site")
    is_part_of_a_page = address.name.startswith("operations:") and address.name.endswith("live")
    return (
        bool(address.name) and not address.name.endswith(":") and address.name not in no_pages and not is_part_of_a_page
    )


def _is_alone(address: Address) -> bool:
    """Say whether the page is made as no other; the same page of another database is as wide."""
    if address.model is None or address.model._meta.app_label not in _PER_DATABASE:
        return True
    return not str(address.model._meta.model_name).startswith(_LIKE_THE_FIRST_DATABASES)


def _can_be_opened(page: Page, path: str) -> bool:
    """Say whether a page stands there; a fault of the server is none of the answers a page may give."""
    answer = page.request.get(path, max_redirects=0)
    assert answer.status < 500, f"{path} answers {answer.status}"
    return answer.status == 200 and "text/html" in answer.headers.get("content-type", "")
