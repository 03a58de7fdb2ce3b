"""What can be uploaded, by whom; what can't is refused in a sentence."""

import os
import stat
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.models import ContentPattern
from business_core.models import ConsultationInquiry, CurrentPipelineSummary, Post
from synapse.kit.import_export import uploads, xlsx_limits
from tests.factories import make_inquiry, make_post
from tests.integration.synapse.kit.import_export.files import (
    address,
    confirm,
    counts,
    csv_file,
    exported,
    lines,
    upload,
    xlsx_file,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_HEADINGS = "external_post_id,content,posted_at,data_source"
_ROW = {"external_post_id": "a", "content": "é", "posted_at": "2025-01-20T09:00:00+02:00", "data_source": "test"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a CSV or XLSX file that isn&#x27;t empty."),
        (b"\n\n", "The file has no headings"),
        (_HEADINGS.encode(), "The file has headings, but no rows below them."),
        (csv_file(_ROW).decode().encode("latin-1"), "The file is no UTF-8: line 2 holds the byte 0xE9. In Excel"),
        (csv_file(_ROW).decode().encode("utf-16"), "The file is UTF-16, not UTF-8."),
        (b"PK\x03\x04 no workbook", "The file can&#x27;t be read as XLSX."),
        (b"\xd0\xcf\x11\xe0 old", "This is a file of the old Excel (.xls)."),
        (b"name,fax\nAda,1\n", "None of the headings in the first row is a column of this table."),
        (b"external_post_id,content,Content\na,b,c\n", "The column content stands in the file more than once."),
        (b'external_post_id,content\na,"b\n', "Is a quote missing there?"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(admin_client: Client, content: bytes, sentence: str) -> None:
    page = upload(admin_client, Post, content)

    assert page.status_code == 400
    assert sentence in page.content.decode()


def test_a_file_without_the_columns_by_which_rows_are_found_is_refused(admin_client: Client) -> None:
    page = upload(admin_client, ContentPattern, b"pattern_type,sample_size\nhook,1\n")

    assert page.status_code == 400
    assert page.context["error"].startswith("The file lacks pattern_type and pattern_value, by which rows are found.")


def test_a_workbook_that_unpacks_to_too_much_is_refused(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_limits, "MAX_UNPACKED_BYTES", 1_000)

    page = upload(admin_client, Post, xlsx_file([*_ROW], [*_ROW.values()]), "rows.xlsx")

    assert "The file unpacks to more than" in page.content.decode()


def test_too_large_files_are_refused(admin_client: Client, settings: LazySettings) -> None:
    settings.IMPORT_MOST_ROWS = 1
    many = upload(admin_client, Post, csv_file(_ROW, _ROW | {"external_post_id": "b"})).content.decode()
    settings.IMPORT_MOST_BYTES = 10
    large = upload(admin_client, Post, csv_file(_ROW)).content.decode()

    assert "The file has more than 1 rows." in many
    assert "Split it into several files." in large


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "sep=x\r\n"])
def test_csv_is_read_as_people_save_it(admin_client: Client, delimiter: str, mark: str) -> None:
    text = csv_file(_ROW | {"content": "a;b,c\td"}, delimiter=delimiter).decode()

    page = upload(admin_client, Post, (mark.replace("x", delimiter) + text).encode())

    assert counts(page) == {"new": 1}
    assert ("content", "", "a;b,c\td") in page.context["shown"]["new"][0].cells


def test_unknown_and_missing_columns_are_told(admin_client: Client) -> None:
    page = upload(admin_client, Post, csv_file(_ROW | {"impresions": "5", "<b>": "x"}))

    notes = page.context["notes"]
    assert notes[0] == "The column “impresions” is not one of this table and is left out. Did you mean impressions?"
    assert notes[1] == "The column “<b>” is not one of this table and is left out."
    assert notes[2].startswith("Not in the file, so left as they are: post_id, platform, week_theme,")
    assert "<b>" not in page.content.decode()


def test_a_row_with_other_cells_than_headings_is_bad(admin_client: Client) -> None:
    page = upload(admin_client, Post, f"{_HEADINGS}\na,b\n\na,b,c,d,e\n".encode())

    assert [row.number for row in page.context["shown"]["error"]] == [2, 4]
    first = page.context["shown"]["error"][0].problems[0]
    assert first.startswith("expected 4 cells, as the headings have, found “2”.")


def test_importing_needs_adding_and_changing(client: Client) -> None:
    assert client.get(address(Post, "import")).headers["Location"].startswith("/admin/login/")
    user = User.objects.create_user("person", is_staff=True)
    client.force_login(user)
    for codenames, status in [(["view_post", "change_post"], 403), (["add_post", "change_post", "view_post"], 200)]:
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert client.get(address(Post, "import")).status_code == status
        assert upload(client, Post, csv_file(_ROW)).status_code == status
    page = upload(client, Post, csv_file(_ROW))
    user.user_permissions.clear()
    assert confirm(client, page).status_code == 403
    assert client.get(page.context["bad_rows"]).status_code == 403
    assert not Post.objects.exists()


def test_views_take_no_import(admin_client: Client) -> None:
    place = address(CurrentPipelineSummary, "changelist") + "import/"

    assert admin_client.get(place).status_code != 200


def test_other_verbs_and_forged_posts_are_refused(admin_client: Client, admin_user: User) -> None:
    forging = Client(enforce_csrf_checks=True)
    forging.force_login(admin_user)

    assert admin_client.put(address(Post, "import")).status_code == 405
    assert upload(forging, Post, csv_file(_ROW)).status_code == 403


def test_uploads_are_their_owners_alone_and_go_after_a_day(upload_dir: Path) -> None:
    token = uploads.store_upload(b"rows", name="a.csv", user=1, table="t")
    folder = upload_dir

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert uploads.find_upload(token, user=2, table="t") is None
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    assert uploads.find_upload(token, user=1, table="t") is None
    assert not list(folder.iterdir()), "the next person to look finds it gone"
    token = uploads.store_upload(b"rows", name="a.csv", user=1, table="t")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    other = uploads.store_upload(b"rows", name="b.csv", user=1, table="t")
    assert uploads.find_upload(token, user=1, table="t") is None
    assert uploads.find_upload(other, user=1, table="t") is not None


def test_more_rows_ask_no_more_queries(admin_client: Client) -> None:
    def queries(number: int) -> tuple[int, int]:
        inquiries = [make_inquiry(source_post=make_post()) for _ in range(number)]
        file = [row | {"company": "Acme"} for row in lines(exported(admin_client, ConsultationInquiry))]
        with CaptureQueriesContext(connections["default"]) as previewing:
            page = upload(admin_client, ConsultationInquiry, csv_file(*file))
        assert counts(page) == {"changed": len(inquiries)}
        with CaptureQueriesContext(connections["default"]) as importing:
            confirm(admin_client, page)
        ConsultationInquiry.objects.all().delete()
        return len(previewing), len(importing)

    assert queries(10) == queries(60)


def test_a_workbook_larger_than_its_headings_is_read(admin_client: Client) -> None:
    rows: list[list[str | None]] = [
        [*_ROW],
        [*_ROW.values()],
        [None] * 4,
        ["b", "x", _ROW["posted_at"], "test", None, None],
    ]

    assert counts(upload(admin_client, Post, xlsx_file(*rows), "rows.xlsx")) == {"new": 2}
