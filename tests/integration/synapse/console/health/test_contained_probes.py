"""A probe that fails for a reason nobody foresaw: readiness says so, and all else is answered."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from synapse.console.health.business_core_parts import business_core_parts
from synapse.kit.panels.health import HEALTH_PROBES, Status

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)


def _fail(*_arguments: Any) -> Any:
    raise KeyError("week_theme")


@pytest.fixture(autouse=True)
def _broken_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = HEALTH_PROBES.in_order()
    broken = replace(first, parts=_fail, metrics=_fail, database_metrics=(_fail,))
    monkeypatch.setattr(HEALTH_PROBES, "_panels", [broken, *others])


def test_readiness_names_the_probe_and_the_other_parts() -> None:
    parts = {part.name: part for part in business_core_parts(timezone.now())}

    assert {"broker", "worker", "mail"} < parts.keys()
    failed = parts[HEALTH_PROBES.in_order()[0].name]
    assert failed.status is Status.FAILING
    assert "unforeseen error " in failed.sentence


def test_metrics_have_all_other_families(client: Client, token: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=token)

    names = {family.name for family in text_string_to_metric_families(answer.content.decode())}
    assert {"synapse_database_size_bytes", "synapse_mails_undelivered", "synapse_view_age_seconds"} < names
    assert 'synapse_database_up{database="default"} 1.0' in answer.content.decode()
