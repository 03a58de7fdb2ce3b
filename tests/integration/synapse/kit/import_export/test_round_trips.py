"""What an export holds, an import of it finds the same: every table, hostile values, both formats."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db.models import Model, TextField
from django.test import Client
from openpyxl import load_workbook

from analytics import models as analytics
from business_core import models as business_core
from revenue import models as revenue
from tests import factories
from tests.imports import execute
from tests.integration.synapse.kit.change_log.history import told
from tests.integration.synapse.kit.import_export.files import (
    address,
    confirm,
    counts,
    exported,
    lines,
    upload,
    xlsx_rows,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_TABLES: list[Callable[..., Model]] = [
    factories.make_post,
    factories.make_inquiry,
    factories.make_pipeline_month,
    factories.make_content_analysis,
    factories.make_content_pattern,
    factories.make_prediction,
    factories.make_touchpoint,
    factories.make_opportunity,
    factories.make_ab_test,
    factories.make_variant,
    factories.make_recommendation,
    factories.make_content_piece,
    factories.make_adaptation,
]
_HOSTILE = [
    "=cmd|' /C calc'!A0",
    "",
    "'",
    "'quoted",
    "\u202etxt.exe",
    "\x01\x08\x0b\x1f\x7f\x85",
    "one\r\ntwo\rthree\nfour\n",
    "  blanks \t",
    '"quotes", commas; semicolons\tand tabs',
    "_x000D_ and _x0041_",
    "#N/A",
    "true",
    "007",
    "\ufeffmark \ufffe\uffff \U0001f600 é",
    "<script>alert(1)</script>",
    "NULL",
    'a;=1+1\n=HYPERLINK("x";"y")\t@b;"=c;\'=d',
    "x" * 32_767,
]


def _hostile_rows(make: Callable[..., Model]) -> list[Model]:
    """Return a row per hostile text, which stands in every text column, and one of NULLs."""
    model = type(make())
    columns = [field for field in model._meta.concrete_fields if isinstance(field, TextField)]
    unique = {name for constraint in model._meta.constraints for name in getattr(constraint, "fields", ())}
    rows = []
    for number, text in enumerate(_HOSTILE):
        rows.append(make(**{field.name: _unlike(text, number) if field.name in unique else text for field in columns}))
    nullable = [field.name for field in model._meta.concrete_fields if field.null and not field.remote_field]
    return [*rows, make(**dict.fromkeys(nullable))]


def _unlike(text: str, number: int) -> str:
    return f"{text[:2_000]}{number}"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("make", _TABLES, ids=lambda make: make.__name__)
def test_an_export_imported_again_changes_nothing(admin_client: Client, make: Callable[..., Model], kind: str) -> None:
    rows = _hostile_rows(make)

    page = upload(admin_client, type(rows[0]), exported(admin_client, type(rows[0]), kind), f"rows.{kind}")

    assert counts(page) == {"same": len(rows) + 1}
    assert page.context["notes"] == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("make", _TABLES, ids=lambda make: make.__name__)
def test_deleted_rows_come_back_whole_from_an_export(
    admin_client: Client, make: Callable[..., Model], kind: str
) -> None:
    row = make(**_full(type(make())))
    model = type(row)
    model._base_manager.exclude(pk=row.pk).delete()
    columns = [field.attname for field in model._meta.concrete_fields]
    before = model._base_manager.values(*columns).get()
    file = exported(admin_client, model, kind)
    model._base_manager.all().delete()

    page = upload(admin_client, model, file, f"rows.{kind}")
    assert counts(page) == {"new": 1}
    confirm(admin_client, page)

    assert model._base_manager.values(*columns).get() == before
    assert counts(upload(admin_client, model, file, f"rows.{kind}")) == {"same": 1}


@pytest.mark.parametrize("make", _TABLES, ids=lambda make: make.__name__)
def test_a_row_of_nulls_comes_back_without_the_servers_defaults(
    admin_client: Client, make: Callable[..., Model]
) -> None:
    fields = type(make())._meta.concrete_fields
    row = make(**{field.name: None for field in fields if field.null and not field.remote_field})
    model = type(row)
    model._base_manager.exclude(pk=row.pk).delete()
    columns = [field.attname for field in fields]
    before = model._base_manager.values(*columns).get()
    file = exported(admin_client, model)
    model._base_manager.all().delete()

    page = upload(admin_client, model, file)
    shown = {column for column, _, new in page.context["shown"]["new"][0].cells if new == "NULL"}
    assert shown == {field.name for field in fields if field.null and field.has_db_default()}
    confirm(admin_client, page)

    assert model._base_manager.values(*columns).get() == before


def _full(model: type[Model]) -> dict[str, Any]:
    """Return hostile values that a new row may have, for the texts and the times."""
    moment = datetime(2024, 10, 27, 1, 30, 15, 123456, tzinfo=UTC)
    names = {f.name for f in model._meta.concrete_fields if isinstance(f, TextField)}
    # Who won comes from no file, so that column alone isn't brought back.
    texts = {name: f" =1+1\r\n{name}\x02\u202e" for name in names - {"winning_variant"}}
    times = {f.name: moment for f in model._meta.concrete_fields if f.get_internal_type() == "DateTimeField"}
    return texts | times


def test_numbers_are_numbers_and_texts_are_never_formulas_in_xlsx(admin_client: Client) -> None:
    factories.make_inquiry(
        contact_name="=1+1", estimated_value=Decimal("-25000.50"), priority_score=-3, notes="-3", company="#N/A"
    )
    file = exported(admin_client, business_core.ConsultationInquiry, "xlsx")

    headings, row = xlsx_rows(file)

    cells = dict(zip(headings, row, strict=True))
    assert (cells["contact_name"], cells["notes"]) == ("'=1+1", "'-3")
    assert (cells["estimated_value"], cells["priority_score"]) == (-25000.5, -3)
    assert {cell.data_type for row in load_workbook(BytesIO(file)).active for cell in row} == {"s", "n"}


def test_no_program_finds_a_formula_wherever_it_splits_a_csv(admin_client: Client) -> None:
    for text in _HOSTILE:
        factories.make_inquiry(notes=text, company=text)
    file = exported(admin_client, business_core.ConsultationInquiry).decode("utf-8-sig")

    for delimiter in ";\t,":
        pieces = [piece for line in re.split("[\r\n]", file) for piece in line.split(delimiter)]
        assert not [piece for piece in pieces if piece.lstrip(' "').startswith(("=", "@"))]


def test_null_the_empty_text_and_an_apostrophe_differ(admin_client: Client) -> None:
    for external, notes in [("a", None), ("b", ""), ("c", "'")]:
        factories.make_inquiry(external_inquiry_id=external, notes=notes)

    rows = lines(exported(admin_client, business_core.ConsultationInquiry))

    assert {row["external_inquiry_id"]: row["notes"] for row in rows} == {"a": "", "b": "'", "c": "''"}


def test_moments_have_their_offset_and_microseconds(admin_client: Client) -> None:
    factories.make_post(posted_at=datetime(2024, 10, 27, 1, 30, 15, 123456, tzinfo=UTC))

    (row,) = lines(exported(admin_client, business_core.Post))

    assert row["posted_at"] == "2024-10-27T03:30:15.123456+02:00"


def test_json_keeps_the_digits_python_would_lose(admin_client: Client) -> None:
    prediction = factories.make_prediction()
    execute("analytics", "UPDATE performance_predictions SET key_factors = '[0.12345678901234567890123, 1.50, null]'")

    file = exported(admin_client, analytics.PerformancePrediction)

    assert lines(file)[0]["key_factors"] == "[0.12345678901234567890123, 1.50, null]"
    assert counts(upload(admin_client, analytics.PerformancePrediction, file)) == {"same": 1}
    assert [operation for operation, _ in told(prediction)] == ["insert", "update"]


def test_a_relation_is_named_by_the_other_rows_own_key(admin_client: Client) -> None:
    post = factories.make_post(external_post_id="=post")
    factories.make_inquiry(source_post=post)
    test = factories.make_ab_test()
    factories.make_variant(test=test)

    (inquiry,) = lines(exported(admin_client, business_core.ConsultationInquiry))
    (variant,) = lines(exported(admin_client, revenue.ABTestVariant))

    assert inquiry["source_post"] == "'=post"
    assert variant["test"] == str(test.pk)


def test_a_text_too_long_for_a_cell_of_xlsx_is_refused_in_a_sentence(admin_client: Client) -> None:
    factories.make_post(content="x" * 32_768)

    page = admin_client.get(address(business_core.Post, "export", "xlsx"), follow=True)

    (message,) = [str(message) for message in page.context["messages"]]
    assert message == (
        "content of row 2 has 32,768 characters, and a cell of XLSX holds 32,767. Export CSV, which holds all."
    )
