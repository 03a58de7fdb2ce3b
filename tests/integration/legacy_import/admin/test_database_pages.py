"""The read-only pages of runs, ledger, quarantine, archive, divergences and files."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from legacy_import import models
from legacy_import.admin import LedgerAdmin, capped_paginator
from legacy_import.models import ImportRun, LedgerRow
from tests.imports import execute

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_CORE: list[type[Model]] = [
    models.BusinessCoreRun,
    models.BusinessCoreLedgerRow,
    models.BusinessCoreQuarantinedRow,
    models.BusinessCoreArchivedRow,
    models.BusinessCoreDivergence,
    models.BusinessCoreLegacyFile,
]
_ELSEWHERE: list[type[Model]] = [
    models.AnalyticsRun,
    models.AnalyticsLedgerRow,
    models.AnalyticsQuarantinedRow,
    models.AnalyticsArchivedRow,
    models.AnalyticsDivergence,
    models.AnalyticsLegacyFile,
    models.RevenueRun,
    models.RevenueLedgerRow,
    models.RevenueQuarantinedRow,
    models.RevenueArchivedRow,
    models.RevenueDivergence,
    models.RevenueLegacyFile,
]
_STATES = {"quarantinedrow": LedgerRow.State.QUARANTINED, "archivedrow": LedgerRow.State.ARCHIVED}
_SEARCHES = ["a", "%_\\'\"", "Ă🙂", "6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11", "x" * 300, " "]


def _page(model: type[Model], kind: str = "changelist", *arguments: Any) -> str:
    name = str(model._meta.model_name)
    # The quarantine's list stands behind its desk.
    kind = "rows" if kind == "changelist" and name.endswith("quarantinedrow") else kind
    return reverse(f"admin:legacy_import_{name}_{kind}", args=arguments)


def _html(client: Client, model: type[Model], kind: str = "changelist", *arguments: Any, **query: str) -> str:
    response = client.get(_page(model, kind, *arguments), query)
    assert response.status_code == 200, response.headers
    html = response.content.decode()
    assert "<script>alert" not in html
    assert "<b>leads" not in html
    assert not set("\x01\x1b\x1f\u202e") & set(html), "tags and hiding characters stay out of pages"
    return html


def _found(client: Client, model: type[Model], **query: str) -> set[str]:
    response = client.get(_page(model), query)
    assert response.status_code == 200
    return {str(row) for row in response.context["cl"].result_list}


def _row_of(model: type[Model]) -> Model:
    state = next((state for name, state in _STATES.items() if str(model._meta.model_name).endswith(name)), None)
    rows = model._default_manager.all()
    row = (rows.filter(state=state) if state else rows).last()
    assert row is not None
    return row


@pytest.mark.parametrize("model", _CORE)
def test_list_and_row_are_shown_and_nothing_can_be_written(
    admin_client: Client, imported: Path, model: type[Model]
) -> None:
    row = _row_of(model)

    assert str(row.pk) in _html(admin_client, model)
    _html(admin_client, model, "change", row.pk)
    _html(admin_client, model, "history", row.pk)
    assert admin_client.get(_page(model, "add")).status_code == 403
    assert admin_client.post(_page(model, "change", row.pk), {}).status_code == 403
    assert admin_client.post(_page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", _ELSEWHERE)
def test_the_other_databases_pages_are_empty(admin_client: Client, imported: Path, model: type[Model]) -> None:
    assert admin_client.get(_page(model)).context["cl"].result_count == 0


@pytest.mark.parametrize("model", [*_CORE, *_ELSEWHERE])
def test_pages_refuse_strangers_and_staff_without_permission(client: Client, model: type[Model]) -> None:
    stranger = client.get(_page(model))
    assert (stranger.status_code, stranger["Location"].partition("?")[0]) == (302, reverse("admin:login"))

    clerk = User.objects.create_user("clerk", is_staff=True)
    client.force_login(clerk)
    assert client.get(_page(model)).status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    assert client.get(_page(model)).status_code == 200


@pytest.mark.parametrize("model", [model for model in _CORE if model is not models.BusinessCoreRun])
def test_search_takes_anything(admin_client: Client, imported: Path, model: type[Model]) -> None:
    for words in _SEARCHES:
        _html(admin_client, model, q=words)


def test_filters_narrow_the_ledger(admin_client: Client, imported: Path) -> None:
    ledger = models.BusinessCoreLedgerRow
    everything = _found(admin_client, ledger)

    merged = _found(admin_client, ledger, state__exact="merged")
    posts = _found(admin_client, ledger, source="duplicate", legacy_table="linkedin_posts")
    leads = _found(admin_client, ledger, legacy_table="<b>leads</b>")

    assert len(everything) == 32
    assert merged
    assert merged <= posts
    assert {row.split("/")[1] for row in posts} == {"linkedin_posts"}
    assert {row.split("/")[0] for row in posts} == {"duplicate"}
    assert leads == {"primary/<b>leads</b>/7 · mon", "primary/<b>leads</b>/8 · tue"}


def test_ledger_finds_a_row_by_its_whole_key_and_by_its_target(admin_client: Client, imported: Path) -> None:
    merged = LedgerRow.objects.using("default").filter(state="merged").first()
    assert merged is not None

    by_key = _found(admin_client, models.BusinessCoreLedgerRow, q=f" {merged.key} ")
    by_target = _found(admin_client, models.BusinessCoreLedgerRow, q=str(merged.target_key))

    assert by_key == by_target == {f"{source}/linkedin_posts/{merged.key}" for source in ("primary", "duplicate")}
    assert _found(admin_client, models.BusinessCoreLedgerRow, q=merged.key[:-1]) == set()


def test_ledger_finds_a_key_of_several_columns_as_it_is_shown(admin_client: Client, imported: Path) -> None:
    execute(
        "default",
        "UPDATE ledger SET key = %s, id = md5(%s)::uuid WHERE key LIKE '7%%'",
        ["a\x1fb", "primary/linkedin_posts/a\x1fb"],
    )

    assert _found(admin_client, models.BusinessCoreLedgerRow, q="a · b") == {"primary/<b>leads</b>/a · b"}


def test_quarantine_says_why_and_shows_every_cell_with_its_class(admin_client: Client, imported: Path) -> None:
    rows = LedgerRow.objects.using("default").filter(state="quarantined")
    hostile = rows.get(row_id=15)
    blob = rows.exclude(pk=hostile.pk).get()

    listed = _html(admin_client, models.BusinessCoreQuarantinedRow)
    page = _html(admin_client, models.BusinessCoreQuarantinedRow, "change", hostile.pk)
    other = _html(admin_client, models.BusinessCoreQuarantinedRow, "change", blob.pk)

    assert "column impressions: expected" in listed
    assert "found &#x27;&lt;script&gt;alert(" in listed
    assert "a␀b" in page
    assert "holds NUL" in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;⟨U+202E⟩␛[2J" in page
    assert f'0x{"00ff" * 16}… <span class="remark">blob, 80 bytes' in other


def test_quarantined_cells_stand_in_the_files_order(admin_client: Client, imported: Path) -> None:
    row = _row_of(models.BusinessCoreQuarantinedRow)

    page = _html(admin_client, models.BusinessCoreQuarantinedRow, "change", row.pk)

    places = [
        page.index(f'<th scope="row">{name}</th>') for name in ("post_id", "content", "impressions", "updated_at")
    ]
    assert places == sorted(places)


def test_archive_search_looks_into_cells_as_they_are_read(admin_client: Client, imported: Path) -> None:
    monday, tuesday = "primary/<b>leads</b>/7 · mon", "primary/<b>leads</b>/8 · tue"
    expected = {"SCRIPT": {monday}, '"100%" \\': {tuesday}, "ă": {tuesday}, "8": {tuesday}, "___": set()}

    found = {words: _found(admin_client, models.BusinessCoreArchivedRow, q=words) for words in expected}

    assert found == expected


def test_run_shows_its_counts_per_table(admin_client: Client, imported: Path) -> None:
    run = ImportRun.objects.using("default").get(source="primary")

    page = _html(admin_client, models.BusinessCoreRun, "change", run.pk)

    assert '<th scope="row">consultation_inquiries</th><td>15</td><td>15</td><td>0</td>' in page
    assert "completed, some rows quarantined" in page


def test_divergence_shows_both_sides_as_json(admin_client: Client, imported: Path) -> None:
    row = models.BusinessCoreDivergence.objects.filter(column="content")[0]

    page = _html(admin_client, models.BusinessCoreDivergence, "change", row.pk)

    assert "&quot;&lt;script&gt;alert(" in page
    assert _found(admin_client, models.BusinessCoreDivergence, q="no such key") == set()


def test_a_long_list_is_capped_and_says_so(
    admin_client: Client, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capped_paginator, "MAX_LISTED_ROWS", 10)

    html = _html(admin_client, models.BusinessCoreLedgerRow)

    assert "More than 10 ledger rows · business core" in " ".join(html.split())
    assert "More than" not in _html(admin_client, models.BusinessCoreArchivedRow)


def test_pages_beyond_the_first_follow_in_the_order_of_the_key(
    admin_client: Client, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = sorted(str(row.pk) for row in LedgerRow.objects.using("default"))

    for cap in (10_000, 31):
        monkeypatch.setattr(capped_paginator, "MAX_LISTED_ROWS", cap)
        monkeypatch.setattr(LedgerAdmin, "list_per_page", 15)
        pages = [
            [
                str(row.pk)
                for row in admin_client.get(_page(models.BusinessCoreLedgerRow), {"p": p}).context["cl"].result_list
            ]
            for p in ("1", "2", "3")
        ]
        assert pages == [keys[:15], keys[15:30], keys[30:cap]]


def test_all_shows_all(admin_client: Client, imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LedgerAdmin, "list_per_page", 15)

    assert len(_found(admin_client, models.BusinessCoreLedgerRow, all="")) == 32


def test_ledger_list_costs_the_same_at_any_length(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(7, using="default") as captured:  # one is the bell's
        _html(admin_client, models.BusinessCoreLedgerRow)

    statements = [query["sql"] for query in captured.captured_queries]
    assert not any("COUNT(" in sql for sql in statements)
    assert sum("LIMIT 10001" in sql for sql in statements) == 1
