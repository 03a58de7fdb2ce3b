"""The pages of the archived tables: what they show, to whom, and at what cost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from legacy_import.models import LedgerRow
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.admin.archive_pages import (
    DRAWER,
    LIST,
    cells,
    clerk,
    csv_bytes,
    headings,
    html_of,
    table_page,
)
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

Fill = Callable[..., None]


@pytest.fixture
def drawer(legacy_dir: Path, db: None) -> Fill:
    """Return a function that imports the primary file with an archived table of these rows."""

    def fill(*lines: tuple[Any, ...]) -> None:
        change(legacy_dir / PRIMARY, "DROP TABLE IF EXISTS drawer")
        change(legacy_dir / PRIMARY, DRAWER)
        for line in lines:
            change(legacy_dir / PRIMARY, "INSERT INTO drawer VALUES (?, ?, ?)", *line)
        # A test's transaction goes on, so the stages of an earlier import would too.
        execute("default", "DISCARD TEMP")
        assert run_import("primary", legacy_dir).error is None

    return fill


_PAGE = table_page("primary", "drawer")
_CSV = table_page("primary", "drawer", kind="csv/")


def test_headings_and_cells_stand_in_the_order_of_the_file(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 7, "mon"), ("a", None, ""), (b"\x01", "seven", '{"x": 1}'))

    html = html_of(admin_client, _PAGE)

    assert headings(html) == ["zeta", "alpha_one", "=note"]
    assert cells(html) == [
        ["1", "short: z", "number: 7", "short: mon"],
        ["2", "short: a", "null: NULL", "null: (empty text)"],
        ["3", "odd short: 0x01 blob, 1 byte", "odd short: seven text", "json: x: 1"],
    ]


def test_a_row_leads_to_its_own_page(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 7, "mon"))
    row = LedgerRow.objects.using("default").get(legacy_table="drawer")
    page = reverse("admin:legacy_import_businesscorearchivedrow_change", args=[row.pk])

    assert f'<a href="{page}" aria-label="Row 1 by itself">1</a>' in html_of(admin_client, _PAGE)
    assert html_of(admin_client, page)


def test_hostile_names_and_cells_are_escaped(admin_client: Client, imported: Path) -> None:
    page = table_page("primary", "<b>leads</b>")

    for html in (html_of(admin_client, LIST), html_of(admin_client, page), html_of(admin_client, f"{page}&q=<script>")):
        assert "<script>alert" not in html
        assert "<b>leads" not in html
        assert not set("\x01\x1b\x1f\u202e") & set(html)
        assert "&lt;b&gt;leads&lt;/b&gt;" in html
    assert "&lt;script&gt;alert(" in html_of(admin_client, page)


def test_csv_is_what_a_spreadsheet_takes_for_text_and_numbers(admin_client: Client, drawer: Fill) -> None:
    drawer(
        ("=1+1", -7, "@x"),
        ("+49 170", 8, "\tx"),
        ("-5", 9, "\rx"),
        ("-2+3", None, ""),
        ('say "hi"', "=A1", "a,b\nc"),
        ("Ă", b"\xff\x00", "+1.5e3"),
        ("\u200b\uff1d1", 0.5, "a;=cmd|' /C calc'!A0"),
        ("x|@y", 2.0, "#REF!"),
    )

    response = admin_client.get(_CSV)
    content = csv_bytes(admin_client, _CSV)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="primary-drawer.csv"'
    assert (
        content
        == (
            "\ufeffzeta,alpha_one,'=note\r\n"
            "'=1+1,-7,'@x\r\n"
            "'+49 170,8,'\tx\r\n"
            "'-5,9,\"'\rx\"\r\n"
            "'-2+3,,'\r\n"
            '"say ""hi""",\'=A1,"a,b\nc"\r\n'
            "Ă,0xff00,'+1.5e3\r\n"
            "'\u200b\uff1d1,0.5,a;'=cmd|' /C calc'!A0\r\n"
            "x|'@y,2,'#REF!\r\n"
        ).encode()
    )


def test_csv_streams_more_rows_than_a_page_shows(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 0, ""))
    _multiply(1_234)

    lines = csv_bytes(admin_client, _CSV).decode().splitlines()

    assert [line.split(",")[0] for line in lines[1:]] == ["z", *(f"z{number}" for number in range(1, 1_235))]


def test_search_finds_what_is_read_and_nothing_else(admin_client: Client, drawer: Fill) -> None:
    drawer(("Zoë 100%", 17, None), ("b.c", 2.5, "Ă_\\"), ("q", 3, "i:"))
    expected = {
        "ZOË": ["Zoë 100%"],
        "0%": ["Zoë 100%"],
        "1": ["Zoë 100%"],
        "2.5": ["b.c"],
        ".": ["b.c"],
        "ă_\\": ["b.c"],
    }
    expected |= {"i": ["q"], "i:": ["q"], "r:": [], "zeta": []}

    for words, found in expected.items():
        html = html_of(admin_client, table_page("primary", "drawer", q=words))
        shown = [row[1].partition(": ")[2] for row in cells(html)] if 'class="legacy-rows"' in html else []
        assert shown == found, words
    assert csv_bytes(admin_client, table_page("primary", "drawer", kind="csv/", q="2.5")).count(b"\r\n") == 2
    assert "No row has “zeta” in a cell." in html_of(admin_client, table_page("primary", "drawer", q="zeta"))


def test_pages_follow_each_other_in_the_order_of_the_file(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 0, ""))
    _multiply(249)

    pages = [html_of(admin_client, table_page("primary", "drawer", p=number)) for number in ("1", "2", "3")]

    numbers = [int(row[0]) for html in pages for row in cells(html)]
    assert numbers == list(range(1, 251))
    assert [len(cells(html)) for html in pages] == [100, 100, 50]
    assert ["&amp;p=2" in html for html in pages] == [True, False, True]
    assert "Rows 201 to 250" in pages[2]
    assert ">Next<" not in pages[2]
    assert "There are not so many rows." in html_of(admin_client, table_page("primary", "drawer", p="4"))
    for odd in ("0", "-1", "x", "9" * 40, "٣"):
        assert "Rows 1 to 100" in html_of(admin_client, table_page("primary", "drawer", p=odd))


def test_a_page_costs_as_many_queries_for_100_rows_as_for_10(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 0, ""))
    counted = []
    for more in (9, 91, 900):
        _multiply(more)
        with CaptureQueriesContext(connections["default"]) as captured:
            html = html_of(admin_client, _PAGE)
        counted.append((len(cells(html)), len(captured)))

    assert counted == [(10, counted[0][1]), (100, counted[0][1]), (100, counted[0][1])]


def test_a_million_rows_would_be_read_through_the_archives_index(drawer: Fill) -> None:
    drawer(("z", 0, ""))
    _multiply(3_000)
    execute("default", "ANALYZE ledger")

    plan = rows(
        "default",
        "EXPLAIN SELECT id, cells FROM ledger WHERE source = 'primary' AND legacy_table = 'drawer'"
        " AND state = 'archived' ORDER BY row_id, id LIMIT 101",
    )

    assert "idx_ledger_archive" in str(plan)
    assert "Sort" not in str(plan)


def test_rows_gone_from_the_file_have_a_page_of_their_own(admin_client: Client, drawer: Fill) -> None:
    drawer(("z", 7, "mon"), ("a", 8, "tue"))
    drawer(("a", 8, "tue"))

    present, gone = html_of(admin_client, _PAGE), html_of(admin_client, table_page("primary", "drawer", gone="1"))

    assert [row[1] for row in cells(present)] == ["short: a"]
    assert [row[1] for row in cells(gone)] == ["short: z"]
    assert "1 gone from the file" in present
    assert "/businesscoreledgerrow/" in gone


def test_a_table_gone_from_the_file_still_shows_its_columns(
    admin_client: Client, drawer: Fill, legacy_dir: Path
) -> None:
    drawer(("z", 7, "mon"))
    change(legacy_dir / PRIMARY, "DROP TABLE drawer")
    execute("default", "DISCARD TEMP")
    run_import("primary", legacy_dir)

    html = html_of(admin_client, table_page("primary", "drawer", gone="1"))
    csv = csv_bytes(admin_client, table_page("primary", "drawer", kind="csv/", gone="1"))

    assert headings(html) == ["=note", "alpha_one", "zeta"]
    assert cells(html) == [["1", "short: mon", "number: 7", "short: z"]]
    assert csv.decode() == "\ufeff'=note,alpha_one,zeta\r\nmon,7,z\r\n"


def _multiply(more: int) -> None:
    """Add rows to the archived drawer as an import would have, after those that are there."""
    execute(
        "default",
        "INSERT INTO ledger (id, source, legacy_table, key, state, owns, row_id, cells, run_id)"
        " SELECT gen_random_uuid(), source, legacy_table, key || n, state, owns, last + n,"
        " jsonb_set(cells, '{zeta}', to_jsonb('z' || (last + n - 1))), run_id"
        " FROM ledger, (SELECT max(row_id) AS last FROM ledger WHERE legacy_table = 'drawer') AS m,"
        " generate_series(1, %s) AS n"
        " WHERE legacy_table = 'drawer' AND row_id = 1",
        [more],
    )


@pytest.mark.parametrize("address", [LIST, _PAGE, _CSV])
def test_strangers_and_staff_without_permission_are_refused(client: Client, drawer: Fill, address: str) -> None:
    drawer(("z", 7, "mon"))
    assert client.get(address)["Location"].startswith(reverse("admin:login"))

    client.force_login(clerk("view_businesscoreledgerrow", "view_ledgerrow"))
    assert client.get(address).status_code == 403
    assert LIST not in html_of(client, reverse("admin:index"))


def test_who_may_see_one_databases_archive_sees_its_tables_only(client: Client, drawer: Fill) -> None:
    drawer(("z", 7, "mon"), ("a", 8, "tue"))
    drawer(("a", 8, "tue"))
    client.force_login(clerk("view_businesscorearchivedrow"))

    listed = html_of(client, LIST)

    assert "drawer" in listed
    assert "conversion_paths" not in listed
    assert "test_assignments" not in listed
    assert headings(html_of(client, _PAGE))
    assert csv_bytes(client, _CSV)
    assert client.get(table_page("ab_testing", "test_assignments", database="revenue")).status_code == 403
    # Rows gone from the file are in the ledger only, which this person may not see.
    assert "/businesscoreledgerrow/" not in html_of(client, table_page("primary", "drawer", gone="1"))


@pytest.mark.parametrize(
    ("database", "source", "table"),
    [
        ("nowhere", "primary", "drawer"),
        ("default", "primary", "drawer"),
        ("analytics", "primary", "drawer"),
        ("business-core", "primary", "no such table"),
        ("business-core", "primary", "linkedin_posts"),
        ("business-core", "duplicate", "drawer"),
        ("business-core", "", ""),
    ],
)
def test_an_unknown_table_is_not_found(
    admin_client: Client, drawer: Fill, database: str, source: str, table: str
) -> None:
    drawer(("z", 7, "mon"))

    assert admin_client.get(table_page(source, table, database=database)).status_code == 404


def test_nothing_imported_says_what_to_do(admin_client: Client) -> None:
    listed = html_of(admin_client, LIST)
    table = html_of(admin_client, table_page("content", "weekly_performance"))

    assert "No legacy file has been imported yet." in listed
    assert "never" in listed
    assert "Import content on the page" in " ".join(table.split())
    assert html_of(admin_client, reverse("admin:legacy_import_importsource_changelist"))


def test_tables_are_reached_from_the_index(admin_client: Client) -> None:
    assert LIST in html_of(admin_client, reverse("admin:index"))
