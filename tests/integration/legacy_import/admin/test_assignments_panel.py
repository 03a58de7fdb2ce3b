"""The archived assignments on the page of their A/B test."""

from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from legacy_import.models import LedgerRow
from revenue.models import ABTest
from tests.factories import make_ab_test
from tests.imports import execute, run_import
from tests.integration.legacy_import.admin.archive_pages import LIST, cells, clerk, headings, html_of, table_page

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_ASSIGNED = {
    "hook_test_20250819_200047": ("Controversial Question", "2025-08-19 20:00:47"),
    "hook_test_20250819_200513": ("Direct Challenge", "2025-08-19 20:05:13"),
    "hook_test_20250826_083746": ("Controversial Question", "2025-08-26 08:37:46"),
}
_POST = "2025-01-20-monday-10x-teams"


def _page_of(test: ABTest) -> str:
    return reverse("admin:revenue_abtest_change", args=[test.pk])


def _tests() -> dict[str, ABTest]:
    owners = LedgerRow.objects.using("revenue").filter(legacy_table="ab_tests")
    tests = ABTest.objects.in_bulk([row.target_key for row in owners])
    return {row.key: tests[row.target_key] for row in owners if row.target_key}


@pytest.fixture
def ab_tests(real_legacy_dir: Path, db: None) -> dict[str, ABTest]:
    """Import the real A/B testing file; return its tests by their legacy keys."""
    assert run_import("ab_testing", real_legacy_dir).error is None
    return _tests()


def test_each_real_assignment_stands_beside_its_test(admin_client: Client, ab_tests: dict[str, ABTest]) -> None:
    assert len(ab_tests) == 9
    for key, test in ab_tests.items():
        html = html_of(admin_client, _page_of(test))
        if key in _ASSIGNED:
            variant, assigned_at = _ASSIGNED[key]
            panel = html.split("Assignments (archived)")[1]
            assert f"<td>{variant}</td>\n<td>{_POST}</td>" in panel
            assert f">{assigned_at}</a></td>" in panel
            assert html.count(f"<td>{_POST}</td>") == 1
        else:
            assert "The legacy file assigned no post to this test." in html


def test_the_panel_needs_the_permission(client: Client, ab_tests: dict[str, ABTest]) -> None:
    client.force_login(clerk("view_abtest", "view_abtestvariant"))

    html = html_of(client, _page_of(ab_tests["hook_test_20250819_200047"]))

    assert "Assignments (archived)" not in html
    assert _POST not in html


def test_who_may_only_look_sees_the_panel(client: Client, ab_tests: dict[str, ABTest]) -> None:
    client.force_login(clerk("view_abtest", "view_revenuearchivedrow"))

    assert _POST in html_of(client, _page_of(ab_tests["hook_test_20250819_200047"]))


def test_a_test_made_here_has_no_panel(admin_client: Client) -> None:
    assert "Assignments (archived)" not in html_of(admin_client, _page_of(make_ab_test()))
    assert "Assignments (archived)" not in html_of(admin_client, reverse("admin:revenue_abtest_add"))


def test_a_hundred_assignments_cost_as_many_queries_as_one(admin_client: Client, legacy_dir: Path) -> None:
    run_import("ab_testing", legacy_dir)
    row = LedgerRow.objects.using("revenue").filter(legacy_table="test_assignments").first()
    assert row is not None
    assert row.cells is not None
    page = _page_of(_tests()[row.cells["test_id"]])
    counted = []
    for more in (0, 99, 1):
        execute(
            "revenue",
            "INSERT INTO ledger (id, source, legacy_table, key, state, owns, row_id, cells, run_id)"
            " SELECT gen_random_uuid(), source, legacy_table, key || n, state, owns, row_id, cells, run_id"
            " FROM ledger, generate_series(1, %s) AS n WHERE id = %s",
            [more, str(row.pk)],
        )
        with CaptureQueriesContext(connections["revenue"]) as captured:
            html = html_of(admin_client, page)
        counted.append((html.count("/revenuearchivedrow/"), "the first 100" in html, len(captured)))

    queries = counted[0][2]
    before = counted[0][0]
    assert counted == [(before, False, queries), (before + 99, False, queries), (before + 99, True, queries)]


def test_odd_cells_are_shown_as_they_are(admin_client: Client, legacy_dir: Path) -> None:
    run_import("ab_testing", legacy_dir)
    row = LedgerRow.objects.using("revenue").filter(legacy_table="test_assignments").first()
    assert row is not None
    assert row.cells is not None
    page = _page_of(_tests()[row.cells["test_id"]])
    odd = {"variant_id": "<b>no such</b>\u202e", "post_id": "<script>alert(1)</script>", "assigned_at": "\x01i:12"}
    LedgerRow.objects.using("revenue").filter(pk=row.pk).update(cells={**row.cells, **odd})

    html = html_of(admin_client, page)

    assert "<td>&lt;b&gt;no such&lt;/b&gt;⟨U+202E⟩</td>" in html
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in html
    assert ">12</a></td>" in html


def test_the_real_archive_reads_like_tables(admin_client: Client, real_legacy_dir: Path, db: None) -> None:
    for source in ("content", "attribution", "ab_testing", "content_management"):
        execute("default", "DISCARD TEMP")
        execute("revenue", "DISCARD TEMP")
        assert run_import(source, real_legacy_dir).error is None

    listed = html_of(admin_client, LIST)
    week = html_of(admin_client, table_page("content", "weekly_performance"))
    paths = html_of(admin_client, table_page("attribution", "conversion_paths", database="analytics"))

    order = ["weekly_performance", "conversion_paths", "test_assignments", "content_strategies", "cross_platform_perf"]
    assert sorted(order, key=lambda name: listed.index(f">{name}")) == order
    assert headings(week)[:4] == ["week_number", "start_date", "quarter", "theme"]
    assert headings(week)[-1] == "created_at"
    assert cells(week)[0][:5] == ["1", "number: 1", "short: 2025-01-06", "short: Q1", "short: Foundation & Strategy"]
    assert "<summary>16 entries</summary>" in paths
    assert "<td>newsletter</td><td>conversion</td><td>2025-08-22 11:24:49</td><td>2500.0</td>" in paths
