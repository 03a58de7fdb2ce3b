"""Timestamps read a second time, without the codecs: an hour's shift and a wrong LEGACY_TIME_ZONE are named."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, run_import
from tests.integration.legacy_import.validation.verdicts import Checks, failed
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

UNUSUAL = (
    "2025-10-26T03:30:00",  # twice that night
    "2025-03-30T03:30:00",  # never that night
    "2025-08-19T20:00:47.9303329",
    "2025-08-19 20:00:47 +02",
    "2025-08-19T17:00:47Z",
    "2025-08-19",
    "2025-08-19 20:00",
)


def test_both_clocks_agree_on_every_timestamp(checks: Checks) -> None:
    found = checks("primary", "ab_testing")

    assert failed(found) == {}
    assert found["ab_testing: clocks"].detail.endswith("9 tests began the moment they were made, by both clocks")


def test_a_timestamp_off_by_an_hour_fails_and_passes_when_put_right(checks: Checks) -> None:
    checks("primary")
    post = Post.objects.all()[0]
    sql = "UPDATE posts SET posted_at = %s WHERE post_id = %s"
    execute("default", sql, [post.posted_at + timedelta(hours=1), post.pk])

    assert f"linkedin_posts {post.external_post_id}, column posted_at" in failed(checks("primary"))["primary: clocks"]
    execute("default", sql, [post.posted_at, post.pk])
    assert failed(checks("primary")) == {}


def test_a_shift_that_no_trigger_saw_is_found(checks: Checks) -> None:
    checks("primary")
    execute("default", "SET session_replication_role = replica")
    execute("default", "UPDATE posts SET updated_at = updated_at - interval '1 hour'")
    execute("default", "SET session_replication_role = DEFAULT")

    check = checks("primary")["primary: clocks"]

    assert [(d.explanation, d.column) for d in check.differences] == [("unexplained", "updated_at")] * 7


def test_a_signed_shift_is_an_edit(checks: Checks) -> None:
    checks("primary")
    with attribute_changes_to("sofia"):
        inquiry = ConsultationInquiry.objects.all()[0]
        inquiry.created_at = inquiry.created_at and inquiry.created_at + timedelta(hours=1)
        inquiry.save()

    found = checks("primary")

    assert failed(found) == {}
    assert [(d.explanation, d.author) for d in found["primary: clocks"].differences] == [("edited here", "sofia")]


def test_a_zone_changed_after_the_import_fails_by_column_and_key(checks: Checks, settings: Settings) -> None:
    checks("primary")
    settings.LEGACY_TIME_ZONE = "Europe/Berlin"

    columns = {difference.column for difference in checks("primary")["primary: clocks"].differences}

    assert columns == {"posted_at", "created_at", "last_contact"}


def test_a_zone_wrong_from_the_beginning_is_told_by_the_tests_own_clocks(checks: Checks, settings: Settings) -> None:
    settings.LEGACY_TIME_ZONE = "Europe/Berlin"

    check = checks("ab_testing")["ab_testing: clocks"]

    assert not check.passed
    assert {d.column for d in check.differences} == {"start_date"}
    assert len(check.differences) == 9
    assert "Europe/Berlin" in check.detail


def test_a_test_planned_for_later_is_no_witness(checks: Checks, legacy_dir: Path) -> None:
    change(legacy_dir / "ab_testing.db", "UPDATE ab_tests SET start_date = '2025-12-01T09:00:00' WHERE rowid = 1")

    check = checks("ab_testing")["ab_testing: clocks"]

    assert check.passed
    assert "8 tests began" in check.detail
    assert ABTest.objects.filter(start_date__gte="2025-11-30T00:00Z").count() == 1


def test_unusual_spellings_are_no_difference(checks: Checks, legacy_dir: Path) -> None:
    for row_id, cell in enumerate(UNUSUAL, start=1):
        change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET created_at = ? WHERE rowid = ?", cell, row_id)

    found = checks("primary")

    assert failed(found) == {}
    assert found["primary: clocks"].differences == ()
    assert "only the codecs read" not in found["primary: clocks"].detail


def test_what_is_newer_in_the_file_fails_nothing(checks: Checks, legacy_dir: Path) -> None:
    checks("primary")
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET posted_at = '2025-01-01T00:00:00' WHERE rowid = 1")

    found = checks("primary")

    assert failed(found) == {}
    assert {d.explanation for d in found["primary: clocks"].differences} <= {"newer in legacy"}
    run_import("primary", legacy_dir)
    assert checks("primary")["primary: clocks"].differences == ()
