"""A materialized view without data, as a restore in parts leaves it: whoever comes first fills it."""

import pytest
from django.test import Client

from analytics.models import TopPerformingPattern
from revenue.models import RevenuePipelineSummary
from synapse.foundation import materialized_views
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views, view_age
from tests.factories import make_content_pattern, make_opportunity
from tests.imports import execute, rows

pytestmark = pytest.mark.django_db(databases=ALIASES)

VIEWS = [
    ("analytics", "top_performing_patterns", "refresh_analytics_views"),
    ("revenue", "revenue_pipeline_summary", "refresh_revenue_views"),
]


def empty(alias: str, view: str) -> None:
    execute(alias, f"REFRESH MATERIALIZED VIEW {view} WITH NO DATA")


@pytest.fixture
def emptied() -> None:
    make_content_pattern(pattern_value="strong")
    make_opportunity(customer_segment="startups")
    for alias, view, _ in VIEWS:
        empty(alias, view)


@pytest.mark.parametrize(("alias", "view", "function"), VIEWS)
def test_a_refresh_fills_it(alias: str, view: str, function: str, emptied: None) -> None:
    assert rows(alias, f"SELECT * FROM {function}()") == [(view,)]
    assert rows(alias, f"SELECT count(*) FROM {view}") == [(1,)]

    # The second time readers are not locked out.
    assert refresh_views(alias=alias) == [view]


@pytest.mark.parametrize(("alias", "view", "function"), VIEWS)
def test_a_view_without_its_unique_index_is_refreshed_all_the_same(
    alias: str, view: str, function: str, emptied: None
) -> None:
    (index,) = rows(alias, f"SELECT indexname FROM pg_indexes WHERE tablename = '{view}'")[0]
    execute(alias, f"DROP INDEX {index}")

    assert refresh_views(alias=alias) == refresh_views(alias=alias) == [view]


def test_reading_its_rows_fills_it(emptied: None) -> None:
    assert [row.pattern_value for row in TopPerformingPattern.objects.all()] == ["strong"]
    assert RevenuePipelineSummary.objects.count() == 1


def test_its_age_fills_it(emptied: None) -> None:
    age = view_age("revenue_pipeline_summary", alias="revenue")

    assert age.refreshed_at is not None
    assert not age.is_behind


def test_the_sql_function_calls_it_behind(emptied: None) -> None:
    assert rows("revenue", "SELECT view_name, is_behind FROM materialized_view_ages()") == [
        ("revenue_pipeline_summary", True)
    ]


@pytest.mark.parametrize(
    "page",
    [
        "/admin/",
        "/admin/analytics/topperformingpattern/",
        "/admin/revenue/revenuepipelinesummary/",
        "/admin/revenue/revenueopportunity/",
        "/admin/dashboards/analytics/",
        "/admin/dashboards/revenue/",
    ],
)
def test_no_page_breaks(page: str, emptied: None, admin_client: Client) -> None:
    assert admin_client.get(page).status_code == 200


def test_a_view_that_cannot_be_filled_has_no_rows(emptied: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialized_views, "_REFRESH_FUNCTIONS", {"revenue": "no_such_function"})

    assert list(RevenuePipelineSummary.objects.all()) == []
    assert RevenuePipelineSummary.objects.count() == 0
    # The transaction is as good as before.
    assert rows("revenue", "SELECT 1") == [(1,)]
