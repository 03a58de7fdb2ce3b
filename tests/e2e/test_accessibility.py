"""axe-core on every page that can be opened, in light and in dark: nothing serious, nothing critical."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import Site
from tests.every_page.addresses import Address, every_address
from tests.every_page.paths import paths_of

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.timeout(1200)]

_BAD = {"serious", "critical"}
_OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_has_a_serious_violation(site: Site, *, dark: bool) -> None:
    page = site.sign_in("Ada", dark=dark)
    axe = Axe()

    found = [line for path in _pages() for line in _violations(axe, page, path)]

    assert not found, "\n".join(found)


def _pages() -> list[str]:
    """Return each page's path; what is sent as a file is no page."""
    return [path for address in every_address() if _is_a_page(address) for path in paths_of(address)]


def _is_a_page(address: Address) -> bool:
    # What is asked by scripts, and what leads elsewhere.
    no_pages = ("admin:logout", "admin:jsi18n", "admin:autocomplete", "admin:search", "admin:view_on_site")
    return bool(address.name) and not address.name.endswith(":") and address.name not in no_pages


def _violations(axe: Axe, page: Page, path: str) -> list[str]:
    answer = page.request.get(path)
    if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
        return []
    page.goto(path)
    results = axe.run(page, options=_OPTIONS).response["violations"]
    return [
        f"{path}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]} and {len(one['nodes']) - 1} more"
        for one in results
        if one["impact"] in _BAD
    ]
