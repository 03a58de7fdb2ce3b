"""The desk, its groups and its rows: what they show, at what cost, and to whom."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from legacy_import.admin.quarantine import page_contexts as pages
from tests.imports import execute, rows
from tests.integration.legacy_import.admin.archive_pages import clerk, html_of
from tests.integration.legacy_import.admin.quarantine_pages import (
    CONTACT,
    FORMULA,
    HOSTILE,
    MOMENT,
    MONEY,
    desk,
    import_again,
    row_at,
)
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

VIEW = "view_businesscorequarantinedrow"
SETTLE = "settle_quarantine"


def _safe(html: str) -> str:
    assert "<script>alert" not in html
    assert not set("\x01\x1b\x1f\u202e") & set(html)
    return html


def test_groups_are_those_that_sql_finds(admin_client: Client, spoiled: Path) -> None:
    page = admin_client.get(desk())

    shown = {
        (line.group.key.table, line.column_label, line.expected_text): line.group.rows for line in page.context["lines"]
    }
    found = rows(
        "default",
        "SELECT legacy_table, r ->> 'column', r ->> 'expected', count(*) FROM ledger, jsonb_array_elements(reasons) r"
        " WHERE state = 'quarantined' GROUP BY 1, 2, 3",
    )
    assert shown == {tuple(key): number for *key, number in found}
    assert shown["consultation_inquiries", "estimated_value", MONEY["expected"]] == 5
    assert shown["consultation_inquiries", "created_at", MOMENT["expected"]] == 2
    assert "9 rows wait to be settled." in page.content.decode(), "a row with two reasons counts once"


def test_a_group_shows_what_was_found_harmlessly_and_how_old_it_is(admin_client: Client, spoiled: Path) -> None:
    html = _safe(html_of(admin_client, desk()))

    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;⟨U+202E⟩␛[2J" in html
    assert "&#x27;25,000&#x27; (text)" in html
    (since,) = rows("default", "SELECT started_at FROM import_run")[0]
    assert {line.group.since for line in admin_client.get(desk()).context["lines"]} == {since}


def test_one_source_is_shown_where_it_is_named(admin_client: Client, spoiled: Path) -> None:
    assert len(admin_client.get(desk(source="primary")).context["lines"]) == 5
    assert "No row of week3 waits." in html_of(admin_client, desk(source="week3"))
    _safe(html_of(admin_client, desk(source=HOSTILE)))


def test_an_empty_desk_says_what_lands_there(admin_client: Client, db: None) -> None:
    html = html_of(admin_client, desk())

    assert "Nothing is quarantined." in html
    assert "A legacy row lands here when its meaning is in doubt" in html


def test_a_group_has_its_rows_with_their_cells_and_suggestions(admin_client: Client, spoiled: Path) -> None:
    html = _safe(html_of(admin_client, desk("group", **MONEY)))

    fields = submitted(html)
    typed = {row: fields[f"text:{row_at(row).pk}:estimated_value"] for row in range(1, 6)}
    assert typed == {1: "25000", 2: "85000", 3: "", 4: "", 5: ""}
    assert html.count('<span class="mark">suggested</span>') == 2
    assert "<code>=HYPERLINK(&quot;http://bad.example&quot;,&quot;25,000&quot;)</code>" in html
    assert FORMULA not in html
    assert f"text:{row_at(4).pk}:created_at" in fields, "a row's other reason has its input too"


def test_null_is_offered_only_where_the_target_takes_it(admin_client: Client, spoiled: Path) -> None:
    money = html_of(admin_client, desk("group", **MONEY))
    contact = html_of(admin_client, desk("group", **CONTACT))

    assert f'name="null:{row_at(1).pk}:estimated_value"' in money
    assert f'name="null:{row_at(7).pk}:contact_name"' not in contact
    assert f'name="empty:{row_at(7).pk}:contact_name"' in contact


def test_a_row_shows_every_cell_beside_its_field(admin_client: Client, spoiled: Path) -> None:
    html = _safe(html_of(admin_client, desk("change", row_at(15, "linkedin_posts").pk)))

    names = re.findall(r'<th scope="row">(\w+)</th>', html)
    assert len(names) == 24
    assert {"post_id", "impressions", "expected_engagement_rate"} <= set(names)
    assert "the ledger only" in html
    assert f"<code>{PRIMARY}</code>, row 15 of linkedin_posts" in html
    assert "&lt;script&gt;" in html


def test_a_suggestion_with_lines_comes_back_from_the_browser_as_it_is(admin_client: Client, spoiled: Path) -> None:
    post = row_at(16, "linkedin_posts")

    fields = submitted(html_of(admin_client, desk("change", post.pk)))

    assert fields[f"text:{post.pk}:content"] == "one\r\ntwothree\r\n"


def test_a_large_cell_is_cut_and_its_length_told(admin_client: Client, spoiled: Path) -> None:
    change(spoiled / PRIMARY, "UPDATE consultation_inquiries SET notes = ? WHERE rowid = 1", "0123456789" * 300_000)
    change(
        spoiled / PRIMARY, "UPDATE consultation_inquiries SET inquiry_text = ? WHERE rowid = 7", b"\xff\0" * 1_000_000
    )
    import_again(spoiled)

    group, row = html_of(admin_client, desk("group", **MONEY)), html_of(admin_client, desk("change", row_at(1).pk))
    blob = html_of(admin_client, desk("group", **CONTACT))

    assert "3,000,000 characters, only the first are shown" in group
    assert "3,000,000 characters" in row
    assert "2,000,000 bytes" in blob
    assert max(len(group), len(row), len(blob)) < 100_000


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connections["default"]) as captured:
        html_of(client, address)
    return len(captured)


def test_pages_cost_the_same_queries_at_ten_and_at_a_hundred_rows(
    admin_client: Client, spoiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS_PER_PAGE", 100)
    addresses = [desk(), desk("group", **MONEY), desk("settled")]
    before = [_queries(admin_client, address) for address in addresses]
    execute(
        "default",
        "INSERT INTO ledger (id, source, legacy_table, key, state, owns, row_id, cells, reasons, run_id, target_table)"
        " SELECT gen_random_uuid(), source, legacy_table, key || n, state, owns, 1000 + n, cells, reasons, run_id,"
        " target_table FROM ledger, generate_series(1, 95) AS n WHERE row_id = 1 AND state = 'quarantined'"
        " AND legacy_table = 'consultation_inquiries'",
    )
    execute(
        "default",
        "INSERT INTO settlement (id, ledger_id, source, legacy_table, key, kind, original, cells, reason, settled_by,"
        " withdrawn_by) SELECT gen_random_uuid(), id, source, legacy_table, key, 'fix', cells, '{\"notes\": null}',"
        " 'why', 'ada', '' FROM ledger WHERE row_id > 1000",
    )

    after = [_queries(admin_client, address) for address in addresses]

    assert admin_client.get(desk("group", **MONEY)).content.count(b"waiting-row") == 100
    assert after == before
    assert max(after) <= 10


def test_pages_of_a_group_follow_one_another(
    admin_client: Client, spoiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS_PER_PAGE", 2)

    seen: list[Any] = []
    for number in ("1", "2", "3"):
        seen += [card.row.row_id for card in admin_client.get(desk("group", **MONEY, p=number)).context["cards"]]
    beyond = html_of(admin_client, desk("group", **MONEY, p="4"))

    assert seen == [1, 2, 3, 4, 5]
    assert "There are not so many rows." in beyond


def test_addresses_may_hold_anything(admin_client: Client, spoiled: Path) -> None:
    queries = [{"p": "-1"}, {"p": "9" * 30}, {"p": "٣"}, {"column": HOSTILE}, {"source": "nobody"}, {"expected": '"]'}]

    for query in queries:
        _safe(html_of(admin_client, desk("group", **{**MONEY, **query})))


def test_an_address_with_nul_or_of_no_row_is_refused_kindly(admin_client: Client, spoiled: Path) -> None:
    landed = rows("default", "SELECT id FROM ledger WHERE state = 'live' LIMIT 1")[0][0]

    assert admin_client.get(desk("group", **{**MONEY, "column": "a\0"})).status_code == 400
    for key in (landed, "nonsense", "00000000-0000-0000-0000-000000000000"):
        response = admin_client.get(desk("change", key), follow=True)
        assert "The quarantine has no such row" in response.content.decode()


def test_strangers_and_staff_without_permission_see_nothing(client: Client, spoiled: Path) -> None:
    pages = [
        desk(),
        desk("group", **MONEY),
        desk("settled"),
        desk("rows"),
        desk("change", row_at(1).pk),
        desk("settle", row_at(1).pk),
        desk("withdraw"),
    ]
    assert {client.get(page).status_code for page in pages} == {302}

    client.force_login(clerk(SETTLE))

    assert {client.get(page).status_code for page in pages} == {403}
    assert {client.post(page, {"verb": "retry"}).status_code for page in pages} == {403}


def test_a_viewer_sees_rows_and_reasons_and_no_button(client: Client, spoiled: Path) -> None:
    client.force_login(clerk(VIEW))

    group, row = html_of(client, desk("group", **MONEY)), html_of(client, desk("change", row_at(1).pk))

    assert "found &#x27;25,000&#x27;" in group
    for page in (group, row):
        content = page.partition('id="content-main"')[2]
        assert 'name="verb"' not in content
        assert 'name="text:' not in content


def test_the_desk_is_found_from_the_index_the_sources_and_a_run(admin_client: Client, spoiled: Path) -> None:
    run = rows("default", "SELECT id FROM import_run")[0][0]
    pages = {
        reverse("admin:index"): desk(),
        reverse("admin:legacy_import_importsource_changelist"): desk(source="primary"),
        reverse("admin:legacy_import_businesscorerun_change", args=[run]): desk(source="primary"),
    }

    for page, address in pages.items():
        assert f'href="{address}"' in html_of(admin_client, page)
