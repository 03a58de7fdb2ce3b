"""Every registered page answers: to the superuser with rows, to others with a refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from analytics import models as analytics
from business_core import models as business_core
from revenue import models as revenue
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from synapse.kit.change_log import models as change_log
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_EDITABLE: dict[type[Model], Callable[..., Model]] = {
    business_core.Post: factories.make_post,
    business_core.ConsultationInquiry: factories.make_inquiry,
    business_core.BusinessPipeline: factories.make_pipeline_month,
    analytics.ContentAnalysis: factories.make_content_analysis,
    analytics.ContentPattern: factories.make_content_pattern,
    analytics.PerformancePrediction: factories.make_prediction,
    analytics.AttributionTracking: factories.make_touchpoint,
    revenue.RevenueOpportunity: factories.make_opportunity,
    revenue.ABTest: factories.make_ab_test,
    revenue.ABTestVariant: factories.make_variant,
    revenue.ContentRecommendation: factories.make_recommendation,
    revenue.ContentPiece: factories.make_content_piece,
    revenue.PlatformAdaptation: factories.make_adaptation,
}
_READ_ONLY: list[type[Model]] = [
    business_core.CurrentPipelineSummary,
    analytics.TopPerformingPattern,
    revenue.RevenuePipelineSummary,
    change_log.BusinessCoreChange,
    change_log.AnalyticsChange,
    change_log.RevenueChange,
]
_SEARCHES = ["a", "ab c", "%_\\'\"", "Ă🙂", "6f1c2c2e-8d0c-4f0e-9c53-0a3f6a1d8b11", "x" * 300]


@pytest.fixture
def rows() -> None:
    for make in _EDITABLE.values():
        make()
    for alias in ALIASES:
        refresh_views(alias=alias)


def _page(model: type[Model], kind: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=arguments)


def test_all_models_are_registered() -> None:
    assert set(_EDITABLE) | set(_READ_ONLY) <= set(site._registry)


@pytest.mark.parametrize("model", _EDITABLE)
def test_editable_pages_answer(admin_client: Client, rows: None, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    for page in (_page(model, "changelist"), _page(model, "add"), _page(model, "change", row.pk)):
        assert admin_client.get(page).status_code == 200
    for page in (_page(model, "delete", row.pk), _page(model, "history", row.pk)):
        assert admin_client.get(page).status_code == 200


@pytest.mark.parametrize("model", _READ_ONLY)
def test_read_only_pages_show_and_refuse_to_write(admin_client: Client, rows: None, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    listed = admin_client.get(_page(model, "changelist"))
    assert listed.status_code == 200
    assert listed.context["cl"].result_count >= 1
    assert admin_client.get(_page(model, "change", row.pk)).status_code == 200
    assert admin_client.get(_page(model, "add")).status_code == 403
    assert admin_client.post(_page(model, "change", row.pk), {}).status_code == 403
    assert admin_client.post(_page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", [*_EDITABLE, *_READ_ONLY])
def test_search_takes_anything(admin_client: Client, rows: None, model: type[Model]) -> None:
    for words in _SEARCHES:
        response = admin_client.get(_page(model, "changelist"), {"q": words})
        assert response.status_code == 200, words


@pytest.mark.parametrize("model", [*_EDITABLE, *_READ_ONLY])
def test_pages_refuse_strangers_and_staff_without_permission(client: Client, model: type[Model]) -> None:
    page = _page(model, "changelist")
    response = client.get(page)
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("admin:login"))

    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(page).status_code == 403


def test_view_permission_shows_the_log_and_no_other_page(client: Client, rows: None) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(_permission("view_analyticschange"))
    client.force_login(clerk)

    assert client.get(_page(change_log.AnalyticsChange, "changelist")).status_code == 200
    assert client.get(_page(change_log.RevenueChange, "changelist")).status_code == 403


def test_log_pages_show_their_own_databases_rows(admin_client: Client) -> None:
    pattern = factories.make_content_pattern()

    html = admin_client.get(_page(change_log.AnalyticsChange, "changelist")).content.decode()
    elsewhere = admin_client.get(_page(change_log.RevenueChange, "changelist")).content.decode()

    assert str(pattern.pk) in html
    assert str(pattern.pk) not in elsewhere


def test_log_search_finds_a_rows_changes(admin_client: Client) -> None:
    wanted, _ = factories.make_post(), factories.make_post()

    response = admin_client.get(_page(change_log.BusinessCoreChange, "changelist"), {"q": f" {wanted.pk} "})

    assert [entry.row_key for entry in response.context["cl"].result_list] == [wanted.pk]


@pytest.mark.parametrize(
    ("choice", "found"),
    [("new", {"Known"}), ("(other)", {"Odd", "None"}), (None, {"Known", "Odd", "None"})],
)
def test_known_values_filter_has_a_word_for_all_others(
    admin_client: Client, choice: str | None, found: set[str]
) -> None:
    factories.make_inquiry(contact_name="Known", status="new")
    factories.make_inquiry(contact_name="Odd", status="on holiday")
    factories.make_inquiry(contact_name="None", status=None)

    query = {} if choice is None else {"status": choice}
    response = admin_client.get(_page(business_core.ConsultationInquiry, "changelist"), query)

    assert {inquiry.contact_name for inquiry in response.context["cl"].result_list} == found


def test_list_has_no_second_count_and_no_query_per_row(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    test = factories.make_ab_test()
    for _ in range(20):
        factories.make_variant(test=test)

    with django_assert_max_num_queries(4, using="revenue"):
        assert admin_client.get(_page(revenue.ABTestVariant, "changelist")).status_code == 200


def _permission(codename: str) -> Any:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    return Permission.objects.get(codename=codename)
