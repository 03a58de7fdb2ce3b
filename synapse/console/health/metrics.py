"""The metrics in Prometheus' text format, made at each scrape from what the databases hold.

What is read of each database is in business_core_metrics, database_metrics and the apps' probes. Nothing is counted in
this process, so it does not matter which web process answers.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from synapse.console.health.business_core_metrics import business_core_metrics
from synapse.console.health.database_metrics import database_metrics, pool_metrics
from synapse.console.health.deadline_queries import query_each_database
from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.panels.metric_families import merge_families

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_TIMEOUT_SECONDS: Final = 5.0


def metrics_text(now: datetime) -> bytes:
    """Return every metric as of now; a database that does not answer within 5 s is missing but for its `up` of 0."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_ScrapeCollector(now))
    return generate_latest(registry)


class _ScrapeCollector(Collector):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: that would be a scrape of its own."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Ask the databases."""
        started = time.monotonic()
        answers = query_each_database(
            {alias: partial(_read_database_metrics, alias, self._now) for alias in ALIASES}, seconds=_TIMEOUT_SECONDS
        )
        up = GaugeMetricFamily("synapse_database_up", "Whether the database answered.", labels=["database"])
        for alias, answer in answers.items():
            up.add_metric([alias], float(answer.value is not None))
        yield up
        yield from merge_families([*(answer.value or [] for answer in answers.values()), pool_metrics()])
        took = "How long it took to ask the databases for these metrics."
        yield GaugeMetricFamily("synapse_scrape_duration_seconds", took, value=time.monotonic() - started)


def _read_database_metrics(alias: str, now: datetime) -> list[Metric]:
    core = business_core_metrics(now) if alias == BUSINESS_CORE else []
    return [*core, *database_metrics(alias, now)]
