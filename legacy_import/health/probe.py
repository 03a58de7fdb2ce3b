"""The health probe itself: the facts' JSON handed to each judgement."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from prometheus_client.core import Metric

from legacy_import.health.facts import FACTS_PARAMETERS, FACTS_SQL, LegacyFacts
from legacy_import.health.metrics import divergence_metric, legacy_metrics, quarantine_metric
from legacy_import.health.parts import stale_data_sentences, sync_readiness, validation_readiness
from synapse.kit.panels.health import HealthProbe, Part


def _readiness_parts(found: Mapping[str, Any], now: datetime) -> list[Part]:
    facts = LegacyFacts.from_json(found)
    return [sync_readiness(facts, now, legacy_is_alive=settings.LEGACY_IS_ALIVE), validation_readiness(facts, now)]


def _stale_sentences(found: Mapping[str, Any], now: datetime) -> list[str]:
    return stale_data_sentences(LegacyFacts.from_json(found), now, legacy_is_alive=settings.LEGACY_IS_ALIVE)


def _metric_families(found: Mapping[str, Any], now: datetime) -> Iterable[Metric]:
    return legacy_metrics(LegacyFacts.from_json(found), now)


LEGACY_PROBE: Final = HealthProbe(
    name="legacy import",
    order=10,
    facts_sql=FACTS_SQL,
    facts_parameters=FACTS_PARAMETERS,
    parts=_readiness_parts,
    stale_data_sentences=_stale_sentences,
    metrics=_metric_families,
    database_metrics=(quarantine_metric, divergence_metric),
)
