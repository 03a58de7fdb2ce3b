"""Numbers in the reader's own spelling: never a silent factor of a thousand; asked once where two readings fit."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from analytics.models import ContentPattern
from business_core.models import ConsultationInquiry, Post
from tests.factories import make_content_pattern, make_inquiry
from tests.integration.synapse.kit.import_export.files import (
    address,
    confirm,
    counts,
    csv_file,
    exported,
    messages,
    new_inquiry,
    problems,
    upload,
    xlsx_file,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _values(**numbers: str) -> bytes:
    return csv_file(*(new_inquiry(key, estimated_value=number) for key, number in numbers.items()), delimiter=";")


def _stored() -> dict[str, Decimal | None]:
    return dict(ConsultationInquiry.objects.values_list("external_inquiry_id", "estimated_value"))


def _preview(client: Client, page: Any, **marks: str) -> Any:
    answers = {f"decimals-{column}": mark for column, mark in marks.items()}
    return client.get(page.request["PATH_INFO"], answers)


@pytest.mark.parametrize("number", ["1.234", "1,234", "12.000", "€ 12,000"])
def test_a_column_with_two_readings_is_asked_about_and_not_imported(admin_client: Client, number: str) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a=number, b="12", c=number))

    assert counts(page) == {"new": 1, "error": 2}
    assert problems(page)[2][0].startswith(
        f"estimated_value: expected a number that can be read in one way only, found “{number}”."
    )
    (question,) = page.context["questions"]
    assert (question.column, question.example, question.cells, question.answer) == ("estimated_value", number, 2, None)
    html = page.content.decode()
    assert html.count('name="decimals-estimated_value"') == 2
    assert f"{question.point} (the point is the decimal mark)" in html
    assert f"{question.comma} (the comma is the decimal mark)" in html
    assert Decimal(question.point) in {Decimal(question.comma) * 1000, Decimal(question.comma) / 1000}


@pytest.mark.parametrize(("mark", "value"), [("comma", Decimal(12000)), ("point", Decimal(12))])
def test_the_answer_is_what_is_imported(admin_client: Client, mark: str, value: Decimal) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="12.000"))

    answered = _preview(admin_client, page, estimated_value=mark)
    assert counts(answered) == {"new": 1}
    assert answered.context["questions"][0].answer == mark
    # As the page's form sends it: the hidden input of the answer.
    assert f'<input type="hidden" name="decimals-estimated_value" value="{mark}">' in answered.content.decode()
    confirm(admin_client, answered, **{"decimals-estimated_value": mark})

    assert _stored() == {"a": value}


def test_the_answer_that_was_not_shown_is_not_imported(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="12.000"))
    answered = _preview(admin_client, page, estimated_value="comma")

    refused = confirm(admin_client, answered, **{"decimals-estimated_value": "point"})

    assert refused.status_code == 409
    assert _stored() == {}


def test_an_answer_that_is_none_is_no_answer(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="12.000"))

    assert counts(_preview(admin_client, page, estimated_value="both")) == {"error": 1}
    assert counts(_preview(admin_client, page, no_such_column="comma")) == {"error": 1}


@pytest.mark.parametrize(
    ("telling", "number", "value"),
    [
        ("1.234,56", "1.234", Decimal(1234)),
        ("0,5", "1.234", Decimal(1234)),
        ("1.234.567", "12.000", Decimal(12000)),
        ("1,234.56", "1,234", Decimal(1234)),
        ("0.5", "12,000", Decimal(12000)),
    ],
)
def test_a_value_that_can_be_read_one_way_decides_its_column(
    admin_client: Client, telling: str, number: str, value: Decimal
) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a=number, b=telling))
    assert page.context["questions"] == ()
    confirm(admin_client, page)

    assert _stored()["a"] == value


@pytest.mark.parametrize(("telling", "number"), [("1234.56", "12.000"), ("1,234.56", "1.500"), ("0,5", "1,500")])
def test_more_decimals_than_the_column_has_are_asked_about_all_the_same(
    admin_client: Client, telling: str, number: str
) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a=number, b=telling))

    assert counts(page) == {"new": 1, "error": 1}
    assert page.context["questions"][0].example == number


def test_a_column_that_shows_both_marks_is_asked_about(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="1.5", b="2,5", c="3.000"))

    assert counts(page) == {"new": 2, "error": 1}
    assert page.context["questions"][0].example == "3.000"


def test_each_column_is_decided_by_its_own_values(admin_client: Client) -> None:
    row = new_inquiry("a", estimated_value="1,5", priority_score="1.234")
    other = new_inquiry("b", estimated_value="1.234", priority_score="7")

    page = upload(admin_client, ConsultationInquiry, csv_file(row, other))

    assert [question.column for question in page.context["questions"]] == ["priority_score"]


def test_whole_numbers_are_asked_about_too(admin_client: Client) -> None:
    row = {"external_post_id": "p", "content": "é", "posted_at": "2025-01-20T09:00:00+02:00", "impressions": "1.000"}

    page = upload(admin_client, Post, csv_file(row))
    confirm(admin_client, _preview(admin_client, page, impressions="comma"), **{"decimals-impressions": "comma"})

    assert counts(page) == {"error": 1}
    assert Post.objects.get().impressions == 1000


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("1.234,56 €", Decimal("1234.56")),
        ("$1,234.56", Decimal("1234.56")),
        ("1\u202f234,5", Decimal("1234.5")),
        ("1\u2019234.50", Decimal("1234.5")),
        ("(1,200.50)", Decimal("-1200.5")),
        ("\u221212", Decimal(-12)),
    ],
)
def test_a_spelling_that_says_all_is_taken(admin_client: Client, number: str, value: Decimal) -> None:
    for content, name in (
        (_values(a=number), "rows.csv"),
        (xlsx_file([*new_inquiry("b"), "estimated_value"], [*new_inquiry("b").values(), number]), "rows.xlsx"),
    ):
        confirm(admin_client, upload(admin_client, ConsultationInquiry, content, name))

    assert _stored() == {"a": value, "b": value}


def test_numbers_of_a_workbook_are_numbers(admin_client: Client) -> None:
    row = new_inquiry("a")
    page = upload(
        admin_client,
        ConsultationInquiry,
        xlsx_file([*row, "estimated_value"], [*row.values(), 1234.5], [*new_inquiry("b").values(), "1.234"]),
        "rows.xlsx",
    )

    assert counts(page) == {"new": 1, "error": 1}


def test_a_share_may_be_a_percentage_and_cannot_be_a_thousand(admin_client: Client) -> None:
    make_content_pattern(pattern_type="hook", pattern_value="question")
    for text, value in (("12,5 %", "0.1250"), ("7%", "0.0700"), ("0,25", "0.2500"), ("1.000", "1.0000")):
        row = {"pattern_type": "hook", "pattern_value": "question", "confidence_score": text}
        confirm(admin_client, upload(admin_client, ContentPattern, csv_file(row)))
        assert ContentPattern.objects.get().confidence_score == Decimal(value), text


@pytest.mark.parametrize("number", ["12%", "12k", "12 Mio", "1_000", "NaN", "1.234.56"])
def test_what_is_no_number_of_the_column_is_bad(admin_client: Client, number: str) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a=number))

    assert problems(page)[2][0].startswith("estimated_value: expected a number from")
    assert page.context["questions"] == ()


def test_a_decimal_comma_that_was_found_is_said(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="1,5"))

    assert "estimated_value: numbers are read with a decimal comma, as one of them shows." in page.context["notes"]


def test_the_same_number_spelled_otherwise_is_no_change(admin_client: Client) -> None:
    make_inquiry(external_inquiry_id="a", estimated_value=Decimal("1234.50"))
    file = csv_file({"external_inquiry_id": "a", "estimated_value": "1.234,50"})

    assert counts(upload(admin_client, ConsultationInquiry, file)) == {"same": 1}


def test_an_export_is_never_asked_about(admin_client: Client) -> None:
    for number in ("1000.00", "12.00", "0.50", "1234567.89"):
        make_inquiry(external_inquiry_id=number, estimated_value=Decimal(number), priority_score=1000)

    page = upload(admin_client, ConsultationInquiry, exported(admin_client, ConsultationInquiry))

    assert (counts(page), page.context["questions"]) == ({"same": 4}, ())


def test_the_bad_rows_keep_the_spelling_and_follow_the_answer(admin_client: Client) -> None:
    page = upload(admin_client, ConsultationInquiry, _values(a="12.000", b="x"))
    token = page.request["PATH_INFO"].rstrip("/").rpartition("/")[2]

    def bad_rows(**answers: str) -> str:
        response: Any = admin_client.get(address(ConsultationInquiry, "import_bad_rows", token), answers)
        return bytes(b"".join(response.streaming_content)).decode()

    assert "12.000" in bad_rows()
    assert "12.000" not in bad_rows(**{"decimals-estimated_value": "comma"})
    assert (
        "bad-rows/?decimals-estimated_value=comma"
        in _preview(admin_client, page, estimated_value="comma").content.decode()
    )


def test_the_key_of_a_row_without_one_is_the_same_for_either_answer(admin_client: Client) -> None:
    row = {"contact_name": "Ada", "inquiry_type": "x", "inquiry_channel": "email", "estimated_value": "1.000"}
    for mark in ("comma", "point"):
        page = upload(admin_client, ConsultationInquiry, csv_file(row))
        answered = _preview(admin_client, page, estimated_value=mark)
        assert messages(confirm(admin_client, answered, **{"decimals-estimated_value": mark}))

    assert ConsultationInquiry.objects.get().estimated_value == Decimal(1)
