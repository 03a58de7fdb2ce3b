"""validate_migration finds what has gone wrong, names it, and is content when it is put right."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.services import validate_data
from legacy_import.sources import SOURCES
from legacy_import.validation.check import Check
from revenue.models import ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry
from tests.imports import execute, rows, run_import
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


@pytest.fixture
def imported(legacy_dir: Path) -> Path:
    for source in SOURCES:
        assert run_import(source.name, legacy_dir).status == "completed"
    return legacy_dir


@pytest.fixture
def inquiry(imported: Path) -> ConsultationInquiry:
    return ConsultationInquiry.objects.filter(data_source="linkedin_primary").order_by("external_inquiry_id")[0]


def failures(legacy_dir: Path) -> dict[str, str]:
    return {check.name: check.detail for check in validate_data(legacy_dir) if not check.passed}


def check_named(legacy_dir: Path, name: str) -> Check:
    (found,) = [check for check in validate_data(legacy_dir) if check.name == name]
    return found


def test_everything_passes_after_the_import(imported: Path) -> None:
    assert failures(imported) == {}


def test_an_amount_changed_by_a_cent_is_found_and_forgiven(imported: Path, inquiry: ConsultationInquiry) -> None:
    sql = "UPDATE consultation_inquiries SET estimated_value = estimated_value + %s WHERE inquiry_id = %s"
    execute("default", sql, [Decimal("0.01"), inquiry.pk])

    detail = failures(imported)["primary: data integrity"]

    assert f"consultation_inquiries {inquiry.external_inquiry_id}, column estimated_value" in detail
    execute("default", sql, [Decimal("-0.01"), inquiry.pk])
    assert failures(imported) == {}


def test_a_timestamp_off_by_an_hour_is_found(imported: Path, inquiry: ConsultationInquiry) -> None:
    assert inquiry.created_at is not None
    later = inquiry.created_at + timedelta(hours=1)
    execute("default", "UPDATE consultation_inquiries SET created_at = %s WHERE inquiry_id = %s", [later, inquiry.pk])

    assert f"{inquiry.external_inquiry_id}, column created_at" in failures(imported)["primary: data integrity"]


def test_a_deleted_row_is_found(imported: Path, inquiry: ConsultationInquiry) -> None:
    execute("default", "DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [inquiry.pk])

    found = failures(imported)

    assert f"consultation_inquiries {inquiry.external_inquiry_id}: nothing here" in found["primary: data integrity"]
    assert "primary: record counts" in found


def test_an_added_row_is_found(imported: Path) -> None:
    added = make_inquiry()

    assert str(added.pk) in failures(imported)["synapse_business_core: rows made here"]


def test_a_row_added_by_a_person_is_none_of_validations_business(imported: Path) -> None:
    with attribute_changes_to("sofia"):
        make_inquiry()

    assert failures(imported) == {}


def test_two_contents_swapped_are_both_found(imported: Path) -> None:
    one, other = Post.objects.filter(data_source="linkedin_primary").order_by("external_post_id")[:2]
    execute("default", "UPDATE posts SET content = %s WHERE post_id = %s", [other.content, one.pk])
    execute("default", "UPDATE posts SET content = %s WHERE post_id = %s", [one.content, other.pk])

    check = check_named(imported, "primary: data integrity")

    assert not check.passed
    assert [(d.key, d.column) for d in check.differences] == [
        (one.external_post_id, "content"),
        (other.external_post_id, "content"),
    ]
    execute("default", "UPDATE posts SET content = %s WHERE post_id = %s", [one.content, one.pk])
    execute("default", "UPDATE posts SET content = %s WHERE post_id = %s", [other.content, other.pk])
    assert failures(imported) == {}


def test_an_inquiry_moved_to_another_post_is_found(imported: Path, inquiry: ConsultationInquiry) -> None:
    other = Post.objects.exclude(inquiries=inquiry)[0]
    sql = "UPDATE consultation_inquiries SET source_post_id = %s WHERE inquiry_id = %s"
    execute("default", sql, [other.pk, inquiry.pk])

    assert f"{inquiry.external_inquiry_id}, column source_post_id" in failures(imported)["primary: data integrity"]


def test_a_variants_content_with_a_blank_more_is_found(imported: Path) -> None:
    variant = ABTestVariant.objects.all()[0]
    execute("revenue", "UPDATE test_variants SET content = content || ' ' WHERE variant_id = %s", [variant.pk])
    (key,) = rows("revenue", "SELECT key FROM ledger WHERE target_key = %s", [variant.pk])[0]

    assert f"test_variants {key}, column content" in failures(imported)["ab_testing: data integrity"]


def test_a_signed_edit_passes_and_is_listed_with_its_author(imported: Path, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified", estimated_value=Decimal(1))

    check = check_named(imported, "primary: data integrity")

    assert check.passed
    assert check.detail == "22 rows compared cell by cell; 2 edited here"
    assert {(d.column, d.explanation, d.author) for d in check.differences} == {
        ("status", "edited here", "sofia"),
        ("estimated_value", "edited here", "sofia"),
    }
    assert failures(imported) == {}


def test_an_unsigned_change_after_a_signed_one_fails(imported: Path, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="qualified")
    execute("default", "UPDATE consultation_inquiries SET status = 'lost' WHERE inquiry_id = %s", [inquiry.pk])

    assert f"{inquiry.external_inquiry_id}, column status" in failures(imported)["primary: data integrity"]


def test_a_signed_deletion_passes(imported: Path, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        inquiry.delete()

    assert failures(imported) == {}
    run_import("primary", imported)
    assert failures(imported) == {}


def test_what_is_newer_in_legacy_is_told_and_fails_nothing(imported: Path, inquiry: ConsultationInquiry) -> None:
    change(
        imported / PRIMARY,
        "UPDATE consultation_inquiries SET estimated_value = 1 WHERE inquiry_id = ?",
        inquiry.external_inquiry_id,
    )
    change(imported / PRIMARY, "INSERT INTO consultation_inquiries (inquiry_id, contact_name) VALUES ('new', 'Ada')")

    check = check_named(imported, "primary: data integrity")

    assert check.detail == "23 rows compared cell by cell; 2 newer in legacy"
    assert failures(imported) == {}


def test_a_change_that_no_trigger_saw_is_unexplained(imported: Path, inquiry: ConsultationInquiry) -> None:
    execute("default", "SET session_replication_role = replica")
    execute("default", "UPDATE consultation_inquiries SET notes = 'x' WHERE inquiry_id = %s", [inquiry.pk])
    execute("default", "SET session_replication_role = DEFAULT")

    assert f"{inquiry.external_inquiry_id}, column notes" in failures(imported)["primary: data integrity"]


def test_a_file_that_is_missing_fails_in_a_sentence(imported: Path) -> None:
    (imported / "ab_testing.db").unlink()

    assert list(failures(imported)) == ["ab_testing: legacy file"]


def test_a_source_never_imported_fails_in_a_sentence(legacy_dir: Path) -> None:
    assert "run import_legacy --source=week3" in failures(legacy_dir)["week3: record counts"]
