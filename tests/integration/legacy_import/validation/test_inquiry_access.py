"""Validation does not pass while an inquiry of the files can't be opened as one, and says how many and how much."""

from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry
from legacy_import.models import LedgerRow, Settlement
from legacy_import.services import RowFix, archive_quarantined_rows, fix_quarantined_rows, withdraw_settlements
from legacy_import.validation.check import Check
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, run_import
from tests.integration.legacy_import.validation.verdicts import Checks, failed
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

WEEK3, CONTENT = "week3_business_development.db", "content_analytics.db"
NAME, ALL = "primary: consultation pipeline", "all sources: consultation pipeline"
DESK = "/admin/legacy_import/businesscorequarantinedrow/"
SPOIL = "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = ? WHERE rowid = ?"


def waiting(source: str = "primary") -> list[LedgerRow]:
    return list(LedgerRow.objects.using("default").filter(source=source, state="quarantined").order_by("row_id"))


def lead(found: dict[str, Check], name: str) -> str:
    """Return the first part of a check's sentence."""
    return found[name].detail.partition("; ")[0]


@pytest.fixture
def file(legacy_dir: Path) -> Path:
    """Return the primary file with 15 inquiries of 1,000 each."""
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = 1000")
    return legacy_dir / PRIMARY


def test_inquiries_in_the_quarantine_fail_with_how_many_and_how_much_and_where(checks: Checks, file: Path) -> None:
    for row, value in ((1, 25_000), (2, 20_000), (3, 30_000)):
        change(file, SPOIL, value, row)

    found = checks("primary")

    said = (
        "12 of 15 inquiries, worth 12,000.00 of 87,000.00, can be opened as inquiries:"
        f" 3 inquiries worth 75,000.00 in the quarantine, to be settled at its desk ({DESK})"
    )
    assert list(failed(found)) == [NAME, ALL]
    assert (lead(found, NAME), lead(found, ALL)) == (said, said)
    figures = found[ALL].figures
    assert (figures["inquiries_in_files"], figures["inquiries_opened"], figures["value_opened"]) == (15, 12, "12000.00")
    assert (figures["inquiries_waiting"], figures["value_waiting"]) == (3, "75000.00")


def test_the_last_one_settled_makes_it_pass_and_a_withdrawal_makes_it_fail_again(checks: Checks, file: Path) -> None:
    change(file, SPOIL, 25_000, 1)
    change(file, SPOIL, 20_000, 2)
    checks("primary")
    first, second = waiting()
    fix_quarantined_rows(
        "default", [RowFix(first.pk, {"created_at": "2025-08-01T10:00:00"})], reason="asked", author="sofia"
    )
    assert lead(checks("primary"), NAME).startswith("14 of 15 inquiries, worth 38,000.00 of 58,000.00, can")

    archive_quarantined_rows("default", [second.pk], reason="spam", author="sofia")

    found = checks("primary")
    assert failed(found) == {}
    assert lead(found, NAME) == (
        "14 of 15 inquiries, worth 38,000.00 of 58,000.00, can be opened as inquiries:"
        " 1 inquiry worth 20,000.00 settled by a person (deleted here, or accepted as archived)"
    )
    run_import("primary", file.parent)
    assert failed(checks("primary")) == {}

    decision = Settlement.objects.using("default").get(kind="archive")
    withdraw_settlements("default", [decision.pk], author="sofia")
    assert list(failed(checks("primary"))) == [NAME, ALL]


@pytest.mark.parametrize("again", [False, True], ids=["before the next import", "after it"])
def test_a_deletion_counts_as_settled_where_it_is_signed_and_as_a_loss_where_not(
    checks: Checks, file: Path, *, again: bool
) -> None:
    checks("primary")
    one, other = ConsultationInquiry.objects.order_by("created_at")[:2]
    with attribute_changes_to("sofia"):
        one.delete()
    if again:
        run_import("primary", file.parent)
    found = checks("primary")
    assert failed(found) == {}
    assert "1 inquiry worth 1,000.00 settled by a person" in found[NAME].detail

    execute("default", "DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [other.pk])
    if again:
        run_import("primary", file.parent)

    found = checks("primary")
    assert {NAME, ALL} <= set(failed(found))
    assert "13 of 15 inquiries, worth 13,000.00 of 15,000.00, can be opened" in found[NAME].detail
    assert "1 inquiry worth 1,000.00 missing here, and nobody signed for that" in found[NAME].detail


def test_a_merged_row_counts_through_its_owner(checks: Checks, file: Path, legacy_dir: Path) -> None:
    checks("primary")
    owner = ConsultationInquiry.objects.order_by("created_at")[0]
    key = owner.external_inquiry_id
    change(legacy_dir / DUPLICATE, "UPDATE consultation_inquiries SET inquiry_id = ?, estimated_value = 1000", key)
    found = checks("primary", "duplicate")
    assert failed(found) == {}
    assert found[ALL].figures["inquiries_opened"] == 16

    with attribute_changes_to("sofia"):
        owner.delete()

    found = checks("primary", "duplicate")
    assert failed(found) == {}
    assert found["duplicate: consultation pipeline"].figures["inquiries_settled"] == 1


def test_a_merged_row_whose_owner_was_deleted_by_nobody_is_missing(
    checks: Checks, file: Path, legacy_dir: Path
) -> None:
    checks("primary")
    owner = ConsultationInquiry.objects.order_by("created_at")[0]
    key = owner.external_inquiry_id
    change(legacy_dir / DUPLICATE, "UPDATE consultation_inquiries SET inquiry_id = ?, estimated_value = 1000", key)
    assert failed(checks("primary", "duplicate")) == {}

    execute("default", "DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [owner.pk])

    assert "0 of 1 inquiry" in failed(checks("duplicate"))["duplicate: consultation pipeline"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["25,000", 20_000], "2 inquiries worth at least 20,000.00 (the value of 1 is no number)"),
        (["25,000", "lots"], "2 inquiries of unknown value"),
        ([b"\xff\x00", float("inf")], "2 inquiries of unknown value"),
        (["1e400", "9" * 5000], "2 inquiries of unknown value"),
        ([None, 20_000], "2 inquiries worth 20,000.00"),
        (["", None], "2 inquiries worth 0.00"),
        ([-5, 20_000], "2 inquiries worth 19,995.00"),
    ],
)
def test_a_value_that_is_no_number_is_counted_beside_the_sum(
    checks: Checks, file: Path, cells: list[object], words: str
) -> None:
    for row, cell in enumerate(cells, start=1):
        change(file, SPOIL, cell, row)

    assert f": {words} in the quarantine" in failed(checks("primary"))[NAME]


def test_a_row_that_left_its_file_is_none_of_the_files_inquiries(checks: Checks, file: Path) -> None:
    change(file, SPOIL, 25_000, 1)
    checks("primary")
    change(file, "DELETE FROM consultation_inquiries WHERE rowid = 1")

    run_import("primary", file.parent)

    found = checks("primary")
    assert failed(found) == {}
    assert found[NAME].figures["inquiries_in_files"] == 14


def test_a_row_that_is_refused_after_it_landed_waits_though_its_earlier_version_is_here(
    checks: Checks, file: Path
) -> None:
    checks("primary")
    change(file, SPOIL, 25_000, 1)

    run_import("primary", file.parent)

    assert ConsultationInquiry.objects.count() == 15
    assert lead(checks("primary"), NAME).startswith("14 of 15 inquiries, worth 14,000.00 of 39,000.00, can")


def test_a_row_archived_while_its_table_had_no_target_needs_an_import(checks: Checks, file: Path) -> None:
    checks("primary")
    one = LedgerRow.objects.using("default").filter(source="primary", legacy_table="consultation_inquiries")[0]
    cells = '{"estimated_value": "\\u001fi:25000"}'
    execute("default", "UPDATE ledger SET state = 'archived', owns = false, cells = %s WHERE id = %s", [cells, one.pk])

    detail = failed(checks("primary"))[NAME]

    assert "archived, since their table had no target when it was imported: run import_legacy --all" in detail


def test_a_row_that_the_ledger_does_not_know_is_missing(checks: Checks, file: Path) -> None:
    checks("primary")
    one = ConsultationInquiry.objects.order_by("created_at")[0]

    execute("default", "DELETE FROM ledger WHERE target_key = %s", [one.pk])

    assert "1 inquiry of unknown value missing here" in failed(checks("primary"))[NAME]


def test_inquiries_of_every_table_that_is_mapped_to_them_count(checks: Checks, file: Path, legacy_dir: Path) -> None:
    """Also those of the table business_pipeline of another file, and of a source without a channel."""
    change(legacy_dir / WEEK3, "UPDATE consultation_inquiries SET created_at = 'yesterday', estimated_value = 7")
    change(
        legacy_dir / CONTENT,
        "INSERT INTO business_pipeline (inquiry_id, inquiry_date, inquiry_type, project_value, created_at, status)"
        " VALUES ('c1', '2025-08-01', 'architecture', 500, 'yesterday', 'new')",
    )
    checks("primary", "week3", "content")

    found = failed(checks("primary", "week3", "content"))

    weeks = len(waiting("week3"))
    assert weeks > 0
    assert len(waiting("content")) == 1
    assert f"{weeks + 1} inquiries worth {weeks * 7 + 500:,.2f} in the quarantine" in found[ALL]
    assert "1 inquiry worth 500.00 in the quarantine" in found["content: consultation pipeline"]
    assert NAME not in found


def test_the_newer_file_that_mends_a_row_does_not_count_before_it_is_imported(checks: Checks, file: Path) -> None:
    change(file, SPOIL, 25_000, 1)
    checks("primary")
    change(file, "UPDATE consultation_inquiries SET created_at = '2025-08-01T10:00:00' WHERE rowid = 1")

    assert lead(checks("primary"), NAME).startswith("14 of 15 inquiries")
    run_import("primary", file.parent)
    assert failed(checks("primary")) == {}
    assert ConsultationInquiry.objects.filter(estimated_value=Decimal(25_000)).count() == 1


def test_a_deleted_inquiry_that_somebody_put_back_is_opened(checks: Checks, file: Path) -> None:
    checks("primary")
    one = ConsultationInquiry.objects.order_by("created_at")[0]
    key = one.pk
    with attribute_changes_to("sofia"):
        one.delete()
    run_import("primary", file.parent)
    assert checks("primary")[NAME].figures["inquiries_settled"] == 1

    with attribute_changes_to("sofia"):
        one.pk = key
        one.save(force_insert=True)

    assert checks("primary")[NAME].figures["inquiries_opened"] == 15
