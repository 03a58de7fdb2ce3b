"""Hostile text in every text column of every table: harmless on every page."""

from itertools import chain
from pathlib import Path

import pytest
from django.db.models import CharField, Model, TextField
from django.http import HttpResponseBase
from django.test import Client

from analytics.models import AttributionTracking, ContentAnalysis, ContentPattern, PerformancePrediction
from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from revenue.models import (
    ABTest,
    ABTestVariant,
    ContentPiece,
    ContentRecommendation,
    PlatformAdaptation,
    RevenueOpportunity,
)
from tests.every_page.addresses import every_address, first_row
from tests.every_page.paths import paths_of
from tests.integration.every_page.conftest import HOSTILE

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_TABLES: tuple[type[Model], ...] = (
    Post,
    ConsultationInquiry,
    BusinessPipeline,
    ContentAnalysis,
    ContentPattern,
    PerformancePrediction,
    AttributionTracking,
    RevenueOpportunity,
    ABTest,
    ABTestVariant,
    ContentRecommendation,
    ContentPiece,
    PlatformAdaptation,
)


def test_hostile_text_is_text_on_every_page(furnished: Path, admin_client: Client, quiet_refusals: None) -> None:
    spoiled = [_spoil(table) for table in _TABLES]
    pages = list(chain.from_iterable(paths_of(address) for address in every_address() if address.name))

    answers = {path: admin_client.get(path) for path in pages}

    shown = {path: answer.getvalue().decode() for path, answer in answers.items() if _is_html(answer)}
    assert spoiled == [1] * len(_TABLES)
    assert [path for path, html in shown.items() if "<script>alert" in html or "<img src=x" in html] == []
    # Were no page to show the text at all, the line above would say nothing.
    assert sum("&lt;script&gt;alert" in html for html in shown.values()) > len(_TABLES)
    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []


def _is_html(answer: HttpResponseBase) -> bool:
    return answer.status_code < 300 and answer.headers["Content-Type"].startswith("text/html")


def _spoil(table: type[Model]) -> int:
    """Write the text into all text columns of the row that the pages are opened by."""
    row = first_row(table)
    assert row is not None
    texts = [column.name for column in table._meta.concrete_fields if isinstance(column, TextField | CharField)]
    values = {name: f"{HOSTILE} {name}" for name in texts}
    return table._default_manager.filter(pk=row.pk).update(**values)
