"""The pictures: which page, whose eyes, and what is done on it first.

What lives here: one line per picture and the few steps to its page. What does not: light, width and cutting
(camera.py).
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Final

from django.conf import settings
from django.urls import reverse
from playwright.sync_api import FilePayload, Page

from business_core.models import ConsultationInquiry
from revenue.models import ABTest
from synapse.console.people.roles import Role
from tests.browser import Site
from tests.pictures.story import JUDGED, WORKED_ON

_INQUIRIES: Final = "/admin/business_core/consultationinquiry/"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture's name, how its page is opened, who looks, and whether it is also taken dark and on a phone.

    height: the most pixels of the page's upper part; part: the name of a region to take instead, whole.
    """

    name: str
    open: Callable[[Page, Site], None]
    person: str
    roles: tuple[str, ...]
    dark: bool = False
    phone: bool = False
    height: int = 1_100
    part: str = ""


def _at(path: str) -> Callable[[Page, Site], None]:
    def go(page: Page, _site: Site) -> None:
        page.goto(path)

    return go


def _named(name: str) -> Callable[[Page, Site], None]:
    def go(page: Page, _site: Site) -> None:
        page.goto(reverse(name))

    return go


def _inquiry() -> ConsultationInquiry:
    """Return the inquiry whose timeline has something to tell."""
    return ConsultationInquiry.objects.filter(contact_name=WORKED_ON).order_by("-estimated_value", "-created_at")[0]


def _form(page: Page, _site: Site) -> None:
    page.goto(f"{_INQUIRIES}{_inquiry().pk}/change/")


def _sources(page: Page, _site: Site) -> None:
    """Open the sources; the folder of the pictures is gone when somebody reads of it, so the usual one is named."""
    page.goto(reverse("admin:legacy_import_importsource_changelist"))
    page.locator("code").first.evaluate("folder => { folder.textContent = 'var/legacy'; }")


def _validation(page: Page, _site: Site) -> None:
    """Open the newest validation; the pictures' folder is not named, as in the sources."""
    page.goto(reverse("admin:legacy_import_validationrun_changelist"))
    page.locator("#result_list th a").first.click()
    line = page.get_by_text("Legacy files:")
    line.evaluate("(line, path) => { line.textContent = line.textContent.replace(path, 'var') }", str(settings.VAR_DIR))


def _quarantine(page: Page, _site: Site) -> None:
    page.goto(reverse("admin:legacy_import_businesscorequarantinedrow_changelist"))
    page.get_by_role("link", name="estimated_value").click()
    page.wait_for_load_state()


def _two_people(page: Page, site: Site) -> None:
    """Let Bob save between Sal's opening of the form and her saving."""
    inquiry = ConsultationInquiry.objects.get(contact_name="Kaveh Lindqvist")
    bob = site.sign_in("Bob", Role.SALES)
    for one in (page, bob):
        one.goto(f"{_INQUIRIES}{inquiry.pk}/change/")
    bob.locator("#id_status").select_option("qualified")
    bob.locator("#id_notes").fill("They want a team of four by May.")
    _save(bob)
    page.locator("#id_status").select_option("discovery_scheduled")
    page.locator("#id_notes").fill("They want a team of five by June.")
    _save(page)
    page.get_by_role("region", name="Two people changed this at the same time").wait_for()


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()


def _bulk(page: Page, _site: Site) -> None:
    page.goto(f"{_INQUIRIES}?status__exact=contacted")
    for box in page.locator("input.action-select").all():
        box.check()
    page.get_by_label("Select action to run").select_option("set_status")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Set the status to").select_option("qualified")


def _undo(page: Page, site: Site) -> None:
    _bulk(page, site)
    page.get_by_role("button", name="Change ").click()
    page.get_by_role("link", name="Undo").first.click()
    page.get_by_role("button", name="Undo").first.wait_for()


def _result(page: Page, _site: Site) -> None:
    test = ABTest.objects.filter(test_name=JUDGED, status="active").order_by("start_date")[0]
    page.goto(reverse("admin:revenue_abtest_result", args=[test.pk]))


def _search(page: Page, _site: Site) -> None:
    page.goto(reverse("admin:index"))
    page.keyboard.press("Control+k")
    page.locator("#search-input-command").press_sequentially("lumen")
    page.locator("#command-results-list").get_by_text("Ines Okafor").first.wait_for()


def _import_preview(page: Page, _site: Site) -> None:
    page.goto(f"{_INQUIRIES}import/")
    page.get_by_label("File", exact=True).set_input_files(
        FilePayload(name="fair.csv", mimeType="text/csv", buffer=_fair().encode("utf-8-sig"))
    )
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("region", name="Bad rows").wait_for()


def _fair() -> str:
    """Return a file of one changed row, five new and two bad ones."""
    known = ConsultationInquiry.objects.get(contact_name="Ines Okafor")
    columns = ("external_inquiry_id", "contact_name", "company", "inquiry_type", "inquiry_channel", "data_source")
    people = ("Lena Abara", "Tomas Reyes", "Yuki Stenberg", "Ada Moreau", "Jonas Klee", "Priya Vale", "Sam Ortega")
    rows = [
        [f"fair-{number + 1}", person, "Met at the fair", "architecture", "event", "synapse", "12000"]
        for number, person in enumerate(people)
    ]
    rows[2][6], rows[5][1] = "12.000 EUR", ""
    changed = [str(getattr(known, column)) for column in columns]
    text = StringIO(newline="")
    csv.writer(text).writerows([[*columns, "estimated_value"], [*changed, "9500"], *rows])
    return text.getvalue()


_SALES: Final = ("Sal", (Role.SALES.value,))
_ANALYST: Final = ("Grace", (Role.ANALYST.value,))
_OPERATOR: Final = ("Olu", (Role.MIGRATION_OPERATOR.value,))
_ALL: Final = ("Ada", (Role.ADMINISTRATOR.value,))

SHOTS: Final = (
    Shot("front-page", _named("admin:index"), *_ALL, dark=True, phone=True, height=1_250),
    Shot("inquiries", _at(_INQUIRIES), *_SALES, dark=True, phone=True),
    Shot("inquiry", _form, *_SALES, dark=True, phone=True, height=1_300),
    Shot("timeline", _form, *_SALES, part="Timeline"),
    Shot("ab-tests", _at("/admin/revenue/abtest/"), *_ANALYST),
    Shot("ab-result", _result, *_ANALYST, dark=True, phone=True, height=1_400),
    Shot("sample-size", _named("ab-calculator"), *_ANALYST, height=1_200),
    Shot("dashboard-pipeline", _named("dashboard-business-core"), *_SALES, dark=True, phone=True, height=1_400),
    Shot("dashboard-analytics", _named("dashboard-analytics"), *_ANALYST, height=1_300),
    Shot("dashboard-revenue", _named("dashboard-revenue"), *_ANALYST, dark=True, height=1_300),
    Shot("dashboard-consolidation", _named("dashboard-consolidation"), *_OPERATOR, height=1_300),
    Shot("search", _search, *_SALES, height=700),
    Shot("import-preview", _import_preview, *_SALES, dark=True, height=1_300),
    Shot("sources", _sources, *_OPERATOR, dark=True),
    Shot("operations", _named("operations:console"), *_OPERATOR, dark=True, phone=True, height=1_400),
    Shot("notices", _named("notices:list"), *_OPERATOR, height=700),
    Shot("validation", _validation, *_OPERATOR),
    Shot("quarantine", _quarantine, *_OPERATOR, phone=True),
    Shot("divergences", _named("admin:legacy_import_businesscoredivergence_changelist"), *_OPERATOR, dark=True),
    Shot("two-people", _two_people, *_SALES),
    Shot("bulk", _bulk, *_SALES),
    Shot("undo", _undo, *_SALES, height=900),
)
"""In the order they are taken: those that change something come last."""
