"""People are told of a source's quarantined rows until its desk is empty."""

from pathlib import Path

import pytest
from django.urls import resolve
from pytest_django import Settings

from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import archive_quarantined_rows, replay_quarantined_rows, withdraw_settlements
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.querysets import NoticeQuerySet
from tests.imports import run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_SPOIL = "UPDATE consultation_inquiries SET estimated_value = 'much' WHERE rowid <= ?"


@pytest.fixture
def refused(settings: Settings, legacy_dir: Path) -> list[LedgerRow]:
    change(legacy_dir / PRIMARY, _SPOIL, 2)
    assert run_import("primary", legacy_dir).status == "quarantined"
    return list(LedgerRow.objects.using("default").filter(state="quarantined"))


def of_sources() -> NoticeQuerySet:
    return Notice.objects.filter(kind=Kind.QUARANTINED_ROWS)


def told() -> list[tuple[str, int, bool]]:
    return [(one.title, one.times, one.resolved_at is None) for one in of_sources().order_by("raised_at")]


def test_an_import_that_leaves_rows_raises_one_notice(refused: list[LedgerRow], legacy_dir: Path) -> None:
    assert told() == [("primary: 2 rows wait in quarantine", 1, True)]
    notice = of_sources().get()
    assert (notice.kind, notice.key, notice.permission) == ("quarantined_rows", "primary", "legacy_import.run_import")
    path, _, query = notice.link.partition("?")
    assert (resolve(path).view_name, query) == (
        "admin:legacy_import_businesscorequarantinedrow_changelist",
        "source=primary",
    )

    change(legacy_dir / PRIMARY, _SPOIL, 1)
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = 5 WHERE rowid = 2")
    run_import("primary", legacy_dir)

    assert told() == [("primary: 1 row waits in quarantine", 2, True)]


def test_an_import_that_leaves_none_resolves_it(refused: list[LedgerRow], legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = 5")

    run_import("primary", legacy_dir)

    assert told() == [("primary: 2 rows wait in quarantine", 1, False)]


def test_the_desk_resolves_it_with_the_last_row_and_a_withdrawal_raises_it_anew(refused: list[LedgerRow]) -> None:
    first, second = (row.pk for row in refused)
    archive_quarantined_rows("default", [first], reason="no money in it", author="sofia")
    replay_quarantined_rows("default", [second], author="sofia")
    assert told() == [("primary: 2 rows wait in quarantine", 1, True)]

    archive_quarantined_rows("default", [second], reason="no money in it", author="sofia")
    assert [is_open for _, _, is_open in told()] == [False]

    withdraw_settlements("default", [Settlement.objects.using("default").get(ledger_id=second).pk], author="sofia")
    assert told()[1:] == [("primary: 1 row waits in quarantine", 1, True)]


def test_undoing_the_import_resolves_it(refused: list[LedgerRow]) -> None:
    undo_run(UndoRequest("default", latest_import("primary").pk, requested_by="olga"))

    assert [is_open for _, _, is_open in told()] == [False]


def test_a_dry_run_tells_nobody(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, _SPOIL, 2)

    assert run_import("primary", legacy_dir, dry_run=True).status == "quarantined"

    assert told() == []
