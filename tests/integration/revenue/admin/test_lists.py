"""The lists of the revenue database: people's words, filters, and as many queries for a hundred rows as for ten."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    make_adaptation,
    make_content_piece,
    make_opportunity,
    make_recommendation,
    make_variant,
)
from tests.imports import execute
from tests.integration.revenue.ab_rows import make_counted_test, make_won_test
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_HOSTILE = "<script>alert(1)</script>\u202e"


def _html(client: Client, model: str, **query: str) -> str:
    response = client.get(f"/admin/revenue/{model}/", query)
    assert response.status_code == 200
    return response.content.decode()


def _adapted_piece() -> None:
    make_adaptation(content=make_content_piece())


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("abtest", make_won_test),
        ("abtestvariant", lambda: make_variant(test=make_won_test())),
        ("revenueopportunity", make_opportunity),
        ("contentrecommendation", make_recommendation),
        ("contentpiece", _adapted_piece),
        ("platformadaptation", _adapted_piece),
    ],
)
def test_a_long_list_costs_as_many_queries_as_a_short_one(
    admin_client: Client, model: str, make: Callable[[], Any]
) -> None:
    counted = []
    for more in (10, 30):
        for _ in range(more):
            make()
        with CaptureQueriesContext(connections["revenue"]) as captured:
            html = _html(admin_client, model)
        counted.append((len(captured), html.count('name="_selected_action"')))

    assert counted[0][0] == counted[1][0]
    assert counted[0][1] < counted[1][1]


def test_opportunities_speak_of_money_and_shares(admin_client: Client) -> None:
    make_opportunity(
        revenue_potential=Decimal("85000.00"), confidence_score=Decimal("0.6000"), next_action="Call\n\nher"
    )

    html = _html(admin_client, "revenueopportunity")

    assert all(words in html for words in ("$85,000", "60.0%", "Call her"))


def test_opportunities_are_found_by_segment_and_by_score(admin_client: Client) -> None:
    make_opportunity(customer_segment="founders", confidence_score=Decimal("0.9000"), lead_source="one")
    make_opportunity(customer_segment="founders", confidence_score=Decimal("0.2000"), lead_source="two")
    make_opportunity(customer_segment="officers", confidence_score=Decimal("0.9000"), lead_source="three")
    execute("revenue", "REFRESH MATERIALIZED VIEW revenue_pipeline_summary")

    found = _html(admin_client, "revenueopportunity", segment="founders", confidence_score_from="0.5")

    assert "segment=officers" in _html(admin_client, "revenueopportunity")
    assert (">one<" in found, ">two<" in found, ">three<" in found) == (True, False, False)


def test_adaptations_are_found_by_platform(admin_client: Client) -> None:
    make_adaptation(platform="newsletter", adapted_content="A letter")
    make_adaptation(platform="mastodon", adapted_content="A toot")

    letters, others = (
        _html(admin_client, "platformadaptation", platform=platform) for platform in ("newsletter", "(other)")
    )

    assert ("A letter" in letters, "A toot" in letters) == (True, False)
    assert ("A letter" in others, "A toot" in others) == (False, True)


def test_a_piece_leads_to_its_adaptations(admin_client: Client) -> None:
    piece = make_content_piece()
    make_adaptation(content=piece, adapted_content="Mine")
    make_adaptation(content=make_content_piece(), adapted_content="Another's")

    assert f'href="/admin/revenue/platformadaptation/?content__exact={piece.pk}">1</a>' in _html(
        admin_client, "contentpiece"
    )
    found = _html(admin_client, "platformadaptation", content__exact=str(piece.pk))
    assert ("Mine" in found, "Another" in found) == (True, False)


def test_how_often_a_piece_was_adapted_is_for_who_may_see_adaptations(client: Client) -> None:
    _adapted_piece()
    client.force_login(clerk("view_contentpiece"))

    assert "platformadaptation" not in _html(client, "contentpiece")


def _hostile_segment() -> None:
    make_opportunity(customer_segment=_HOSTILE)
    execute("revenue", "REFRESH MATERIALIZED VIEW revenue_pipeline_summary")


@pytest.mark.parametrize(
    ("model", "make"),
    [
        (
            "revenueopportunity",
            lambda: make_opportunity(
                customer_segment=_HOSTILE, next_action=_HOSTILE, lead_source=_HOSTILE, status=_HOSTILE
            ),
        ),
        (
            "contentrecommendation",
            lambda: make_recommendation(
                content_topic=_HOSTILE, target_audience=_HOSTILE, reasoning=_HOSTILE, recommendation_type=_HOSTILE
            ),
        ),
        ("abtest", lambda: make_counted_test((1, 2), (3, 4), names=(_HOSTILE, "B"), test_name=_HOSTILE)),
        ("abtestvariant", lambda: make_counted_test((1, 2), (3, 4), names=(_HOSTILE, "B"), test_name=_HOSTILE)),
        ("abtestvariant", lambda: make_variant(variant_name=_HOSTILE, expected_metric=_HOSTILE)),
        ("abtest", lambda: make_won_test(names=("A", _HOSTILE), status=_HOSTILE, element_type=_HOSTILE)),
        ("revenuepipelinesummary", _hostile_segment),
        ("contentpiece", lambda: make_content_piece(original_content=_HOSTILE, business_objective=_HOSTILE)),
        (
            "platformadaptation",
            lambda: make_adaptation(
                adapted_content=_HOSTILE,
                content=make_content_piece(original_content=_HOSTILE),
                platform=_HOSTILE,
                status=_HOSTILE,
                post_id=_HOSTILE,
            ),
        ),
    ],
)
def test_hostile_text_is_harmless(admin_client: Client, model: str, make: Callable[[], Any]) -> None:
    make()

    html = _html(admin_client, model)

    assert "<script>alert" not in html
    assert "\u202e" not in html
