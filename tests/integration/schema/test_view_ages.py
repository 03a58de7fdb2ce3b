"""The age of a materialized view: what a refresh writes down, and whether the view is behind its tables."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction
from django.utils import timezone

from analytics.models import ContentPattern
from synapse.foundation.materialized_views import refresh_views, view_age
from tests.factories import make_content_pattern, make_opportunity

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_VIEWS = [("analytics", "top_performing_patterns"), ("revenue", "revenue_pipeline_summary")]


@pytest.mark.parametrize(("alias", "view"), _VIEWS)
def test_view_that_was_never_refreshed_has_no_time(alias: str, view: str) -> None:
    _comment(alias, view, None)

    age = view_age(view, alias=alias)

    assert (age.view, age.refreshed_at, age.is_behind) == (view, None, False)


@pytest.mark.parametrize(("alias", "view"), _VIEWS)
def test_refresh_writes_its_time_down(alias: str, view: str) -> None:
    before = timezone.now()

    refresh_views(alias=alias)

    refreshed_at = view_age(view, alias=alias).refreshed_at
    assert refreshed_at is not None
    assert before - timedelta(seconds=1) < refreshed_at < timezone.now() + timedelta(seconds=1)


def test_refresh_that_is_rolled_back_leaves_the_time() -> None:
    _comment("analytics", "top_performing_patterns", "refreshed 2025-08-19T17:00:47.930332Z")

    with transaction.atomic(using="analytics"):
        refresh_views(alias="analytics")
        transaction.set_rollback(True, using="analytics")

    refreshed_at = view_age("top_performing_patterns", alias="analytics").refreshed_at
    assert refreshed_at is not None
    assert refreshed_at.isoformat() == "2025-08-19T17:00:47.930332+00:00"


@pytest.mark.parametrize(
    "comment", ["see the wiki", "refreshed yesterday", "refreshed 2025-99-99T99:99:99.000000Z", ""]
)
def test_comment_of_somebody_else_is_no_time(comment: str) -> None:
    _comment("analytics", "top_performing_patterns", comment)

    assert view_age("top_performing_patterns", alias="analytics").refreshed_at is None


def test_view_is_behind_only_where_its_rows_would_change() -> None:
    pattern = make_content_pattern()
    refresh_views(alias="analytics")
    assert not _patterns_are_behind()

    ContentPattern.objects.update(recommendation="of no concern to the view")
    assert not _patterns_are_behind()

    ContentPattern.objects.update(sample_size=99)
    assert _patterns_are_behind()

    refresh_views(alias="analytics")
    assert not _patterns_are_behind()

    pattern.delete()
    assert _patterns_are_behind()


def test_summary_is_behind_a_new_opportunity_and_not_a_lost_one() -> None:
    make_opportunity(customer_segment="startups", confidence_score=Decimal("0.3333"))
    refresh_views(alias="revenue")

    make_opportunity(status="lost")
    assert not view_age("revenue_pipeline_summary", alias="revenue").is_behind

    make_opportunity(customer_segment="startups", confidence_score=Decimal("0.6667"))
    assert view_age("revenue_pipeline_summary", alias="revenue").is_behind


def test_ages_do_not_follow_the_callers_search_path() -> None:
    make_content_pattern()
    with connections["analytics"].cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE content_patterns (nothing text)")
        cursor.execute("SET LOCAL search_path = pg_temp, public")

        assert _patterns_are_behind()


def test_unknown_view_is_said() -> None:
    with pytest.raises(LookupError, match="analytics has no materialized view 'other'"):
        view_age("other", alias="analytics")


def _patterns_are_behind() -> bool:
    return view_age("top_performing_patterns", alias="analytics").is_behind


def _comment(alias: str, view: str, words: str | None) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"COMMENT ON MATERIALIZED VIEW {view} IS %s", [words])
