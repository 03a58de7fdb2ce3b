"""A change that nobody signed is told also where no legacy cell could tell of it, and only while it stands."""

from decimal import Decimal

import pytest

from business_core.models import ConsultationInquiry
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_inquiry
from tests.imports import execute
from tests.integration.legacy_import.validation.verdicts import Checks, failed

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

NAME = "synapse_business_core: rows made here"


@pytest.fixture
def made_here() -> ConsultationInquiry:
    with attribute_changes_to("sofia"):
        return make_inquiry(estimated_value=Decimal(100))


def test_a_row_made_here_and_changed_by_nobody_fails_until_put_right_or_signed(
    checks: Checks, made_here: ConsultationInquiry
) -> None:
    sql = "UPDATE consultation_inquiries SET estimated_value = %s WHERE inquiry_id = %s"
    assert failed(checks("primary")) == {}
    for value in (5, 1_000_000):
        execute("default", sql, [value, made_here.pk])

    found = failed(checks("primary"))

    assert list(found) == [NAME]
    assert f"consultation_inquiries {made_here.pk}, column estimated_value" in found[NAME]
    assert "1000000.00 (before: 100.00)" in found[NAME]
    execute("default", sql, [100, made_here.pk])
    assert failed(checks("primary")) == {}
    execute("default", sql, [5, made_here.pk])
    with attribute_changes_to("sofia"):
        execute("default", sql, [6, made_here.pk])
    assert failed(checks("primary")) == {}


def test_a_row_made_here_and_deleted_by_nobody_fails(checks: Checks, made_here: ConsultationInquiry) -> None:
    checks("primary")
    execute("default", "DELETE FROM consultation_inquiries WHERE inquiry_id = %s", [made_here.pk])

    found = failed(checks("primary"))

    assert list(found) == [NAME]
    assert str(made_here.pk) in found[NAME]


def test_a_row_made_and_deleted_by_somebody_fails_nothing(checks: Checks, made_here: ConsultationInquiry) -> None:
    with attribute_changes_to("sofia"):
        made_here.delete()

    assert failed(checks("primary")) == {}


def test_a_column_the_owners_file_lacks_is_told_and_one_it_fills_is_told_once(checks: Checks) -> None:
    checks("primary")
    inquiry = ConsultationInquiry.objects.order_by("created_at")[0]
    sql = "UPDATE consultation_inquiries SET data_source = %s, industry = %s WHERE inquiry_id = %s"
    execute("default", sql, ["zzz", "hack", inquiry.pk])

    check = checks("primary")[NAME]

    assert [(d.key, d.column) for d in check.differences] == [
        (str(inquiry.pk), "data_source"),
        (str(inquiry.pk), "industry"),
    ]
    execute("default", sql, [inquiry.data_source, inquiry.industry, inquiry.pk])
    assert failed(checks("primary")) == {}
    execute("default", "UPDATE consultation_inquiries SET status = 'hack' WHERE inquiry_id = %s", [inquiry.pk])
    assert checks("primary")[NAME].passed
