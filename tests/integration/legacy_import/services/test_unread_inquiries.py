"""Those whose pipeline it is are told of inquiries in the quarantine: once for the same rows, until none is left."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.test.utils import CaptureQueriesContext

from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import (
    RowFix,
    archive_quarantined_rows,
    fix_quarantined_rows,
    validate_and_record,
    withdraw_settlements,
)
from legacy_import.services import unread_inquiries as subject
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from legacy_import.services.unread_inquiries import UnreadInquiries, read_unread_inquiries, who_settles
from legacy_import.validation.inquiry_access import Worth
from synapse.console.people.roles import ensure_roles
from synapse.kit.notices.models import Kind, Notice
from tests.imports import execute, run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

_SPOIL = "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = 25000 WHERE rowid = ?"
_MEND = "UPDATE consultation_inquiries SET created_at = '2025-08-01T10:00:00' WHERE rowid = ?"
THREE = "3 inquiries worth $75,000 could not be read"


@pytest.fixture
def file(legacy_dir: Path) -> Path:
    for row in (1, 2, 3):
        change(legacy_dir / PRIMARY, _SPOIL, row)
    assert run_import("primary", legacy_dir).status == "quarantined"
    return legacy_dir / PRIMARY


def told() -> list[tuple[str, int, bool]]:
    """Return each notice of unread inquiries: its title, how often it was raised, whether it is open."""
    found = Notice.objects.filter(kind=Kind.UNREAD_INQUIRIES).order_by("raised_at")
    return [(one.title, one.times, one.resolved_at is None) for one in found]


def waiting() -> list[LedgerRow]:
    return list(LedgerRow.objects.using("default").filter(state="quarantined").order_by("row_id"))


def test_an_import_that_refuses_inquiries_tells_those_who_edit_them(file: Path) -> None:
    assert told() == [(THREE, 1, True)]
    notice = Notice.objects.get(kind=Kind.UNREAD_INQUIRIES)
    assert notice.permission == "business_core.change_consultationinquiry"
    assert notice.link == "/admin/dashboards/pipeline/"
    assert "not in the pipeline" in notice.text


def test_the_same_rows_imported_again_tell_nobody_again(file: Path) -> None:
    before = Notice.objects.get(kind=Kind.UNREAD_INQUIRIES)
    # Another row changes, and SQLite numbers the refused ones anew, as INSERT OR REPLACE does.
    change(file, "UPDATE consultation_inquiries SET notes = 'called' WHERE rowid = 9")
    change(file, "UPDATE consultation_inquiries SET rowid = rowid + 100 WHERE rowid <= 3")

    run_import("primary", file.parent)

    after = Notice.objects.get(kind=Kind.UNREAD_INQUIRIES)
    assert (after.pk, after.times, after.last_at) == (before.pk, 1, before.last_at)


def test_a_row_more_is_news_for_all_also_where_another_one_landed(file: Path) -> None:
    change(file, _MEND, 1)
    change(file, _SPOIL, 4)

    run_import("primary", file.parent)

    assert told() == [(THREE, 1, False), (THREE, 1, True)]


def test_a_row_less_changes_the_words_and_is_no_news(file: Path) -> None:
    change(file, _MEND, 1)

    run_import("primary", file.parent)

    assert told() == [("2 inquiries worth $50,000 could not be read", 1, True)]


def test_it_goes_by_itself_with_the_last_row_and_a_withdrawal_brings_it_back(file: Path) -> None:
    first, second, third = (row.pk for row in waiting())
    fix_quarantined_rows(
        "default", [RowFix(first, {"created_at": "2025-08-01T10:00:00"})], reason="asked", author="olga"
    )
    assert told() == [("2 inquiries worth $50,000 could not be read", 1, True)]

    archive_quarantined_rows("default", [second, third], reason="spam", author="olga")
    assert told() == [("2 inquiries worth $50,000 could not be read", 1, False)]

    decision = Settlement.objects.using("default").get(ledger_id=second)
    withdraw_settlements("default", [decision.pk], author="olga")
    assert told()[1:] == [("1 inquiry worth $25,000 could not be read", 1, True)]


def test_undoing_the_import_resolves_it(file: Path) -> None:
    undo_run(UndoRequest("default", latest_import("primary").pk, requested_by="olga"))

    assert told() == [(THREE, 1, False)]


def test_other_rows_in_quarantine_tell_sales_nothing(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET impressions = 'many' WHERE rowid = 15")

    assert run_import("primary", legacy_dir).status == "quarantined"

    assert told() == []


def test_a_dry_run_tells_nobody(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, _SPOIL, 1)

    assert run_import("primary", legacy_dir, dry_run=True).status == "quarantined"

    assert told() == []


def test_a_notice_that_a_kill_prevented_is_made_good_by_the_next_import_and_the_next_validation(file: Path) -> None:
    Notice.objects.all().delete()
    run_import("primary", file.parent)
    assert told() == [(THREE, 1, True)]

    Notice.objects.all().delete()
    validate_and_record(file.parent)
    assert told() == [(THREE, 1, True)]


@pytest.mark.parametrize(
    ("worth", "more", "sentence"),
    [
        (Worth(1, Decimal(25_000)), False, "1 inquiry worth $25,000 could not be read"),
        (Worth(3, Decimal(75_000), 1), False, "3 inquiries worth at least $75,000 could not be read"),
        (Worth(2, Decimal(0), 2), False, "2 inquiries of unknown value could not be read"),
        (Worth(2, Decimal(0)), False, "2 inquiries could not be read"),
        (Worth(10_000, Decimal("0.5")), True, "More than 10,000 inquiries worth at least $0.50 could not be read"),
    ],
)
def test_the_sentence_says_how_many_and_how_much(worth: Worth, sentence: str, *, more: bool) -> None:
    assert UnreadInquiries(worth, are_more=more).sentence == sentence


@pytest.mark.parametrize(("limit", "are_more"), [(3, False), (2, True)])
def test_more_rows_than_a_page_reads_are_said_to_be_more(
    file: Path, monkeypatch: pytest.MonkeyPatch, limit: int, *, are_more: bool
) -> None:
    monkeypatch.setattr(subject, "MAX_COUNTED", limit)
    monkeypatch.setattr(subject, "_AMOUNTS_SQL", subject._AMOUNTS_SQL.replace("10001", str(limit + 1)))

    found = read_unread_inquiries()

    assert (found.worth.inquiries, found.are_more) == (limit, are_more)


@pytest.mark.parametrize(
    "cell", ["x" * 200, b"\xff" * 99, "9" * 200, float("inf"), "1e400", "a\0b"], ids=lambda cell: repr(cell)[:12]
)
def test_a_value_of_any_kind_breaks_no_sum(file: Path, cell: object) -> None:
    change(file, "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = 1", cell)
    run_import("primary", file.parent)

    assert read_unread_inquiries() == UnreadInquiries(Worth(3, Decimal(50_000), 1))


def test_counting_takes_one_query_by_the_ledgers_index(file: Path) -> None:
    with CaptureQueriesContext(connections["default"]) as captured:
        read_unread_inquiries()
    assert len(captured) == 1

    execute("default", "SET enable_seqscan = off")
    with connections["default"].cursor() as cursor:
        cursor.execute(f"EXPLAIN {subject._AMOUNTS_SQL}", subject._inquiry_table_parameters())
        plan = "\n".join(line for (line,) in cursor.fetchall())
    execute("default", "RESET enable_seqscan")
    assert "idx_ledger_state" in plan


def test_those_who_settle_are_named_by_their_roles() -> None:
    ensure_roles()
    assert who_settles() == "someone with the role administrator or migration operator"

    Group.objects.all().delete()
    assert who_settles() == "an administrator"


def test_an_unreachable_notice_table_costs_the_import_nothing(
    legacy_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: Any) -> None:
        execute("default", "SELECT 1 / 0")

    monkeypatch.setattr("legacy_import.services.quarantine_notices.update_unread_inquiries_notice", broken)
    change(legacy_dir / PRIMARY, _SPOIL, 1)

    assert run_import("primary", legacy_dir).status == "quarantined"

    assert "the notice of unread inquiries could not be told: division by zero" in caplog.text
