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
from synapse.kit.import_export import csv_limits
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
        (b"notes,a\r\n" + b"x,," * 300_000 + b"y", "The file has 600,001 columns in line 2"),
        (b"notes" + b",x" * 600_000, "The file has 600,001 columns in line 1"),
        (b"notes;a\r\n" + b'"a;b";' * 150_000 + b"y", "The file has 150,001 columns in line 2"),
        (b'notes,a\r\n"x\r\n' + b"," * 600 + b'",b' + b",c" * 500, "The file has 502 columns in line 3"),
    ],
    ids=[
        "last column",
        "unnamed columns",
        "one endless row",
        "entities",
        "40,000 headings",
        "one line of commas",
        "one line of headings",
        "quoted cells",
        "after a quoted cell of several lines",
    ],
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
        b"notes" + b"," * 600 + b'\r\n"y"' + b"," * 600,
        b'notes\r\n"' + b"a," * 200_000 + b'"\r\n',
        b'notes\r\n"' + b"a," * 600 + b"\r\n" + b"b," * 600 + b'"' + b"," * 600 + b"\r\n",
        b'notes\r\n"' + b'"",' * 600 + b'"\r\n',
        b"notes\r\n" + b"," * 1_500_000 + b"\r\ny",
        _with_rows(b'<row r="3"><c r="XFD3" s="0"/></row>' * 60),
    ],
    ids=["CSV", "600", "commas in a text", "lines in a text", "quotes in a text", "1.5 MB of commas", "XLSX"],
)
def test_empty_cells_to_the_right_of_a_table_are_nothing(content: bytes) -> None:
    assert _read(content) == 1


def test_a_quoted_text_with_many_commas_is_read_to_its_last_character() -> None:
    text = "a," * 600 + "\n" + "b," * 600

    sheet = read_sheet(f'notes,c\r\n"{text}",d'.encode(), most_rows=10, knows=lambda word: word == "notes")

    assert [row.cells for row in sheet.rows] == [(text, "d")]


@pytest.mark.parametrize(("cells", "is_taken"), [(500, True), (501, False)])
def test_the_limit_of_columns_is_the_same_in_both_formats(cells: int, *, is_taken: bool) -> None:
    line = ["x"] * cells
    for content in (xlsx_file(["notes", "b"], line), f"notes,b\r\n{','.join(line)}".encode()):
        if is_taken:
            assert _read(content) == 1
        else:
            with pytest.raises(FileError, match=r"501 columns|beyond column 500"):
                _read(content)


def test_the_delimiter_is_guessed_where_another_would_give_too_many_columns() -> None:
    content = f"notes;b\r\n{'x,' * 800};y".encode()

    assert _read(content) == 1


def test_a_file_of_blank_lines_is_refused_at_once() -> None:
    assert _read(b"notes\nx" + b"\n" * 1_000) == 1
    with pytest.raises(FileError, match="The file has more than 2,000,000 lines"):
        _read(b"notes\nx" + b"\n" * csv_limits.MAX_LINES)


def _formatted_rows(rows: int, cell: bytes) -> bytes:
    return b"".join(b'<row r="%d" s="1" customFormat="1">%s</row>' % (number, cell) for number in range(3, 3 + rows))


@pytest.mark.parametrize(
    "content",
    [
        _with_rows(_formatted_rows(20_000, b'<c r="A9" s="0"/><c r="B9" s="0"/>')),
        _with_rows(_formatted_rows(20_000, b'<c r="A9" t="inlineStr"><is><t> </t></is></c>')),
        b"notes,b\r\nx,y\r\n" + b" ,\r\n" * 20_000,
        b"notes,b\r\nx,y\r\n" + b",\r\n" * 20_000 + b"\r\n" * 20_000,
    ],
    ids=["formatted", "blanks", "blanks in CSV", "commas in CSV"],
)
def test_formatted_blank_rows_are_no_rows_and_count_for_no_limit(content: bytes) -> None:
    assert _read(content) == 1


def test_the_limit_of_rows_counts_filled_rows(admin_client: Client) -> None:
    content = b"notes\r\n" + b"x\r\n\r\n" * 10_000

    assert _read(content) == 10_000
    with pytest.raises(FileError, match="more than 10,000 rows"):
        _read(content + b"x")
