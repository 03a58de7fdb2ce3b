"""What can't be imported is told by row and column, with what was expected, what was found and the fix."""

import json

import pytest
from django.test import Client

from analytics.models import AttributionTracking, ContentPattern
from business_core.models import ConsultationInquiry
from revenue.models import ABTestVariant
from tests.factories import make_ab_test, make_content_pattern, make_inquiry, make_variant
from tests.integration.synapse.kit.import_export.files import (
    confirm,
    counts,
    csv_file,
    exported,
    new_inquiry,
    problems,
    upload,
    xlsx_file,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"estimated_value": "1.2345"}, "estimated_value: expected a number from"),
        ({"estimated_value": "1e5000"}, "estimated_value: expected a number from"),
        ({"estimated_value": "NaN"}, "estimated_value: expected a number from"),
        ({"priority_score": "2147483648"}, "priority_score: expected a whole number from -2147483648 to 2147483647"),
        ({"priority_score": "1.5"}, "priority_score: expected a whole number"),
        ({"last_contact": "soon"}, "last_contact: expected a date and time, found “soon”."),
        ({"last_contact": "2024-10-27T03:30"}, "last_contact: expected a date and time that comes once"),
        ({"last_contact": "9999-12-31T23:59:59+00:00"}, "last_contact: expected a date and time"),
        ({"next_action_due_date": "31.08.2025"}, "next_action_due_date: expected a date, found"),
        ({"notes": "a\x00b"}, "notes: expected a text without the character NUL, found “a␀b”."),
        ({"source_post": "nowhere"}, "source_post: expected the external_post_id of a post that is there"),
        ({"contact_name": "'"}, "contact_name: expected a text that isn't empty, found nothing."),
        ({"contact_name": "<b>\u202e", "priority_score": "<b>\u202e"}, "priority_score: expected a whole number"),
    ],
)
def test_a_bad_cell_is_told_by_column_expectation_and_finding(
    admin_client: Client, columns: dict[str, str], expected: str
) -> None:
    page = upload(admin_client, ConsultationInquiry, csv_file(new_inquiry("a") | columns))

    (problem,) = problems(page)[2]
    assert problem.startswith(expected)
    assert "<b>" not in page.content.decode()
    assert "\u202e" not in page.content.decode()


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("{", "expected JSON, found “{”."),
        ("[NaN]", "expected JSON, found"),
        ('["\\u0000"]', "expected JSON without NUL characters"),
        ('["\\ud800"]', "expected JSON without NUL characters"),
        ('{"\\u0000": 1}', "expected JSON without NUL characters"),
        ('[{"a": ["\\udc00"]}]', "expected JSON without NUL characters"),
        ("[0.12345678901234567890123]", "expected JSON whose numbers have at most 15 digits"),
        ("[" * 100_000, "expected JSON, found"),
    ],
)
def test_bad_json_is_told(admin_client: Client, metadata: str, expected: str) -> None:
    row = {"content_id": "c", "platform": "linkedin", "touchpoint": "view", "metadata": metadata}

    page = upload(admin_client, AttributionTracking, csv_file(row))

    assert problems(page)[2][0].startswith(f"metadata: {expected}")


@pytest.mark.parametrize("content", ['"a \\\\u0000 b"', '{"\\\\ud800": "C:\\\\u0000"}'])
def test_an_escaped_backslash_before_u0000_is_text(admin_client: Client, content: str) -> None:
    row = {"content_id": "c", "platform": "linkedin", "touchpoint": "view", "metadata": content}

    page = upload(admin_client, AttributionTracking, csv_file(row))
    assert counts(page) == {"new": 1}, problems(page)
    confirm(admin_client, page)

    assert AttributionTracking.objects.get().metadata == json.loads(content)


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
@pytest.mark.parametrize("column", ["notes", "estimated_value", "contact_name"])
def test_the_error_of_a_formula_is_a_bad_cell_in_both_formats(admin_client: Client, column: str, error: str) -> None:
    row, good = new_inquiry("a") | {column: error}, new_inquiry("b") | {column: "12"}
    workbook = xlsx_file([*row], [*row.values()], [*good.values()])

    for content, name in ((csv_file(row, good), "rows.csv"), (workbook, "rows.xlsx")):
        page = upload(admin_client, ConsultationInquiry, content, name)
        assert counts(page) == {"new": 1, "error": 1}
        ((problem,),) = problems(page).values()
        assert problem == (
            f"{column}: expected a value, not the error of a formula, found “{error}”."
            " Correct the formula, or type the value."
        )


def test_a_stored_text_that_reads_like_an_error_comes_back(admin_client: Client) -> None:
    make_inquiry(external_inquiry_id="a", notes="#REF!", contact_name="#N/A")
    for kind in ("csv", "xlsx"):
        file = exported(admin_client, ConsultationInquiry, kind)
        assert counts(upload(admin_client, ConsultationInquiry, file, f"rows.{kind}")) == {"same": 1}


def test_shares_lie_between_zero_and_one(admin_client: Client) -> None:
    make_content_pattern(pattern_type="hook", pattern_value="question")
    row = {"pattern_type": "hook", "pattern_value": "question", "confidence_score": "1.2"}

    page = upload(admin_client, ContentPattern, csv_file(row))

    assert problems(page)[2][0].startswith("confidence_score: expected a number from 0 to 1 with at most 4 decimals")


def test_rows_that_collide_are_told(admin_client: Client) -> None:
    make_inquiry(external_inquiry_id="taken")
    mine = make_inquiry(external_inquiry_id="mine")
    rename = {"inquiry_id": str(mine.pk), "external_inquiry_id": "taken", "contact_name": "Ada"}

    twice = problems(upload(admin_client, ConsultationInquiry, csv_file(new_inquiry("a"), new_inquiry("a"))))
    taken = problems(upload(admin_client, ConsultationInquiry, csv_file(rename)))

    assert twice == {3: ["external_inquiry_id: expected a value that row 2 doesn't have as well. Keep one of the two."]}
    assert taken[2][0].startswith("inquiry_id: expected ")


def test_a_unique_pair_across_a_relation_is_guarded(admin_client: Client) -> None:
    test = make_ab_test()
    make_variant(test=test, variant_name="A")
    row = {"test": str(test.pk), "variant_name": "A", "element_type": "hook", "content": "x", "expected_metric": "m"}

    page = upload(admin_client, ABTestVariant, csv_file(row))

    assert problems(page)[2][0].startswith("test and variant_name: expected a value that no other variant has.")
