"""Editing on an admin page changes what the person changed, in their name, and nothing else."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_inquiry, make_opportunity, make_post, make_prediction, make_variant
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql, told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

# The hour that comes twice in Bucharest: the second of them.
_DOUBLED_HOUR = datetime(2024, 10, 27, 1, 30, 15, 123456, tzinfo=UTC)


def _url(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _save(client: Client, row: Model, **typed: Any) -> Any:
    """Open the row's page, type, and press Save."""
    fields = submitted(client.get(_url(row)).content.decode())
    assert fields
    response = client.post(_url(row), fields | typed)
    assert response.status_code == 302, response.context["adminform"].form.errors
    return response


def _hostile_inquiry() -> ConsultationInquiry:
    return make_inquiry(
        contact_name="  Ada\n",
        company=None,
        industry="",
        notes="line\nline\r\nline \n",
        status="on holiday",
        inquiry_type="nobody_knows",
        last_contact=_DOUBLED_HOUR,
        estimated_value=None,
        created_at=None,
    )


def test_saving_an_untouched_page_changes_nothing(admin_client: Client) -> None:
    rows = [
        _hostile_inquiry(),
        make_inquiry(contact_name="", inquiry_channel=" "),
        make_post(content=" \n\ntext\t", posted_at=_DOUBLED_HOUR, platform="mastodon"),
        make_prediction(key_factors={"b": [1.50, None], "a": "\u00e9"}, recommendations=[]),
        make_opportunity(engagement_history=None, status=None),
    ]

    for row in rows:
        _save(admin_client, row)

    assert [told(row) for row in rows] == [[("insert", None)]] * len(rows)


def test_an_edit_changes_one_column_in_the_users_name(admin_client: Client) -> None:
    inquiry = _hostile_inquiry()

    _save(admin_client, inquiry, status="contacted")

    entry = changes_of(inquiry)[-1]
    old, new = dict(entry.old or {}), dict(entry.new or {})
    assert (old.pop("updated_at") is None, new.pop("updated_at") is None) == (False, False)
    assert (entry.author, old, new) == ("admin", {"status": "on holiday"}, {"status": "contacted"})


def test_an_edit_keeps_digits_that_python_can_not_hold(admin_client: Client) -> None:
    prediction = make_prediction()
    run_sql("analytics", "UPDATE performance_predictions SET key_factors = '[0.12345678901234567890123]'")

    _save(admin_client, prediction, predicted_consultation_requests="9")

    assert changes_of(prediction)[-1].new == {"predicted_consultation_requests": 9}


def test_clearing_a_nullable_text_makes_it_null(admin_client: Client) -> None:
    inquiry = make_inquiry(notes="Call back")

    _save(admin_client, inquiry, notes="")

    new = changes_of(inquiry)[-1].new or {}
    assert (set(new), new["notes"]) == ({"notes", "updated_at"}, None)


def test_a_value_neither_known_nor_the_rows_own_is_refused(admin_client: Client) -> None:
    inquiry = make_inquiry()
    fields = submitted(admin_client.get(_url(inquiry)).content.decode())

    response = admin_client.post(_url(inquiry), fields | {"status": "typo"})

    assert response.status_code == 200
    assert "status" in response.context["adminform"].form.errors


def test_an_edit_does_not_undo_one_made_while_the_page_was_open(admin_client: Client) -> None:
    post = make_post()
    fields = submitted(admin_client.get(_url(post)).content.decode())
    Post.objects.update(week_theme="Changed meanwhile")

    admin_client.post(_url(post), fields | {"likes": "5"})

    post.refresh_from_db()
    assert (post.likes, post.week_theme) == (5, "Changed meanwhile")


def test_adding_with_an_inline_keeps_the_servers_defaults(admin_client: Client) -> None:
    page = reverse("admin:revenue_abtest_add")
    fields = submitted(admin_client.get(page).content.decode())
    fields |= {
        "test_name": "Hooks",
        "hypothesis": "Questions work.",
        "element_type": "hook",
        "start_date_0": "2025-01-20",
        "start_date_1": "07:00:00",
        "variants-TOTAL_FORMS": "2",
        "variants-0-variant_name": "A",
        "variants-0-content": "Why?",
        "variants-0-expected_metric": "engagement_rate",
        "variants-1-variant_name": "B",
        "variants-1-content": "Why not?",
        "variants-1-expected_metric": "engagement_rate",
    }

    response = admin_client.post(page, fields)

    assert response.status_code == 302, response.context["errors"]
    test, variant = ABTest.objects.get(), ABTestVariant.objects.get(variant_name="A")
    assert (test.status, test.traffic_split, test.minimum_sample_size) == ("active", Decimal("0.50"), 100)
    assert test.created_at is not None
    assert (variant.test_id, variant.engagement_rate) == (test.pk, Decimal(0))
    assert told(test) == told(variant) == [("insert", "admin")]


def test_editing_an_inline_row_changes_that_row_alone(admin_client: Client) -> None:
    test = make_ab_test()
    touched, untouched = make_variant(test=test, content="Why? \n"), make_variant(test=test)
    fields = submitted(admin_client.get(_url(test)).content.decode())
    place = next(name for name, value in fields.items() if value == str(touched.pk)).removesuffix("variant_id")

    _save(admin_client, test, **{f"{place}impressions": "7"})

    assert changes_of(touched)[-1].new == {"impressions": 7}
    assert told(untouched) == told(test) == [("insert", None)]


def test_deleting_is_logged_with_what_it_takes_along(admin_client: Client) -> None:
    test = make_ab_test()
    variant = make_variant(test=test)
    page = reverse("admin:revenue_abtest_delete", args=[test.pk])

    admin_client.post(page, {"post": "yes"})

    assert told(test) == told(variant) == [("insert", None), ("delete", "admin")]
