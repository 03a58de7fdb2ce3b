"""A file with bad rows: uploaded, looked at, imported without them, undone."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from synapse.console.people.roles import Role
from tests.browser import PHONE_WIDTH, Site
from tests.every_page.accessibility import faults_here
from tests.imports import rows

pytestmark = pytest.mark.browser

_LIST = "/admin/business_core/consultationinquiry/"


def _ten_rows(folder: Path, name: str) -> Path:
    """Return a file of a changed row, seven new and two bad ones, as a spreadsheet of this continent saves it."""
    columns = ["external_inquiry_id", "contact_name", "inquiry_type", "inquiry_channel", "data_source"]
    named = ", ".join([*columns, "estimated_value"])
    (known,) = rows("default", f"SELECT {named} FROM consultation_inquiries ORDER BY 1 LIMIT 1")
    new = [[f"fair-{number}", f"Visitor {number}", "architecture", "fair", "fair", "1000"] for number in range(9)]
    new[3][5], new[7][1] = "1.000 EUR", ""
    text = StringIO(newline="")
    lines = [[*columns, "estimated_value"], [known[0], f"{known[1]} {name} \u202e<b>", *known[2:]], *new]
    csv.writer(text, delimiter=";").writerows(lines)
    file = folder / "fair.csv"
    file.write_text(text.getvalue(), encoding="utf-8-sig")
    return file


def _inquiries() -> list[tuple[object, ...]]:
    return rows("default", "SELECT to_jsonb(i)::text FROM consultation_inquiries AS i ORDER BY 1")


@pytest.mark.parametrize("width", [1280, PHONE_WIDTH])
def test_a_file_with_two_bad_rows_of_ten_is_imported_without_them_and_undone(
    site: Site, tmp_path: Path, width: int
) -> None:
    before = _inquiries()
    page = site.sign_in("Sal", Role.SALES.value, width=width)

    page.goto(_LIST + "import/")
    page.get_by_label("File", exact=True).set_input_files(_ten_rows(tmp_path, f"of {width}"))
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("region", name="Bad rows").wait_for()
    counts = page.locator(".counts").inner_text().split()
    assert counts == ["New", "7", "Changed", "1", "Same", "0", "Bad", "2"]
    expect(page.get_by_role("region", name="Bad rows")).to_contain_text("found “1.000 EUR”")
    expect(page.get_by_role("region", name="Changed rows")).to_contain_text("\u27e8U+202E\u27e9<b>")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert list(faults_here(page, on_a_phone=False)) == []
    assert _inquiries() == before

    page.get_by_role("button", name="Import the 8 good rows, leave out the 2 bad").click()
    expect(page.get_by_text("Imported fair.csv: 7 new, 1 changed, 2 bad left out.")).to_be_visible()
    assert len(_inquiries()) == len(before) + 7

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state()
    assert _inquiries() == before
