"""Every inquiry can be reached, and the sums are equal to the cent once what is signed is taken back."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import QuerySet
from django.http import HttpRequest

from business_core.admin import ConsultationInquiryAdmin
from business_core.models import ConsultationInquiry
from legacy_import.models import LedgerRow
from legacy_import.services import RowFix, fix_quarantined_rows
from legacy_import.sources import SOURCES
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.validation.verdicts import Checks, failed, shown
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

NAME, ALL, VIEW = (
    "primary: consultation pipeline",
    "all sources: consultation pipeline",
    "all sources: current_pipeline_summary",
)
CORE = [source.name for source in SOURCES if source.database == "default"]


def edit(inquiry: ConsultationInquiry, **columns: object) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(**columns)


@pytest.fixture
def inquiry(checks: Checks) -> ConsultationInquiry:
    checks("primary")
    return ConsultationInquiry.objects.order_by("-created_at")[0]


def test_the_real_files_are_worth_610_000(real_legacy_dir: Path, checks: Checks) -> None:
    found = checks(*CORE, folder=real_legacy_dir)

    assert failed(found) == {}
    assert found[ALL].detail == "18 inquiries worth 610,000.00 in the files, the same here"
    assert found[ALL].figures.items() >= {"inquiries": 18, "value": "610000.00", "inquiries_opened": 18}.items()
    assert found[NAME].detail == "15 inquiries worth 555,000.00 in the file, the same here"
    days = [(line["day"][:10], line["view"]) for line in found[VIEW].lines]
    assert days[0] == ("2025-08-26", "18 inquiries, 18 of them new, worth 610,000.00, 33,888.89 on average")
    assert days[1][1] == "0 inquiries, 0 of them new, worth 0.00, 0.00 on average"


def test_a_cent_nobody_signed_fails_by_key_and_passes_when_put_back(
    checks: Checks, inquiry: ConsultationInquiry
) -> None:
    sql = "UPDATE consultation_inquiries SET estimated_value = estimated_value + %s WHERE inquiry_id = %s"
    execute("default", sql, [Decimal("0.01"), inquiry.pk])

    found = failed(checks("primary"))

    assert f"consultation_inquiries {inquiry.external_inquiry_id}, column estimated_value" in found[NAME]
    assert {ALL, VIEW} <= set(found)
    execute("default", sql, [Decimal("-0.01"), inquiry.pk])
    assert failed(checks("primary")) == {}


def test_a_signed_edit_is_signed_whatever_was_put_right_before_or_after_it(
    checks: Checks, inquiry: ConsultationInquiry
) -> None:
    sql = "UPDATE consultation_inquiries SET estimated_value = estimated_value + %s WHERE inquiry_id = %s"
    for distance in (5, -5):
        execute("default", sql, [distance, inquiry.pk])
    assert failed(checks("primary")) == {}
    edit(inquiry, estimated_value=Decimal(7))
    assert failed(checks("primary")) == {}

    execute("default", sql, [1, inquiry.pk])

    assert NAME in failed(checks("primary"))
    execute("default", sql, [-1, inquiry.pk])
    assert failed(checks("primary")) == {}


def test_a_cent_no_trigger_saw_fails(checks: Checks, inquiry: ConsultationInquiry) -> None:
    execute("default", "SET session_replication_role = replica")
    execute("default", "UPDATE consultation_inquiries SET estimated_value = estimated_value + 0.01")
    execute("default", "SET session_replication_role = DEFAULT")

    assert "-0.15 that nobody signed" in failed(checks("primary"))[NAME]


def test_a_signed_edit_is_listed_with_both_amounts(checks: Checks, inquiry: ConsultationInquiry) -> None:
    before = inquiry.estimated_value
    edit(inquiry, estimated_value=Decimal("1.25"), status="closed_lost")

    found = checks("primary")

    assert failed(found) == {}
    assert shown(found[NAME]) == [("edited here", "estimated_value", "1.25", f"{before:,.2f}", "sofia")]


def test_a_deleted_inquiry_is_listed_with_its_amount(
    checks: Checks, inquiry: ConsultationInquiry, legacy_dir: Path
) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.get(pk=inquiry.pk).delete()

    expected = [("edited here", "estimated_value", None, f"{inquiry.estimated_value:,.2f}", "sofia")]
    assert failed(checks("primary")) == {}
    assert shown(checks("primary")[NAME]) == expected
    run_import("primary", legacy_dir)
    assert failed(checks("primary")) == {}
    assert shown(checks("primary")[NAME]) == expected


def test_an_inquiry_made_here_changes_no_verdict(checks: Checks, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        make_inquiry(estimated_value=Decimal(7), created_at=inquiry.created_at)

    found = checks("primary")

    assert failed(found) == {}
    assert found[ALL].figures["inquiries"] == 16


def test_a_quarantined_inquiry_is_listed_with_its_amount(checks: Checks, legacy_dir: Path) -> None:
    sql = "UPDATE consultation_inquiries SET priority_score = 'high', estimated_value = 1234.5 WHERE rowid = 1"
    change(legacy_dir / PRIMARY, sql)

    found = checks("primary")

    assert list(failed(found)) == [NAME, ALL]
    assert shown(found[NAME]) == [("in quarantine", "estimated_value", None, "1,234.50", "")]


def test_keys_of_every_kind_are_waited_for_and_nothing_else(checks: Checks, legacy_dir: Path) -> None:
    keys = ["NULL", "''", "x'ff'", "CAST(x'ff41' AS TEXT)", "'a' || char(0)", "5", "'sofia''s'"]
    for row_id, key in enumerate(keys, start=1):
        change(
            legacy_dir / PRIMARY, f"UPDATE consultation_inquiries SET inquiry_id = {key} WHERE rowid = {16 - row_id}"
        )

    found = checks("primary")

    assert list(failed(found)) == [NAME, ALL]
    assert {difference.explanation for difference in found[NAME].differences} == {"in quarantine"}


def test_a_fixed_amount_is_listed_beside_what_the_file_says(checks: Checks, legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = '25,000' WHERE rowid = 3")
    checks("primary")
    row = LedgerRow.objects.using("default").get(state="quarantined")
    fix_quarantined_rows("default", [RowFix(row.pk, {"estimated_value": "25000"})], reason="a comma", author="sofia")

    found = checks("primary")

    assert failed(found) == {}
    assert shown(found[NAME]) == [("fixed here", "estimated_value", "25,000.00", None, "sofia")]
    assert shown(found["primary: data integrity"]) == [("fixed here", "estimated_value", "25000", "25,000", "sofia")]


def test_a_fix_that_was_overtaken_by_the_file_is_history(checks: Checks, legacy_dir: Path) -> None:
    sql = "UPDATE consultation_inquiries SET estimated_value = ? WHERE rowid = 3"
    change(legacy_dir / PRIMARY, sql, "25,000")
    checks("primary")
    row = LedgerRow.objects.using("default").get(state="quarantined")
    fix_quarantined_rows("default", [RowFix(row.pk, {"estimated_value": "25000"})], reason="a comma", author="sofia")
    change(legacy_dir / PRIMARY, sql, 26000)
    run_import("primary", legacy_dir)

    found = checks("primary")

    assert failed(found) == {}
    assert shown(found[NAME]) == []


@pytest.mark.parametrize("cell", ["2025-08-26T24:00:00", "2025-08-26T07:00:60"])
def test_an_instant_python_spells_otherwise_is_counted_on_both_sides(
    checks: Checks, legacy_dir: Path, cell: str
) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET created_at = ? WHERE rowid = 3", cell)

    assert failed(checks("primary")) == {}


def test_a_fixed_amount_that_lands_merged_adds_nothing(checks: Checks, legacy_dir: Path) -> None:
    checks("primary")
    key = ConsultationInquiry.objects.order_by("created_at")[0].external_inquiry_id
    change(legacy_dir / DUPLICATE, "UPDATE consultation_inquiries SET inquiry_id = ?, estimated_value = '25,000'", key)
    checks("duplicate")
    row = LedgerRow.objects.using("default").get(state="quarantined")
    fix_quarantined_rows("default", [RowFix(row.pk, {"estimated_value": "25000"})], reason="a comma", author="sofia")
    row.refresh_from_db(using="default")
    assert row.state == "merged"

    assert failed(checks("primary", "duplicate")) == {}


def test_an_inquiry_the_admin_does_not_find_fails_by_key(
    checks: Checks, inquiry: ConsultationInquiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_but_one(self: ConsultationInquiryAdmin, request: HttpRequest) -> QuerySet[ConsultationInquiry]:
        return ConsultationInquiry.objects.exclude(pk=inquiry.pk)

    monkeypatch.setattr(ConsultationInquiryAdmin, "get_queryset", all_but_one)

    check = checks("primary")[NAME]

    assert not check.passed
    assert inquiry.external_inquiry_id in {difference.key for difference in check.differences}
    assert "on no admin page" in check.detail
    (line,) = check.lines
    assert (line["live inquiries"], line["through the ORM"], line["in the admin's list"]) == (15, 15, 14)


def test_a_table_that_cannot_be_rebuilt_any_more_fails(checks: Checks) -> None:
    checks("primary")
    execute("default", "UPDATE legacy_file SET schema = replace(schema::text, 'consultation_inquiries', 'lost')::jsonb")

    detail = failed(checks("primary"))[NAME]

    assert "not every inquiry can be reached" in detail
    assert "0 of 15" in detail


def test_an_inquiry_the_ledger_lost_is_no_longer_accounted_for(checks: Checks, inquiry: ConsultationInquiry) -> None:
    execute("default", "DELETE FROM ledger WHERE target_key = %s", [inquiry.pk])

    assert NAME in failed(checks("primary"))


def test_a_view_that_counts_otherwise_fails(checks: Checks) -> None:
    checks("primary")
    oldest = ConsultationInquiry.objects.order_by("created_at")[0]
    ((original,),) = rows("default", "SELECT pg_get_viewdef('current_pipeline_summary'::regclass)")
    # An inquiry between the 30th and the 31st day, or the one window would be as good as the other.
    day = "(SELECT max(created_at)::date FROM consultation_inquiries) - INTERVAL '30 days 6 hours'"
    with attribute_changes_to("sofia"):
        execute("default", f"UPDATE consultation_inquiries SET created_at = {day} WHERE inquiry_id = %s", [oldest.pk])
    assert failed(checks("primary")) == {}
    for right, wrong in [("'new'", "'contacted'"), ("30 days", "31 days"), ("sum(estimated", "max(estimated")]:
        changed = original.replace(right, wrong)
        assert changed != original
        try:
            execute("default", f"CREATE OR REPLACE VIEW current_pipeline_summary AS {changed}")
            assert list(failed(checks("primary"))) == [VIEW]
        finally:
            execute("default", f"CREATE OR REPLACE VIEW current_pipeline_summary AS {original}")
