"""Refreshing the materialized views, from Python, the command line and SQL."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from analytics.models import TopPerformingPattern
from business_core.models import CurrentPipelineSummary
from revenue.models import RevenuePipelineSummary
from synapse.foundation.databases import ALIASES
from synapse.foundation.materialized_views import refresh_views
from tests.factories import make_content_pattern, make_inquiry, make_opportunity

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_new_rows_show_after_a_refresh_and_not_before() -> None:
    make_content_pattern(pattern_value="strong")
    make_content_pattern(pattern_value="small sample", sample_size=9)
    make_opportunity(customer_segment="startups", revenue_potential=1000)
    make_opportunity(customer_segment="startups", revenue_potential=500)
    make_opportunity(customer_segment="lost", status="lost")
    assert not TopPerformingPattern.objects.exists()

    assert refresh_views(alias="default") == []
    assert refresh_views(alias="analytics") == ["top_performing_patterns"]
    assert refresh_views(alias="revenue") == ["revenue_pipeline_summary"]

    assert [row.pattern_value for row in TopPerformingPattern.objects.all()] == ["strong"]
    summary = RevenuePipelineSummary.objects.get()
    assert summary.customer_segment == "startups"
    assert summary.total_opportunities == 2
    assert summary.total_pipeline_value == Decimal(1500)


def test_current_pipeline_counts_30_days_at_once() -> None:
    make_inquiry(estimated_value=100)
    make_inquiry(estimated_value=300, status="contacted")
    make_inquiry(estimated_value=9000, created_at="2020-01-01T00:00:00Z")

    summary = CurrentPipelineSummary.objects.get()

    assert (summary.total_inquiries, summary.new_inquiries) == (2, 1)
    assert (summary.total_pipeline_value, summary.avg_deal_value) == (Decimal(400), Decimal(200))


@pytest.mark.parametrize("alias", ALIASES)
def test_functions_do_not_follow_the_callers_search_path(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pg_matviews (schemaname text, matviewname text)")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        assert len(refresh_views(alias=alias)) == (alias != "default")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ([], 3),
        (["--database=revenue"], 1),
        (["--database=synapse_analytics_intelligence"], 1),
    ],
)
def test_command_refreshes_what_it_is_told(arguments: list[str], lines: int) -> None:
    output = StringIO()

    call_command("refresh_views", *arguments, stdout=output)

    assert len(output.getvalue().splitlines()) == lines


def test_command_refuses_an_unknown_database() -> None:
    with pytest.raises(CommandError, match="There is no database 'other': name one of default, analytics"):
        call_command("refresh_views", "--database=other")
