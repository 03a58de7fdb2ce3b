"""Rows deleted here: they stay deleted, unless somebody puts them back."""

from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.services import validate_data
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, rows, run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.fixture
def inquiry(legacy_dir: Path) -> ConsultationInquiry:
    run_import("primary", legacy_dir)
    return ConsultationInquiry.objects.order_by("external_inquiry_id")[0]


def test_a_row_put_back_keeps_what_was_edited(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    execute("default", "CREATE TABLE aside AS SELECT * FROM consultation_inquiries")
    try:
        execute("default", "UPDATE aside SET company = 'Edited here' WHERE inquiry_id = %s", [inquiry.pk])
        inquiry_id = inquiry.pk
        inquiry.delete()
        run_import("primary", legacy_dir)
        sql = "INSERT INTO consultation_inquiries SELECT * FROM aside WHERE inquiry_id = %s"
        execute("default", sql, [inquiry_id])
    finally:
        execute("default", "DROP TABLE aside")

    for _ in range(2):
        run_import("primary", legacy_dir)

        assert ConsultationInquiry.objects.get(pk=inquiry_id).company == "Edited here"
        assert rows("default", "SELECT state FROM ledger WHERE target_key = %s", [inquiry_id]) == [("live",)]


def test_a_row_deleted_here_and_then_there_is_no_difference(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    key = inquiry.external_inquiry_id
    with attribute_changes_to("sofia"):
        inquiry.delete()
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "DELETE FROM consultation_inquiries WHERE inquiry_id = ?", key)
    run_import("primary", legacy_dir)

    failed = [check for check in validate_data(legacy_dir) if not check.passed and check.name.startswith("primary")]

    assert failed == []


def test_an_emptied_table_is_not_filled_by_the_twins(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    execute("default", "DELETE FROM posts")

    report = run_import("duplicate", legacy_dir)

    assert report.error is None
    assert not Post.objects.exists()
