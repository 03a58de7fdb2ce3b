"""Files made to break or to stall the reading are refused in a sentence, soon and in little memory."""

import re
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.test import Client

from business_core.models import ConsultationInquiry
from synapse.kit.import_export.errors import FileError
from synapse.kit.import_export.sheets import read_sheet
from tests.integration.synapse.kit.import_export.files import confirm, counts, new_inquiry, problems, upload, xlsx_file

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_SHEET = "xl/worksheets/sheet1.xml"


def _workbook() -> bytes:
    row = new_inquiry("a")
    return xlsx_file([*row], [*row.values()])


def _repacked(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one of its parts changed."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


def _marked(content: bytes, *, in_directory: tuple[int, int], in_file: tuple[int, int]) -> bytes:
    """Return the workbook with a byte of each part's two headers set."""
    marked = bytearray(content)
    for signature, (offset, byte) in ((b"PK\x01\x02", in_directory), (b"PK\x03\x04", in_file)):
        for found in re.finditer(signature, content):
            marked[found.start() + offset] = byte
    return bytes(marked)


def _with_broken_deflate() -> bytes:
    content = bytearray(_workbook())
    with ZipFile(BytesIO(content)) as packed:
        part = packed.getinfo(_SHEET)
    start = part.header_offset + 30 + len(part.filename) + 5
    content[start : start + 35] = b"\xff" * 35
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_marked(_workbook(), in_directory=(8, 1), in_file=(6, 1)), "The file has a password."),
        (_marked(_workbook(), in_directory=(10, 97), in_file=(8, 97)), "The file can't be read as XLSX."),
        (_with_broken_deflate(), "The file can't be read as XLSX."),
        (
            _repacked(_workbook(), _SHEET, lambda xml: re.sub(rb'<c r="A2".*?</c>', b'<c t="s"><v>999</v></c>', xml)),
            "The file can't be read as XLSX.",
        ),
    ],
    ids=["password", "unknown compression", "broken deflate", "no such string"],
)
def test_a_workbook_that_nobody_can_unpack_is_refused(admin_client: Client, content: bytes, sentence: str) -> None:
    page = upload(admin_client, ConsultationInquiry, content, "rows.xlsx")

    assert page.status_code == 400
    assert page.context["error"].startswith(sentence)


def test_halves_of_characters_are_the_text_they_are_spelled_with(admin_client: Client) -> None:
    row = new_inquiry("_xD800_", notes="a_xdfff_b", bad_xD800_="x")

    page = upload(admin_client, ConsultationInquiry, xlsx_file([*row], [*row.values()]), "rows.xlsx")

    assert counts(page) == {"new": 1}, problems(page)
    confirm(admin_client, page)
    stored = ConsultationInquiry.objects.get()
    assert (stored.external_inquiry_id, stored.notes) == ("_xD800_", "a_xdfff_b")


def _read(content: bytes) -> int:
    return len(read_sheet(content, most_rows=10_000, knows=lambda word: word == "notes").rows)


def _with_rows(xml: bytes) -> bytes:
    return _repacked(_workbook(), _SHEET, lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_with_rows(b'<row><c r="XFD3"><v>1</v></c></row>' * 60), "A row has a cell beyond column 500."),
        (_with_rows(b"<row>" + b"<c><v>1</v></c>" * 501 + b"</row>"), "A row has a cell beyond column 500."),
        (_with_rows(b"<row>" + b"<c/>" * 200_000 + b"</row>"), "The file has too many cells."),
        (
            _repacked(_workbook(), _SHEET, lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml),
            "The file can't be read as XLSX.",
        ),
        (b"notes" + b",x" * 40_000 + b"\r\ny\r\n", "The file has 40,001 columns"),
    ],
    ids=["last column", "unnamed columns", "one endless row", "entities", "40,000 headings"],
)
def test_a_file_that_would_stall_the_reading_is_refused_at_once(content: bytes, sentence: str) -> None:
    began = time.process_time()
    tracemalloc.start(1)

    with pytest.raises(FileError, match=re.escape(sentence)):
        _read(content)

    peak, seconds = tracemalloc.get_traced_memory()[1], timedelta(seconds=time.process_time() - began)
    tracemalloc.stop()
    assert peak < 20_000_000
    assert seconds < timedelta(seconds=5)


@pytest.mark.parametrize(
    "content",
    [
        b"notes" + b"," * 200_000 + b"\r\ny" + b"," * 200_000 + b"\r\n",
        _with_rows(b'<row r="3"><c r="XFD3" s="0"/></row>' * 60),
    ],
    ids=["CSV", "XLSX"],
)
def test_empty_cells_to_the_right_of_a_table_are_nothing(content: bytes) -> None:
    assert _read(content) == 1
