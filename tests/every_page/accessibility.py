"""Whether the page in the browser is for everybody.

What lives here: what is looked at on a page. What does not: which pages (addresses.py), and the crawl over all of them
(tests/e2e/test_accessibility.py).
"""

from collections.abc import Iterator
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import PHONE_WIDTH

_BAD: Final = {"serious", "critical"}
_IN_LIGHT: Final = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}
_IN_DARK: Final = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""In the dark a page differs by its colours alone."""

_DESKTOP: Final = {"width": 1280, "height": 900}
_PHONE: Final = {"width": PHONE_WIDTH, "height": 812}
_SMALLEST_TARGET: Final = 24
_TOO_WIDE: Final = "document.documentElement.scrollWidth - innerWidth"
_SMALL_BUTTONS: Final = """smallest => [...document.querySelectorAll("button, [type=submit], [role=button], select")]
    .filter(it => it.checkVisibility({visibilityProperty: true}) && !it.matches(".select2-hidden-accessible"))
    .map(it => ({it, box: it.getBoundingClientRect()}))
    .filter(({box}) => box.width > 1 && Math.min(Math.round(box.width), Math.round(box.height)) < smallest)
    .map(({it, box}) => `${Math.round(box.width)} x ${Math.round(box.height)} ${it.outerHTML.slice(0, 160)}`)"""


def faults_here(page: Page, *, on_a_phone: bool = True) -> Iterator[str]:
    """Look at the page as it stands in light, in dark and, where asked for, at a phone's width; tell each fault.

    Serious and critical violations by axe-core, a page wider than the phone, and buttons too small for a finger.
    """
    axe = Axe()
    yield from _violations(axe, page, _IN_LIGHT)
    page.evaluate("document.documentElement.classList.add('dark')")
    yield from (f"dark: {fault}" for fault in _violations(axe, page, _IN_DARK))
    page.evaluate("document.documentElement.classList.remove('dark')")
    if not on_a_phone:
        return
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]  # a plain dictionary will do
    over = page.evaluate(_TOO_WIDE)
    if over > 0:
        yield f"{over} px wider than a phone"
    yield from (f"too small for a finger: {button}" for button in page.evaluate(_SMALL_BUTTONS, _SMALLEST_TARGET))
    page.set_viewport_size(_DESKTOP)  # type: ignore[arg-type]


def _violations(axe: Axe, page: Page, rules: dict[str, Any]) -> Iterator[str]:
    results = axe.run(page, options={"resultTypes": ["violations"], "runOnly": rules}).response["violations"]
    for one in results:
        if one["impact"] in _BAD:
            first = one["nodes"][0]
            yield f"{one['id']} ({one['impact']}): {first['html'][:200]} and {len(one['nodes']) - 1} more"
