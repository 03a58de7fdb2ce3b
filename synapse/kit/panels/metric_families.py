"""Families of metrics: their names and help lines are declared once, the samples come from several databases.

What lives here: the words shared by those who read metrics. What does not: reading.
"""

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Samples = Iterable[tuple[Sequence[str], float]]
"""Label values, and the value."""


def gauge(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return a family of values that go up and down."""
    return _filled(GaugeMetricFamily(f"synapse_{name}", text, labels=labels), samples)


def counter(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return a family of values that only grow until what counts them starts anew; `_total` is added to the name."""
    return _filled(CounterMetricFamily(f"synapse_{name}", text, labels=labels), samples)


def merged(groups: Iterable[Iterable[Metric]]) -> list[Metric]:
    """Return each family once, with the samples of all who brought some."""
    families: dict[str, Metric] = {}
    for family in (family for group in groups for family in group):
        known = families.setdefault(family.name, family)
        if known is not family:
            known.samples.extend(family.samples)
    return list(families.values())


def _filled(family: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    for labels, value in samples:
        family.add_metric(list(labels), value)
    return family
