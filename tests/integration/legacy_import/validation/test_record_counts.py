"""Read = landed + merged + archived + quarantined + deleted here, per table; a row that is lost is named."""

from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, run_import
from tests.integration.legacy_import.validation.verdicts import Checks, failed
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def line(checks: Checks, table: str) -> dict[str, int]:
    (found,) = [line for line in checks("primary")["primary: record counts"].lines if line["table"] == table]
    return {name: value for name, value in found.items() if name != "table" and value}


def test_every_tables_rows_add_up(checks: Checks, legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET priority_score = 'high' WHERE rowid = 1")

    assert line(checks, "linkedin_posts") == {"read": 7, "landed": 7, "accounted": 7}
    assert line(checks, "consultation_inquiries") == {"read": 15, "landed": 14, "quarantined": 1, "accounted": 15}
    assert checks("primary")["primary: record counts"].detail == "22 rows in the file = 21 landed + 1 quarantined"


def test_rows_merged_and_archived_are_counted_as_such(checks: Checks) -> None:
    found = checks("primary", "duplicate", "content")

    assert found["duplicate: record counts"].detail == "8 rows in the file = 1 landed + 7 merged"
    assert found["content: record counts"].detail == "2 rows in the file = 1 landed + 1 archived"


def test_a_row_lost_is_named(checks: Checks) -> None:
    checks("primary")
    inquiry = ConsultationInquiry.objects.all()[0]
    execute("default", "DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [inquiry.pk])

    detail = failed(checks("primary"))["primary: record counts"]

    assert f"1 row is missing here: consultation_inquiries {inquiry.external_inquiry_id}" in detail


def test_a_row_deleted_by_somebody_is_counted_as_deleted_before_and_after_an_import(
    checks: Checks, legacy_dir: Path
) -> None:
    checks("primary")
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.all()[0].delete()

    expected = {"read": 15, "landed": 14, "deleted": 1, "accounted": 15}
    assert line(checks, "consultation_inquiries") == expected
    run_import("primary", legacy_dir)
    assert line(checks, "consultation_inquiries") == expected


def test_a_ledger_row_lost_is_found(checks: Checks) -> None:
    checks("primary")
    execute(
        "default", "DELETE FROM ledger WHERE id = (SELECT id FROM ledger WHERE legacy_table = 'linkedin_posts' LIMIT 1)"
    )

    assert failed(checks("primary"))["primary: record counts"] == "linkedin_posts: 7 in the file, 6 accounted for"
