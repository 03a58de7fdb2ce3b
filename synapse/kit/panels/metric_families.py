"""Metric families in Prometheus' sense: a name, a help line, labels and samples.

A family's name and help are declared where its samples are read; samples of one family may come from several databases.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Samples = Iterable[tuple[Sequence[str], float]]
"""Label values, and the value."""

PER_DATABASE: Final = ("database",)
"""The labels of a family that each database has a sample of."""


def gauge_family(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return a family of values that go up and down."""
    return _with_samples(GaugeMetricFamily(f"synapse_{name}", text, labels=labels), samples)


def counter_family(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return a family of values that only grow, until what counts them starts anew; `_total` is added to the name."""
    return _with_samples(CounterMetricFamily(f"synapse_{name}", text, labels=labels), samples)


def merge_families(groups: Iterable[Iterable[Metric]]) -> list[Metric]:
    """Return each family once, by its name, with the samples of all groups: a scrape must not name a family twice."""
    families: dict[str, Metric] = {}
    for family in (family for group in groups for family in group):
        known = families.setdefault(family.name, family)
        if known is not family:
            known.samples.extend(family.samples)
    return list(families.values())


def seconds_since(moment: datetime, now: datetime) -> float:
    """Return how long ago it was, never negative: clocks of two machines differ."""
    return max(0.0, (now - moment).total_seconds())


def _with_samples(family: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    for labels, value in samples:
        family.add_metric(list(labels), value)
    return family
